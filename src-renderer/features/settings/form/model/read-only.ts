/** Settings while the open connection is for reading only: those in its database cannot be changed, others can. Pure. */
import type { Setting } from '../../../../../src-contract/index.ts';

/** @param connection why nothing can be changed in the database; undefined when it can be */
export function lockedBy(connection: string | undefined, settings: readonly Setting[]): Setting[] {
  if (connection === undefined) return [...settings];
  return settings.map((setting) =>
    setting.scope === 'device' || setting.locked !== null ? setting : { ...setting, locked: connection },
  );
}
