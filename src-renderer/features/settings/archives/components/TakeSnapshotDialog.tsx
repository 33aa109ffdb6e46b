/** Copies the open profile: everybody or chosen users, into an archive or a read-only copy on this computer. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { day } from '../../../../ui/format.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { TagsInput } from '../../../../ui/TagsInput.tsx';

/** Users that are suggested. */
const SUGGESTED = 100;

export function TakeSnapshotDialog({ onClose }: { onClose(): void }) {
  const queryClient = useQueryClient();
  const listId = useId();
  const [name, setName] = useState(() => `Snapshot of ${day(new Date().toISOString())}`);
  const [into, setInto] = useState<'copy' | 'archive'>('copy');
  const [whose, setWhose] = useState<'all' | 'users'>('all');
  const [users, setUsers] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const known = useQuery(api.memories.users.queryOptions({ input: { limit: SUGGESTED }, enabled: whose === 'users' }));
  const start = async () => {
    if (name.trim() === '') return setProblem('Give it a name.');
    if (whose === 'users' && users.length === 0) return setProblem('Name at least one user.');
    setBusy(true);
    setProblem(undefined);
    try {
      await client.offline.snapshot({ name: name.trim(), into, users: whose === 'all' ? null : [...users] });
      await queryClient.invalidateQueries({ queryKey: api.offline.key() });
      onClose();
    } catch (error) {
      setProblem(problemOf(error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Take a snapshot"
      description="Memory of the open profile as it is now, to look at without its database. It can be paused."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={start}>
            Take the snapshot
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Field label="Name">
          {(props) => (
            <TextInput {...props} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Choice text="Into">
          <Segmented<'copy' | 'archive'>
            label="Into"
            value={into}
            onChange={setInto}
            options={[
              { value: 'copy', label: 'A copy on this computer' },
              { value: 'archive', label: 'An archive file' },
            ]}
          />
        </Choice>
        <Choice text="Whose memory">
          <Segmented<'all' | 'users'>
            label="Whose memory"
            value={whose}
            onChange={setWhose}
            options={[
              { value: 'all', label: 'Everybody' },
              { value: 'users', label: 'Chosen users' },
            ]}
          />
        </Choice>
        {whose === 'users' && (
          <Field label="Users" help="Enter adds one.">
            {(props) => (
              <TagsInput
                {...props}
                list={listId}
                value={users}
                onChange={setUsers}
                parse={(text) => (text.trim() === '' ? [] : [text.trim()])}
              />
            )}
          </Field>
        )}
        <datalist id={listId}>
          {known.data?.items.map(({ user_id }) => (
            <option key={user_id} value={user_id} />
          ))}
        </datalist>
        {problem && (
          <p role="alert" className="content-text text-bad">
            {problem}
          </p>
        )}
      </div>
    </Dialog>
  );
}

const Choice = ({ text, children }: { text: string; children: React.ReactNode }) => (
  <div className="space-y-1">
    <p className="font-medium text-muted text-xs">{text}</p>
    {children}
  </div>
);
