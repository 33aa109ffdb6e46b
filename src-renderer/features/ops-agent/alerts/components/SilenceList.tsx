/** Silences and maintenance windows: which hold, which wait, which are over. */
import { BellOff, CalendarClock, CalendarPlus } from 'lucide-react';
import { useState } from 'react';
import type { OpsSilence } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { dayAndClock, plural } from '../../../../ui/format.ts';
import { RowHeading } from '../../../../ui/RowHeading.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { matcherWords } from '../../fields/pairs.ts';
import type { useAlertChanges } from '../hooks/use-alert-changes.ts';
import { useSilences } from '../hooks/use-silences.ts';
import type { SilenceForm } from '../model/silence-form.ts';
import { inOrder, SILENCE_STATES, timeWords } from '../model/silence-words.ts';

export interface SilenceListProps {
  changes: ReturnType<typeof useAlertChanges>;
  onNew(kind: SilenceForm['kind']): void;
}

export function SilenceList({ changes, onNew }: SilenceListProps) {
  const query = useSilences();
  const [ending, setEnding] = useState<OpsSilence>();
  const { blocked } = changes;
  const buttons = (
    <>
      <Button look="primary" icon={<BellOff className="size-3.5" />} blocked={blocked} onClick={() => onNew('once')}>
        New silence
      </Button>
      <Button icon={<CalendarPlus className="size-3.5" />} blocked={blocked} onClick={() => onNew('weekly')}>
        New maintenance window
      </Button>
    </>
  );
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const silences = inOrder(query.data.items);
  if (silences.length === 0) {
    return (
      <EmptyState icon={<BellOff />} title="Nothing is kept quiet" actions={buttons}>
        A silence keeps alerts from being sent for a while, a maintenance window at the same time of every week. They
        are shown still.
      </EmptyState>
    );
  }
  return (
    <>
      <div className="flex items-center gap-2 border-line border-b px-3 py-2">{buttons}</div>
      <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3" tabIndex={0} role="region" aria-label="Silences">
        {query.isError && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
        <ul aria-label="Silences and maintenance windows" className="space-y-2">
          {silences.map((silence) => (
            <SilenceRow key={silence.id} silence={silence} blocked={blocked} onEnd={() => setEnding(silence)} />
          ))}
        </ul>
      </div>
      {ending !== undefined && (
        <Confirm
          open
          onOpenChange={(isOpen) => !isOpen && setEnding(undefined)}
          title="End it now?"
          action="End it"
          busy={changes.isBusy}
          onConfirm={() => void changes.endSilence(ending.id).then((isDone) => isDone && setEnding(undefined))}
        >
          {ending.silenced > 0
            ? `${plural(ending.silenced, 'alert')} that it keeps quiet will be told.`
            : 'It keeps no alert quiet at the moment.'}{' '}
          {ending.time.kind === 'weekly' && 'The window does not come back. '}
          It stays in the list for 30 days.
        </Confirm>
      )}
    </>
  );
}

interface SilenceRowProps {
  silence: OpsSilence;
  blocked: string | undefined;
  onEnd(): void;
}

function SilenceRow({ silence, blocked, onEnd }: SilenceRowProps) {
  const { matchers, time, hold_actions, reason, created_by, created_at, ended, status, silenced } = silence;
  const isOver = status === 'over';
  return (
    <li
      aria-label={visibleText(reason)}
      className={`rounded-lg border border-line bg-surface px-4 py-3 ${isOver ? 'opacity-80' : ''}`}
    >
      <RowHeading
        Icon={time.kind === 'once' ? BellOff : CalendarClock}
        name={visibleText(reason)}
        state={{ text: SILENCE_STATES[status].label, tone: SILENCE_STATES[status].tone }}
        badges={
          <>
            {status === 'holds' && <Badge className="shrink-0">{plural(silenced, 'alert')} quiet</Badge>}
            {hold_actions && <Badge className="shrink-0">actions held</Badge>}
          </>
        }
        actions={
          isOver ? null : (
            <Button size="small" blocked={blocked} onClick={onEnd}>
              End now
            </Button>
          )
        }
      >
        <span className="block text-text">{matcherWords(matchers)}</span>
        <span className="block">{timeWords(time)}</span>
        <span className="block text-faint">
          by {visibleText(created_by)}, <Ago time={created_at} />
          {ended !== null && ` · ended by ${visibleText(ended.by)}, ${dayAndClock(ended.at)}`}
        </span>
      </RowHeading>
    </li>
  );
}
