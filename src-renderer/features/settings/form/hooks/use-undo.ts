/** Takes back a change that was just made, by its entry in the history. */
import { useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import type { Setting, SettingsHistoryEntry } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';

/** Entries looked through for the change: it is the newest, unless others save at the same time. */
const NEWEST = 10;

/** @returns what takes back the change of these settings */
export function useUndo(): (changed: readonly Setting[]) => Promise<void> {
  const queryClient = useQueryClient();
  return async (changed) => {
    const keys = new Set(changed.map(({ key }) => key));
    // Each kept where it holds: a database that is away does not keep a change of this computer from being undone.
    const scopes = new Set(changed.map(({ scope }) => (scope === 'device' ? 'device' : 'org')));
    try {
      let undone = 0;
      for (const scope of scopes) {
        const { items } = await client.settings.history({ scope, limit: NEWEST });
        const entry = items.find((each) => isOf(each, keys));
        if (entry === undefined) continue;
        await client.settings.undo({ id: entry.id, scope });
        undone += 1;
      }
      if (undone === 0) toast.error('The change is not the newest any more. The history can take it back.');
      else toast.success('Undone.');
    } catch (error) {
      toast.error(`It could not be undone: ${problemOf(error).message}`);
    }
    await queryClient.invalidateQueries({ queryKey: api.settings.key() });
  };
}

const isOf = ({ changes, undoes, undone_by }: SettingsHistoryEntry, keys: ReadonlySet<string>): boolean =>
  undoes === null && undone_by === null && changes.length > 0 && changes.every(({ key }) => keys.has(key));
