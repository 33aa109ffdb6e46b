/** The memory of one user: three layers in tabs, beside them figures, context and controls, over them the details. */
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { Tabs } from '../../../ui/Tabs.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { useUnseenChanges } from '../hooks/use-unseen-changes.ts';
import { useUserStats } from '../hooks/use-user-stats.ts';
import { NO_FILTERS, type Tab } from '../memory-search.ts';
import { LongTermMemoryPanel } from './LongTermMemoryPanel.tsx';
import { MemoryDrawer } from './MemoryDrawer.tsx';
import { SessionMemoryPanel } from './SessionMemoryPanel.tsx';
import { SidePanel } from './SidePanel.tsx';
import { WorkingMemoryPanel } from './WorkingMemoryPanel.tsx';

export const DEFAULT_TAB: Tab = 'working';

export function MemoryInspector({ user_id }: { user_id: string }) {
  const { search, set } = useMemorySearch();
  useUnseenChanges();
  const stats = useUserStats(user_id);
  const tab = search.tab ?? DEFAULT_TAB;
  // Types and switches of one layer mean nothing in another.
  const choose = (next: Tab) =>
    set({ ...NO_FILTERS, tag: search.tag, q: search.q, from: search.from, to: search.to, tab: next });
  useKeys({
    1: () => choose('session'),
    2: () => choose('working'),
    3: () => choose('longterm'),
  });
  const counts = stats.data?.counts;
  return (
    <div className="relative flex min-h-0 flex-1">
      <Tabs
        label="Layers of memory"
        className="min-w-0 flex-1"
        value={tab}
        onChange={choose}
        tabs={[
          { value: 'session', label: 'Session', count: counts?.session, dot: 'bg-session' },
          { value: 'working', label: 'Working', count: counts?.working, dot: 'bg-working' },
          { value: 'longterm', label: 'Long-term', count: counts?.longterm, dot: 'bg-longterm' },
        ]}
      >
        {tab === 'session' && <SessionMemoryPanel key={user_id} user_id={user_id} />}
        {tab === 'working' && <WorkingMemoryPanel user_id={user_id} />}
        {tab === 'longterm' && <LongTermMemoryPanel user_id={user_id} />}
      </Tabs>
      <SidePanel user_id={user_id} />
      {search.memory && (
        <MemoryDrawer key={search.memory} memory_id={search.memory} onClose={() => set({ memory: undefined })} />
      )}
    </div>
  );
}
