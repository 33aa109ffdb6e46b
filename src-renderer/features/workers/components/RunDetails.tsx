/** One run of the log, whole: what has no room in its row. */
import { X } from 'lucide-react';
import type { WorkerRunEntry } from '../../../../src-contract/index.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../ui/DetailRow.tsx';
import { fullTime } from '../../../ui/format.ts';
import { OUTCOMES, TRIGGERS, workWords } from '../worker-words.ts';

export function RunDetails({ run, onClose }: { run: WorkerRunEntry; onClose(): void }) {
  const {
    status,
    trigger,
    requested_by,
    attempt,
    resumes,
    node_name,
    node_id,
    queued_at,
    started_at,
    ended_at,
    error,
  } = run;
  return (
    <section
      aria-label="Details of the run"
      tabIndex={0}
      className="max-h-[45%] shrink-0 overflow-y-auto border-line-strong border-t bg-raised p-3 text-xs"
    >
      <header className="mb-2 flex items-center gap-2">
        <h3 className="flex-1 font-semibold">
          {OUTCOMES[status].label}: {workWords(run.items, run.changed)}
        </h3>
        <CopyButton what="Copy the run as JSON" text={() => JSON.stringify(run, null, 2)} />
        <IconButton label="Close the details of the run" icon={<X className="size-4" />} onClick={onClose} />
      </header>
      <dl className="grid grid-cols-[110px_minmax(0,1fr)] gap-y-1">
        <DetailRow name="Asked for">
          {fullTime(queued_at)}, {TRIGGERS[trigger].toLowerCase()}
          {requested_by !== null && ` (${visibleText(requested_by)})`}
        </DetailRow>
        <DetailRow name="Started">{started_at === null ? 'not yet' : fullTime(started_at)}</DetailRow>
        <DetailRow name="Ended">{ended_at === null ? 'not yet' : fullTime(ended_at)}</DetailRow>
        <DetailRow name="Attempt">
          {attempt}
          {resumes !== null && `, goes on with the run ${resumes}`}
        </DetailRow>
        <DetailRow name="Node">
          {node_id === null ? 'none yet' : `${visibleText(node_name ?? '')} (${node_id})`}
        </DetailRow>
        <DetailRow name="Run">{run.run_id}</DetailRow>
        {error !== null && (
          <DetailRow name="Error">
            <span className="content-text text-bad">{visibleText(error)}</span>{' '}
            <CopyButton what="Copy the error" text={error} />
          </DetailRow>
        )}
      </dl>
    </section>
  );
}
