/** The figures of a chart as a table: for who does not see the lines, and for who wants the numbers. */
import { FileSpreadsheet } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { Button } from '../../../../ui/Button.tsx';
import type { ChartSync } from '../../../../ui/charts/chart-sync.ts';
import { stepWords } from '../../../../ui/charts/time-ticks.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { fullTime, plural } from '../../../../ui/format.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { saveText } from '../../../../ui/save-text.ts';
import type { RangeHistory } from '../hooks/use-metric-history.ts';
import { type ChartData, type ChartLine, chartData, valueWords } from '../model/chart-data.ts';
import type { ChartDefinition } from '../model/charts.ts';
import { CSV_TYPE, chartCsv, fileName, isoOf } from '../model/csv.ts';
import { figure } from '../model/figures.ts';

export interface ChartTableProps {
  chart: ChartDefinition;
  given: RangeHistory;
  sync: ChartSync;
  onClose(): void;
}

interface StepRow {
  id: string;
  step: number;
  time: number;
}

export function ChartTable({ chart, given, sync, onClose }: ChartTableProps) {
  const { history, frame } = given;
  const scroll = useRef<HTMLDivElement>(null);
  const data = useMemo(() => chartData(chart, history, frame), [chart, history, frame]);
  // The newest first; steps that can have no figures yet are none.
  const rows = useMemo(
    () =>
      frame.times
        .slice(0, frame.open_from)
        .map((time, step): StepRow => ({ id: isoOf(time), step, time }))
        .toReversed(),
    [frame],
  );
  return (
    <Drawer
      label={`Table of ${chart.title}`}
      isWide
      onClose={onClose}
      heading={
        <>
          <h2 className="one-line flex-1 font-semibold text-[15px]">{chart.title}</h2>
          <Button
            size="small"
            icon={<FileSpreadsheet className="size-3.5" />}
            onClick={() => saveText(fileName(chart.id, frame.from, 'csv'), chartCsv(chart, data), CSV_TYPE)}
          >
            Save as CSV
          </Button>
        </>
      }
    >
      <RowGrid
        label={`Figures of ${chart.title}`}
        items={rows}
        columns={columnsOf(chart, data)}
        openId={undefined}
        // Shows in the charts where the row is.
        onOpen={({ time }) => sync.move(time + frame.step / 2)}
        count={`${plural(rows.length, 'step')} of ${stepLength(frame.step)}`}
        scrollRef={scroll}
      />
    </Drawer>
  );
}

const stepLength = (seconds: number): string => (seconds < 60 ? `${seconds} s` : `${seconds / 60} min`);

function columnsOf(chart: ChartDefinition, { frame, lines }: ChartData): Column<StepRow>[] {
  return [
    {
      name: 'time',
      heading: 'Time',
      width: '124px',
      title: ({ id }) => fullTime(id),
      cell: ({ id, time }) => <time dateTime={id}>{stepWords(time)}</time>,
      className: 'one-line tabular-nums',
    },
    ...lines.map((line): Column<StepRow> => {
      const words = ({ step }: StepRow) => valueWords(chart, frame, line.values, step) + rangeWords(chart, line, step);
      return {
        name: line.key,
        heading: line.label,
        width: 'minmax(72px,1fr)',
        align: 'right',
        title: words,
        cell: words,
        className: 'one-line tabular-nums',
      };
    }),
  ];
}

/** ` (3–7)`: the lowest and the highest reading, where they differ. */
function rangeWords({ unit }: ChartDefinition, { range }: ChartLine, step: number): string {
  const low = range?.low[step] ?? null;
  const high = range?.high[step] ?? null;
  return low === null || high === null || low === high ? '' : ` (${figure(unit, low)} – ${figure(unit, high)})`;
}
