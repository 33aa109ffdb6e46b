import { useReadOnly } from '../../../app/read-only.ts';
import { useConnection } from '../../../rpc/connection.ts';
import { OfflineError } from '../../../rpc/transport.ts';

/** Why nothing can be done now, for `blocked` of a control; undefined when it can be. */
export function useBlocked(): string | undefined {
  const readOnly = useReadOnly();
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  return readOnly ?? (isOnline ? undefined : new OfflineError().message);
}
