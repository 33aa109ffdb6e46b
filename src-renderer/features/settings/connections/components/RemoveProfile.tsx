import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Profile } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';

/** Asks before a connection is forgotten, and says what goes with it. */
export function RemoveProfile({ profile, onClose }: { profile: Profile; onClose(isGone: boolean): void }) {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const name = visibleText(profile.name);
  const isCopy = profile.kind === 'copy';
  const remove = async () => {
    setBusy(true);
    try {
      await client.profiles.remove({ profile_id: profile.profile_id });
      toast.success(isCopy ? `${name} was deleted.` : `${name} was removed.`);
      onClose(true);
    } catch (error) {
      toast.error(problemOf(error).message);
      setBusy(false);
    }
    void queryClient.invalidateQueries({ queryKey: api.profiles.key() });
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && !busy && onClose(false)}
      title={isCopy ? `Delete ${name}?` : `Remove ${name}?`}
      action={isCopy ? 'Delete the copy' : 'Remove it'}
      busy={busy}
      onConfirm={() => void remove()}
    >
      {isCopy
        ? 'The data of the copy are deleted from this computer for good. Where they were copied from, nothing changes.'
        : 'Archon forgets how to connect, and the passwords and keys with it. The database and what is in it stay as they are, and so does what still waits on this computer to be written to it.'}
    </Confirm>
  );
}
