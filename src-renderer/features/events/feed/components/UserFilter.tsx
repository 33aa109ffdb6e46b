import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { UserRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { userId } from '../../../../../src-contract/primitives.ts';
import { api } from '../../../../rpc/client.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { FilterPopover } from '../../../../ui/filters/FilterPopover.tsx';
import { useDebounced } from '../../../../ui/use-debounced.ts';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';

const TYPING_MS = 150;
const SUGGESTED = 8;

/** Whose events are shown. Also users who have no memory any more: their events are in the log still. */
export function UserFilter({ search, set }: FeedSearchControl) {
  const [isOpen, setOpen] = useState(false);
  return (
    <FilterPopover
      name={search.user === undefined ? 'User' : 'User · 1'}
      buttonLabel={search.user === undefined ? 'User, filter by user' : 'User · 1, filter by user'}
      label="Filter by user"
      icon={<UserRound className="size-3.5" />}
      open={isOpen}
      onOpenChange={setOpen}
    >
      <UserForm
        onChoose={(user) => {
          set({ user });
          setOpen(false);
        }}
      />
    </FilterPopover>
  );
}

function UserForm({ onChoose }: { onChoose(user: string): void }) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();
  const part = useDebounced(typed.trim(), TYPING_MS);
  const known = useQuery(
    api.memories.users.queryOptions({
      input: { limit: SUGGESTED, ...(part === '' ? {} : { search: part }) },
      placeholderData: keepPreviousData,
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const user = userId.safeParse(typed.trim());
    if (user.success) onChoose(user.data);
    else setError(typed.trim() === '' ? 'Type the id of a user.' : `It ${user.error.issues[0]?.message}.`);
  };
  return (
    <form onSubmit={submit} className="space-y-2">
      <Field label="Only events of this user" help="Enter takes the id as it is typed." error={error}>
        {(props) => (
          <TextInput
            {...props}
            value={typed}
            maxLength={200}
            placeholder="Id of a user"
            onChange={(event) => {
              setTyped(event.target.value);
              setError(undefined);
            }}
          />
        )}
      </Field>
      <ul aria-label="Users with memory" className="space-y-0.5">
        {known.data?.items.map(({ user_id }) => (
          <li key={user_id}>
            <button
              type="button"
              onClick={() => onChoose(user_id)}
              className="one-line block w-full rounded px-2 py-1 text-left hover:bg-hover"
            >
              <span dir="auto">{visibleText(user_id)}</span>
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}
