/** Everything about one worker, over the page it was opened from. */
import type { Worker } from '../../../../src-contract/index.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Drawer } from '../../../ui/Drawer.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/Tabs.tsx';
import { useWorkerSteering } from '../hooks/use-worker-steering.ts';
import { useWorkerList } from '../hooks/use-workers.ts';
import type { WorkerView } from '../workers-search.ts';
import { RunLog } from './RunLog.tsx';
import { StateBadge } from './StateLine.tsx';
import { ActionQuestions } from './WorkerActions.tsx';
import { WorkerFacts } from './WorkerFacts.tsx';

export interface WorkerDrawerProps {
  name: string;
  view: WorkerView;
  isFailedOnly: boolean;
  onView(view: WorkerView): void;
  onFailedOnly(isFailedOnly: boolean): void;
  onClose(): void;
}

export function WorkerDrawer({ name, onClose, ...rest }: WorkerDrawerProps) {
  const list = useWorkerList();
  const worker = list.data?.items.find((each) => each.name === name);
  return (
    <Drawer
      label="Worker details"
      isWide
      onClose={onClose}
      heading={
        worker && (
          <>
            <h2 className="one-line font-semibold text-[15px]">{worker.title}</h2>
            <StateBadge worker={worker} />
          </>
        )
      }
    >
      {worker ? (
        <Details key={name} worker={worker} {...rest} />
      ) : list.data ? (
        <EmptyState title="There is no such worker here">
          <span className="[overflow-wrap:anywhere]">None is called “{visibleText(name)}”.</span>
        </EmptyState>
      ) : list.isPending ? (
        <SkeletonRows rows={8} />
      ) : (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      )}
    </Drawer>
  );
}

function Details({
  worker,
  view,
  isFailedOnly,
  onView,
  onFailedOnly,
}: Omit<WorkerDrawerProps, 'name' | 'onClose'> & { worker: Worker }) {
  const steering = useWorkerSteering(worker);
  return (
    <>
      <Tabs<WorkerView>
        label="Parts of the worker"
        className="flex-1"
        value={view}
        onChange={onView}
        tabs={[
          { value: 'state', label: 'State' },
          { value: 'runs', label: 'Runs' },
        ]}
      >
        {view === 'state' ? (
          <WorkerFacts worker={worker} steering={steering} />
        ) : (
          <RunLog worker={worker} isFailedOnly={isFailedOnly} onFailedOnly={onFailedOnly} />
        )}
      </Tabs>
      <ActionQuestions worker={worker} steering={steering} />
    </>
  );
}
