import { MemoryPanel } from './MemoryPanel.tsx';

/** Long-term memory: what stays. */
export function LongTermMemoryPanel({ user_id }: { user_id: string }) {
  return <MemoryPanel key={user_id} layer="longterm" user_id={user_id} />;
}
