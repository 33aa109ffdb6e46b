import { OctagonPause } from 'lucide-react';
import type { OpsPause } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { useNow } from '../../../../ui/use-now.ts';
import { pauseEnd } from '../model/agent-words.ts';

/** Who has paused the agent, until when and why: as long as nothing heals by itself, everybody should see it. */
export function PauseNotice({ paused: { by, at, reason, until } }: { paused: OpsPause }) {
  const now_ms = useNow();
  return (
    <section
      aria-label="Paused"
      className="flex items-start gap-2 rounded-lg border border-warn/40 bg-warn/10 px-3 py-2"
    >
      <OctagonPause aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warn" />
      <p className="min-w-0 [overflow-wrap:anywhere]">
        <strong className="font-medium">Paused by {visibleText(by)}</strong> <Ago time={at} />,{' '}
        {pauseEnd(until, now_ms)}.
        {reason !== null && (
          <span dir="auto" className="block">
            “{visibleText(reason)}”
          </span>
        )}
        <span className="block text-muted text-xs">
          Alerts go on and are sent. What a person does here is done all the same.
        </span>
      </p>
    </section>
  );
}
