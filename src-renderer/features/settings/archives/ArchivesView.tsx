/** Archives: memory to look at without its server, taken, opened and compared. */
import { Archive, Camera, FolderOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Snapshot } from '../../../../src-contract/index.ts';
import { useProfiles } from '../../../app/profile/use-profiles.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { ComparePanel } from './components/ComparePanel.tsx';
import { ComparisonResult } from './components/ComparisonResult.tsx';
import { ComparisonRow } from './components/ComparisonRow.tsx';
import { OpenArchiveDialog } from './components/OpenArchiveDialog.tsx';
import { SnapshotRow } from './components/SnapshotRow.tsx';
import { TakeSnapshotDialog } from './components/TakeSnapshotDialog.tsx';
import { useComparisons } from './hooks/use-comparisons.ts';
import { useSnapshots } from './hooks/use-snapshots.ts';

export function ArchivesView() {
  const [dialog, setDialog] = useState<'take' | 'open'>();
  const [shown, show] = useState<string>();
  const snapshots = useSnapshots();
  const comparisons = useComparisons();
  const profiles = useProfiles();
  const { refetch } = profiles;
  const items = snapshots.data?.items;
  const copies =
    items?.filter((snapshot) => snapshot.state === 'succeeded' && snapshot.profile_id !== null).length ?? 0;
  // Another copy is another profile.
  useEffect(() => {
    if (copies > 0) void refetch();
  }, [copies, refetch]);
  const found = comparisons.data?.items.find(({ comparison_id }) => comparison_id === shown);
  if (found?.state === 'succeeded') {
    return <ComparisonResult key={found.comparison_id} comparison={found} onBack={() => show(undefined)} />;
  }
  const copyOf = (snapshot: Snapshot) =>
    snapshot.state === 'succeeded'
      ? profiles.data?.items.find(({ profile_id }) => profile_id === snapshot.profile_id)
      : undefined;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-5xl space-y-4 p-4">
        <h2 className="sr-only">Archives</h2>
        <Card
          title="Snapshots and archives"
          actions={
            <>
              <Button
                size="small"
                icon={<FolderOpen aria-hidden="true" className="size-3.5" />}
                onClick={() => setDialog('open')}
              >
                Open an archive …
              </Button>
              <Button
                size="small"
                look="primary"
                icon={<Camera aria-hidden="true" className="size-3.5" />}
                onClick={() => setDialog('take')}
              >
                Take a snapshot …
              </Button>
            </>
          }
        >
          {snapshots.error && items && (
            <div className="p-2">
              <StaleNotice error={snapshots.error} onRetry={() => void snapshots.refetch()} />
            </div>
          )}
          {items === undefined ? (
            snapshots.error ? (
              <ErrorState error={snapshots.error} onRetry={() => void snapshots.refetch()} />
            ) : (
              <SkeletonRows rows={3} />
            )
          ) : items.length === 0 ? (
            <EmptyState icon={<Archive />} title="Nothing was taken or opened yet">
              A snapshot keeps memory as it is now, to be looked at without the database it comes from. An archive that
              is opened becomes a copy of its own; nothing else is touched.
            </EmptyState>
          ) : (
            <ul aria-label="Snapshots and archives" className="max-h-[26rem] overflow-y-auto">
              {items.map((snapshot) => {
                const copy = copyOf(snapshot);
                return (
                  <SnapshotRow
                    key={snapshot.snapshot_id}
                    snapshot={snapshot}
                    copy={copy}
                    isOpen={copy !== undefined && copy.profile_id === profiles.data?.state.active}
                  />
                );
              })}
            </ul>
          )}
        </Card>
        <Card title="Compare two archives">
          <ComparePanel snapshots={items ?? []} onStarted={show} />
          {comparisons.data && comparisons.data.items.length > 0 && (
            <ul aria-label="Last comparisons">
              {comparisons.data.items.map((comparison) => (
                <ComparisonRow
                  key={comparison.comparison_id}
                  comparison={comparison}
                  onShow={() => show(comparison.comparison_id)}
                />
              ))}
            </ul>
          )}
        </Card>
      </div>
      {dialog === 'take' && <TakeSnapshotDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'open' && <OpenArchiveDialog onClose={() => setDialog(undefined)} />}
    </div>
  );
}
