/** One snapshot or opened archive of the list, with what can be done about it. */
import { Archive, HardDrive, X } from 'lucide-react';
import { useState } from 'react';
import type { Profile, Snapshot } from '../../../../../src-contract/index.ts';
import { useSwitch } from '../../../../app/profile/switch-store.ts';
import { client } from '../../../../rpc/client.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { bytes, dayAndClock } from '../../../../ui/format.ts';
import { Progress } from '../../../../ui/Progress.tsx';
import { RowHeading } from '../../../../ui/RowHeading.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { SaveArchive } from '../../../transfer/components/SaveExport.tsx';
import { outcomeOf, progressInWords, shareOf, whose } from '../archive-words.ts';
import { useOfflineAction } from '../hooks/use-snapshots.ts';

interface SnapshotRowProps {
  snapshot: Snapshot;
  /** The profile it became, as long as it is there. */
  copy: Profile | undefined;
  isOpen: boolean;
}

export function SnapshotRow({ snapshot, copy, isOpen }: SnapshotRowProps) {
  const name = visibleText(snapshot.name);
  return (
    <li aria-label={name} className="space-y-2 border-line border-t px-3 py-2.5 first:border-t-0">
      <RowHeading
        Icon={snapshot.into === 'copy' ? HardDrive : Archive}
        name={name}
        state={outcomeOf(snapshot)}
        badges={isOpen && <Badge tone="accent">Open now</Badge>}
        actions={<Actions snapshot={snapshot} name={name} copy={isOpen ? undefined : copy} />}
      >
        Of {excerpt(snapshot.source, 80)}, {whose(snapshot.users)} · started <Ago time={snapshot.started_at} />
        {snapshot.state === 'succeeded' && ` · shows ${dayAndClock(snapshot.taken_at)}`}
        {snapshot.state === 'succeeded' && snapshot.archive && ` · ${bytes(snapshot.archive.bytes)}`}
      </RowHeading>
      <Standing snapshot={snapshot} name={name} />
    </li>
  );
}

function Standing({ snapshot, name }: { snapshot: Snapshot; name: string }) {
  switch (snapshot.state) {
    case 'running':
    case 'paused':
      return (
        <div className="space-y-1 pl-7">
          <Progress label={`Progress of ${name}`} value={shareOf(snapshot)} />
          <p className="text-muted text-xs tabular-nums">{progressInWords(snapshot)}</p>
          {snapshot.state === 'paused' && snapshot.reason !== null && (
            <p role="status" className="content-text text-warn text-xs">
              {visibleText(snapshot.reason)}
            </p>
          )}
        </div>
      );
    case 'failed':
      return (
        <p role="status" className="content-text pl-7 text-bad text-xs">
          {visibleText(snapshot.failure)}
        </p>
      );
    case 'succeeded':
    case 'cancelled':
      return null;
  }
}

interface ActionsProps {
  snapshot: Snapshot;
  name: string;
  /** What can be opened. */
  copy: Profile | undefined;
}

function Actions({ snapshot, name, copy }: ActionsProps) {
  const { busy, run } = useOfflineAction();
  const askToOpen = useSwitch((store) => store.ask);
  const [asking, setAsking] = useState(false);
  const { snapshot_id } = snapshot;
  const forget = async () => {
    await run(() => client.offline.forget({ snapshot_id }));
    setAsking(false);
  };
  const hasFile = snapshot.state === 'succeeded' && snapshot.archive !== null;
  return (
    <div className="flex shrink-0 items-center gap-1.5">
      {snapshot.state === 'running' && (
        <Button size="small" busy={busy} onClick={() => run(() => client.offline.pause({ snapshot_id }))}>
          Pause
        </Button>
      )}
      {snapshot.state === 'paused' && (
        <Button size="small" busy={busy} onClick={() => run(() => client.offline.resume({ snapshot_id }))}>
          Resume
        </Button>
      )}
      {(snapshot.state === 'running' || snapshot.state === 'paused') && (
        <Button
          size="small"
          look="ghost"
          disabled={busy}
          onClick={() => run(() => client.offline.cancel({ snapshot_id }))}
        >
          Cancel
        </Button>
      )}
      {snapshot.state === 'succeeded' && snapshot.archive && (
        <SaveArchive
          id={snapshot_id}
          href={`/api/offline/snapshots/${snapshot_id}/file`}
          file_name={snapshot.archive.file_name}
        />
      )}
      {snapshot.state === 'succeeded' && snapshot.archive && (
        <Button
          size="small"
          busy={busy}
          onClick={() =>
            run(() => client.offline.openArchive({ name: snapshot.name, source: { kind: 'snapshot', snapshot_id } }))
          }
        >
          Open as a copy
        </Button>
      )}
      {copy && (
        <Button size="small" disabled={busy} onClick={() => askToOpen(copy)}>
          Open
        </Button>
      )}
      {snapshot.state !== 'running' && snapshot.state !== 'paused' && (
        <IconButton
          label={`Forget ${name}`}
          disabled={busy}
          icon={<X aria-hidden="true" className="size-4" />}
          onClick={() => (hasFile ? setAsking(true) : void forget())}
        />
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Delete this archive?"
        action="Delete the archive"
        busy={busy}
        onConfirm={forget}
      >
        It is deleted from Archon’s data folder. Copies you have saved or opened stay.
      </Confirm>
    </div>
  );
}
