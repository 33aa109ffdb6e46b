import { MemoryPanel } from './MemoryPanel.tsx';

/** Working memory: what happened in the last days. */
export function WorkingMemoryPanel({ user_id }: { user_id: string }) {
  return <MemoryPanel key={user_id} layer="working" user_id={user_id} />;
}
