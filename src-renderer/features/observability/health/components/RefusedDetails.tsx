/** One refused write, whole, and what can be done with it. */
import { RotateCcw, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import type { RefusedWrite } from '../../../../../src-contract/index.ts';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { fullTime } from '../../../../ui/format.ts';
import { JsonViewer } from '../../../../ui/JsonViewer.tsx';
import { useRefusedActions } from '../hooks/use-refused-writes.ts';

export function RefusedDetails({ write, onClose }: { write: RefusedWrite; onClose(): void }) {
  const { busy, blocked, retry, discard } = useRefusedActions();
  const [isAsking, setAsking] = useState(false);
  const { operation, store, user_id, ids, actor, queued_at, refused_at, error, input } = write;
  return (
    <section
      aria-label="Details of the refused write"
      tabIndex={0}
      className="max-h-[60%] shrink-0 space-y-3 overflow-y-auto border-line-strong border-t bg-raised p-3 text-xs"
    >
      <header className="flex flex-wrap items-center gap-2">
        <h3 className="one-line flex-1 font-semibold">{operation}</h3>
        <Button
          size="small"
          icon={<RotateCcw aria-hidden="true" className="size-3.5" />}
          busy={busy === 'retry'}
          disabled={busy !== undefined}
          blocked={blocked}
          onClick={() => void retry(write)}
        >
          Retry
        </Button>
        <Button
          size="small"
          icon={<Trash2 aria-hidden="true" className="size-3.5" />}
          disabled={busy !== undefined}
          blocked={blocked}
          onClick={() => setAsking(true)}
        >
          Discard
        </Button>
        <CopyButton what="Copy the write as JSON" text={() => JSON.stringify(write, null, 2)} />
        <IconButton label="Close the details of the write" icon={<X className="size-4" />} onClick={onClose} />
      </header>
      <dl className="grid grid-cols-[90px_minmax(0,1fr)] gap-y-1">
        <DetailRow name="Why">
          <span className="content-text text-bad">{visibleText(localTimes(error.message))}</span>{' '}
          <span className="text-faint">({error.code})</span>
        </DetailRow>
        <DetailRow name="Queued">
          {fullTime(queued_at)} by {visibleText(actor)}
        </DetailRow>
        <DetailRow name="Refused">
          {fullTime(refused_at)} by the {store === 'database' ? 'database' : 'store of the sessions'}
        </DetailRow>
        {user_id !== null && <DetailRow name="User">{visibleText(user_id)}</DetailRow>}
        <DetailRow name="About">{ids.join(', ')}</DetailRow>
      </dl>
      <JsonViewer label="The request" value={input} />
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Discard this write?"
        action="Discard it"
        cancel="Keep it"
        busy={busy === 'discard'}
        onConfirm={() => void discard(write).then((isDone) => isDone && setAsking(false))}
      >
        What was to be written is lost for good, and cannot be brought back. Copy it first if somebody may need it.
      </Confirm>
    </section>
  );
}
