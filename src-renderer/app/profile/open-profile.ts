/**
 * Which database the page shows. When another one is opened, here or in another window, nothing of the one before may stay
 * on the page: what was read is forgotten, and every view begins anew.
 */
import { hashKey, type Query } from '@tanstack/react-query';
import { create } from 'zustand';
import type { AppStatus } from '../../../src-contract/index.ts';
import { LOCAL_PROFILE_ID } from '../../../src-contract/profiles.ts';
import { api } from '../../rpc/client.ts';
import { useDialogs } from '../dialog-store.ts';
import { queryClient } from '../query-client.ts';

/** The database that the configuration sets is no profile. */
const CONFIGURED = 'configured';

interface OpenProfile {
  /** Undefined until it is known. */
  profile_id: string | undefined;
  /** Counts the changes. */
  epoch: number;
}

export const useProfileEpoch = create<OpenProfile>(() => ({ profile_id: undefined, epoch: 0 }));

/** The one that was shown last, for what is asked before it is known. */
const LAST = 'archon.profile';

const STATUS = hashKey(api.app.status.queryKey());

queryClient.getQueryCache().subscribe(({ query, type }) => {
  if (type === 'updated' && query.queryHash === STATUS) note(query.state.data as AppStatus | undefined);
});

function note(status: AppStatus | undefined): void {
  if (status === undefined) return;
  const profile_id = status.profile?.profile_id ?? CONFIGURED;
  const before = useProfileEpoch.getState();
  if (profile_id === before.profile_id) return;
  keep(profile_id);
  if (before.profile_id === undefined) {
    useProfileEpoch.setState({ profile_id });
    return;
  }
  useProfileEpoch.setState({ profile_id, epoch: before.epoch + 1 });
  useDialogs.getState().close();
  forget();
}

/** Forgets what was read; what is shown is read again. */
function forget(): void {
  const isOfProfile = ({ queryHash }: Query) => queryHash !== STATUS;
  queryClient.removeQueries({ type: 'inactive', predicate: isOfProfile });
  void queryClient.resetQueries({ predicate: isOfProfile });
}

/** A key for what is kept in the browser about the data of the profile that is open; the first one has the plain name. */
export function keyOfProfile(key: string): string {
  const profile_id = useProfileEpoch.getState().profile_id ?? last();
  return profile_id === LOCAL_PROFILE_ID || profile_id === CONFIGURED ? key : `${key}.${profile_id}`;
}

function last(): string {
  try {
    return localStorage.getItem(LAST) ?? LOCAL_PROFILE_ID;
  } catch {
    return LOCAL_PROFILE_ID;
  }
}

function keep(profile_id: string): void {
  try {
    localStorage.setItem(LAST, profile_id);
  } catch {
    // Storage that is shut or full keeps nothing: the next page begins with the first one.
  }
}
