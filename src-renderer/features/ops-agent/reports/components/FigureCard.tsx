import { ArrowDown, ArrowUp, Equal } from 'lucide-react';
import type { OpsReportFigure } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { unitValue } from '../../words/signal-value.ts';
import { comparisonOf } from '../model/comparison.ts';

const ICONS = { up: ArrowUp, down: ArrowDown, same: Equal } as const;
const VERDICTS = {
  good: { text: 'text-ok', word: 'better' },
  bad: { text: 'text-bad', word: 'worse' },
  neither: { text: 'text-muted', word: '' },
} as const;

/** One figure, and how it was before. */
export function FigureCard({ figure }: { figure: OpsReportFigure }) {
  const { title, unit, value, day_before, week } = figure;
  return (
    <li className="space-y-1 rounded-lg border border-line bg-surface px-3 py-2">
      <p className="one-line text-muted text-xs" title={visibleText(title)}>
        {visibleText(title)}
      </p>
      <p className={cx('font-semibold text-lg tabular-nums leading-tight', value === null && 'text-faint')}>
        {value === null ? 'not recorded' : unitValue(unit, value)}
      </p>
      <dl className="space-y-0.5 text-[11px]">
        <Before figure={figure} before={day_before} name="Day before" />
        <Before figure={figure} before={week} name="7 days" />
      </dl>
    </li>
  );
}

interface BeforeProps {
  figure: OpsReportFigure;
  before: number | null;
  name: string;
}

function Before({ figure, before, name }: BeforeProps) {
  const comparison = comparisonOf(figure, before);
  return (
    <div className="flex items-center gap-1">
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 flex-1 items-center justify-end gap-1 tabular-nums">
        {before === null ? <span className="text-faint">–</span> : <span>{unitValue(figure.unit, before)}</span>}
        {comparison && <Change {...comparison} />}
      </dd>
    </div>
  );
}

function Change({ direction, change, verdict }: NonNullable<ReturnType<typeof comparisonOf>>) {
  const Icon = ICONS[direction];
  const { text, word } = VERDICTS[verdict];
  return (
    <span className={cx('inline-flex items-center whitespace-nowrap', text)}>
      <Icon aria-hidden="true" className="size-3" />
      {direction === 'same' ? <span className="sr-only">{change}</span> : change}
      {word !== '' && <span className="sr-only"> ({word})</span>}
    </span>
  );
}
