import { CircleAlert, CircleCheck, History, TriangleAlert } from 'lucide-react';
import type { DeepHealth } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { useNow } from '../../../../ui/use-now.ts';
import { type Alert, alertTitle } from '../model/alerts.ts';
import type { Freshness } from '../model/freshness.ts';
import { type StatusWords, statusSentence } from '../model/status-sentence.ts';

const LOOKS = {
  ok: { Icon: CircleCheck, text: 'text-ok', box: 'border-ok/40 bg-ok/10' },
  warn: { Icon: TriangleAlert, text: 'text-warn', box: 'border-warn/40 bg-warn/10' },
  bad: { Icon: CircleAlert, text: 'text-bad', box: 'border-bad/40 bg-bad-soft' },
  quiet: { Icon: History, text: 'text-muted', box: 'border-line-strong border-dashed bg-surface' },
} as const;

export interface StatusSentenceProps {
  health: DeepHealth | undefined;
  alerts: readonly Alert[];
  freshness: Freshness;
}

export function StatusSentence({ health, alerts, freshness }: StatusSentenceProps) {
  const { tone, sentence } = statusSentence(health, alerts, freshness, useNow());
  const { Icon, text, box } = LOOKS[tone];
  return (
    <section aria-label="Status at a glance" className={cx('rounded-lg border px-3 py-2', box)}>
      <p className="flex items-start gap-2 font-medium text-[14px]">
        <Icon aria-hidden="true" className={cx('mt-0.5 size-4 shrink-0', text)} />
        <span className="min-w-0 tabular-nums [overflow-wrap:anywhere]">{visibleText(sentence)}</span>
      </p>
      {/* The sentence counts seconds: only what changes in it is announced. */}
      <span role="status" className="sr-only">
        {spoken(tone, alerts, freshness)}
      </span>
    </section>
  );
}

function spoken(tone: StatusWords['tone'], [worst]: readonly Alert[], { kind }: Freshness): string {
  if (kind === 'offline') return 'Archon cannot be reached.';
  if (kind === 'late') return 'Archon does not answer.';
  if (tone === 'quiet') return 'Auto-refresh is off.';
  return worst === undefined ? 'All is well.' : `${alertTitle(worst)}.`;
}
