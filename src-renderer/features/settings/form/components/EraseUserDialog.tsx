/** Erases everything of a user, once their id was typed. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { toast } from 'sonner';
import { useReadOnly } from '../../../../app/read-only.ts';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { plural } from '../../../../ui/format.ts';
import { UserPicker } from '../../../memory/components/UserPicker.tsx';

export function EraseUserDialog({ onClose }: { onClose(): void }) {
  const queryClient = useQueryClient();
  const readOnly = useReadOnly();
  const formId = useId();
  const [user_id, setUser] = useState<string>();
  const [picking, setPicking] = useState(false);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const erase = async (event: FormEvent) => {
    event.preventDefault();
    if (user_id === undefined || typed !== user_id || busy || readOnly !== undefined) return;
    setBusy(true);
    try {
      const { sessions, working, longterm } = await client.memories.erase({ user_id, confirm: typed });
      toast.success(
        `Erased: ${plural(sessions, 'session')}, ${working} working and ${plural(longterm, 'long-term memory', 'long-term memories')}.`,
      );
      onClose();
      await queryClient.invalidateQueries();
    } catch (error) {
      toast.error(`Not erased: ${problemOf(error).message}`);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !busy && onClose()}
      title="Erase a user"
      description="Sessions, memories, their history and links go for good. It cannot be undone; backups, snapshots, archives and copies that were made before still hold them."
      footer={
        <>
          <Button disabled={busy} onClick={onClose}>
            Cancel
          </Button>
          <Button
            look="danger"
            type="submit"
            blocked={readOnly}
            form={formId}
            busy={busy}
            disabled={user_id === undefined || typed !== user_id}
          >
            Erase for good
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={(event) => void erase(event)} className="space-y-4">
        <UserPicker
          user_id={user_id}
          open={picking}
          onOpenChange={setPicking}
          onChoose={(chosen) => {
            setUser(chosen);
            setTyped('');
          }}
        />
        {user_id !== undefined && (
          <Field label={`Type “${visibleText(user_id)}” to confirm`}>
            {(props) => (
              <TextInput {...props} value={typed} onChange={(event) => setTyped(event.target.value)} maxLength={200} />
            )}
          </Field>
        )}
      </form>
    </Dialog>
  );
}
