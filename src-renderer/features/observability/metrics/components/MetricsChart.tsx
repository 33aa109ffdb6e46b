/** One chart: its lines over time, their values at the crosshair, and the ways to look at it closer or to take it along. */
import { FileImage, FileSpreadsheet, Maximize2, Minimize2, MoreHorizontal, Table2 } from 'lucide-react';
import { memo, type ReactNode, useCallback, useMemo, useRef } from 'react';
import { toast } from 'sonner';
import { problemOf } from '../../../../rpc/errors.ts';
import { IconButton } from '../../../../ui/Button.tsx';
import { CrosshairTime } from '../../../../ui/charts/CrosshairTime.tsx';
import { lineImage } from '../../../../ui/charts/chart-image.ts';
import type { ChartSync } from '../../../../ui/charts/chart-sync.ts';
import { Legend } from '../../../../ui/charts/Legend.tsx';
import { LineChart } from '../../../../ui/charts/LineChart.tsx';
import type { Plot } from '../../../../ui/charts/line-plot.ts';
import { stepWords } from '../../../../ui/charts/time-ticks.ts';
import { cx } from '../../../../ui/classes.ts';
import { Menu, MenuItem } from '../../../../ui/Menu.tsx';
import { saveFile, saveText } from '../../../../ui/save-text.ts';
import type { RangeHistory } from '../hooks/use-metric-history.ts';
import { chartData, gapsOf, lastStep, loneValues, stepAt, valueWords } from '../model/chart-data.ts';
import type { ChartId } from '../model/chart-ids.ts';
import type { ChartDefinition } from '../model/charts.ts';
import { CSV_TYPE, chartCsv, fileName } from '../model/csv.ts';
import { figure, tickSteps } from '../model/figures.ts';
import { spanWords } from '../model/range-words.ts';

/** What every chart of the page is given, whatever it draws. */
export interface ChartProps {
  chart: ChartDefinition;
  given: RangeHistory;
  sync: ChartSync;
  /** Shown alone, as large as the page. */
  isLarge: boolean;
  onLarge(chart: ChartId | undefined): void;
  onTable(chart: ChartId): void;
  /** A stretch was chosen, in seconds since the epoch. */
  onSelect(from: number, to: number): void;
  onReset(): void;
}

export interface MetricsChartProps extends ChartProps {
  hidden: ReadonlySet<string>;
  onHide(chart: ChartId, keys: ReadonlySet<string>): void;
}

export const MetricsChart = memo(function MetricsChart(props: MetricsChartProps) {
  const { chart, given, sync, hidden, onHide, onSelect, onReset, isLarge } = props;
  const { frame } = given;
  const data = useMemo(() => chartData(chart, given.history, frame), [chart, given.history, frame]);
  const plot = useMemo(
    (): Plot => ({
      times: frame.times,
      from: frame.from,
      to: frame.to,
      latest: lastStep(frame),
      lines: data.lines,
      gaps: gapsOf(frame),
      words: (value) => figure(chart.unit, value),
      steps: tickSteps(chart.unit),
      ...(chart.isShare ? { most: 1 } : {}),
      ...(chart.isDots ? { isDots: true } : {}),
      lone: loneValues,
    }),
    [chart, data, frame],
  );
  const valuesAt = (step: number) => data.lines.map(({ values }) => valueWords(chart, frame, values, step));
  const describe = (step: number) => {
    const values = valuesAt(step).map((words, i) => `${data.lines[i]?.label ?? ''} ${words}`);
    return `${stepWords(frame.times[step] ?? frame.from)}: ${values.join(', ')}`;
  };
  return (
    <ChartCard
      {...props}
      csv={() => chartCsv(chart, data)}
      image={() => lineImage(imageWords(chart, given), plot, hidden)}
    >
      <div className="px-2">
        <Legend
          label={`Lines of ${chart.title}`}
          lines={data.lines}
          hidden={hidden}
          onHide={(keys) => onHide(chart.id, keys)}
          sync={sync}
          valuesAt={(time) => valuesAt((time === null ? undefined : stepAt(frame, time)) ?? lastStep(frame))}
        />
      </div>
      <LineChart
        label={`${chart.title}, over time`}
        plot={plot}
        hidden={hidden}
        sync={sync}
        describe={describe}
        onSelect={onSelect}
        onReset={onReset}
        className={cx('focus-visible:-outline-offset-2', isLarge ? 'min-h-0 flex-1' : 'h-40')}
      />
    </ChartCard>
  );
});

export const imageWords = ({ title }: ChartDefinition, { frame }: RangeHistory) => ({
  title,
  subtitle: spanWords({ from_ms: frame.from * 1000, to_ms: frame.to * 1000 }),
});

interface ChartCardProps extends ChartProps {
  csv(): string;
  image(): Promise<Blob>;
  children: ReactNode;
}

/** The frame of a chart, with what can be done with it. */
export function ChartCard({ chart, given, sync, isLarge, onLarge, onTable, csv, image, children }: ChartCardProps) {
  const current = useRef({ csv, image, from: given.frame.from });
  current.current = { csv, image, from: given.frame.from };
  const onCsv = useCallback(() => {
    saveText(fileName(chart.id, current.current.from, 'csv'), current.current.csv(), CSV_TYPE);
  }, [chart.id]);
  const onImage = useCallback(async () => {
    try {
      saveFile(fileName(chart.id, current.current.from, 'png'), await current.current.image());
    } catch (error) {
      toast.error(`The picture could not be saved: ${problemOf(error).message}`);
    }
  }, [chart.id]);
  return (
    <article
      aria-label={chart.title}
      className={cx(
        'flex min-w-0 flex-col rounded-lg border border-line bg-surface pb-1',
        isLarge && 'min-h-72 flex-1',
      )}
    >
      <ChartHeader {...{ chart, sync, isLarge, onLarge, onTable, onCsv, onImage }} />
      {children}
    </article>
  );
}

type ChartHeaderProps = Pick<ChartProps, 'chart' | 'sync' | 'isLarge' | 'onLarge' | 'onTable'> & {
  onCsv(): void;
  onImage(): Promise<void>;
};

/** Stays as it is while figures come. */
const ChartHeader = memo(function ChartHeader(props: ChartHeaderProps) {
  const { chart, sync, isLarge, onLarge, onTable, onCsv, onImage } = props;
  return (
    <header className="flex h-9 items-center gap-1 pr-1 pl-3">
      <h3 className="one-line flex-1 font-semibold text-[13px]">{chart.title}</h3>
      <CrosshairTime sync={sync} className="text-[11px] text-faint tabular-nums" />
      <IconButton
        label={isLarge ? 'Show all charts' : `Show large: ${chart.title}`}
        data-large={chart.id}
        icon={isLarge ? <Minimize2 className="size-3.5" /> : <Maximize2 className="size-3.5" />}
        onClick={() => onLarge(isLarge ? undefined : chart.id)}
      />
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`More: ${chart.title}`}
            className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
          >
            <MoreHorizontal aria-hidden="true" className="size-4" />
          </button>
        }
      >
        <MenuItem icon={<Table2 />} onSelect={() => onTable(chart.id)}>
          Show as a table
        </MenuItem>
        <MenuItem icon={<FileSpreadsheet />} onSelect={onCsv}>
          Save as CSV
        </MenuItem>
        <MenuItem icon={<FileImage />} onSelect={() => void onImage()}>
          Save as PNG
        </MenuItem>
      </Menu>
    </header>
  );
});
