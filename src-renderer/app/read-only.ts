/** Whether the open connection is for reading only, and the words for it: every control that changes data asks here. */
import { useQuery } from '@tanstack/react-query';
import { toast } from 'sonner';
import type { AppStatus } from '../../src-contract/index.ts';
import { api } from '../rpc/client.ts';
import { visibleText } from '../ui/content/visible-text.ts';
import { queryClient } from './query-client.ts';

/** Why nothing can be changed; undefined when it can be. */
export function reasonOf(profile: AppStatus['profile'] | undefined): string | undefined {
  if (!profile?.read_only) return undefined;
  return `${visibleText(profile.name)} is open for reading only: nothing can be changed.`;
}

/** The connection profile that is open, as the status bar reads it again and again; undefined until it is known. */
export function useOpenProfile(): AppStatus['profile'] | undefined {
  return useQuery({ ...api.app.status.queryOptions(), enabled: false }).data?.profile;
}

/** Why nothing can be changed now, for `blocked` of a control; undefined when it can be. */
export function useReadOnly(): string | undefined {
  return reasonOf(useOpenProfile());
}

/** Says why nothing can be changed now, for keys and commands that no control stands for. @returns whether it is so */
export function tellIfReadOnly(): boolean {
  const reason = reasonOf(queryClient.getQueryData(api.app.status.queryKey())?.profile);
  if (reason === undefined) return false;
  // One word, however often the key is pressed.
  toast.info(reason, { id: 'read-only' });
  return true;
}
