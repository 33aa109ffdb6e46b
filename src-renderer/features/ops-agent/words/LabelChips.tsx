import type { OpsLabels } from '../../../../src-contract/index.ts';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { labelWords } from './labels.ts';

const SHOWN = 120;

/** What tells an alert, a series or a target apart: small, each name with its value. Nothing without labels. */
export function LabelChips({ labels, className = '' }: { labels: OpsLabels; className?: string }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <span
      title={labelWords(labels)}
      className={`inline-flex min-w-0 max-w-full flex-wrap gap-1 align-middle ${className}`}
    >
      {entries.map(([name, value]) => (
        <span
          key={name}
          className="one-line max-w-64 rounded border border-line bg-raised px-1.5 text-[11px] text-text leading-[18px]"
        >
          <span className="text-muted">{excerpt(name, SHOWN)}: </span>
          <span dir="auto">{excerpt(value, SHOWN)}</span>
        </span>
      ))}
    </span>
  );
}
