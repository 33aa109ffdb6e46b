import { ChevronsUpDown, Clock3, UserRound } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import type { MemoryUser } from '../../../../src-contract/index.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { SearchInput } from '../../../ui/fields.tsx';
import { number } from '../../../ui/format.ts';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { useDebounced } from '../../../ui/use-debounced.ts';
import { useRecentUsers } from '../hooks/use-recent-users.ts';
import { useNamedUsers, useUsers } from '../hooks/use-users.ts';

const TYPING_MS = 150;

export interface UserPickerProps {
  user_id: string | undefined;
  open: boolean;
  onOpenChange(open: boolean): void;
  onChoose(user_id: string): void;
}

/** Whose memory is looked at: search, recents first, arrow keys. */
export function UserPicker({ user_id, open, onOpenChange, onChoose }: UserPickerProps) {
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      <Popover.Trigger asChild>
        <button
          type="button"
          className="flex h-8 min-w-0 max-w-72 items-center gap-2 rounded-md border border-line bg-raised px-2.5 font-medium hover:border-line-strong hover:bg-hover"
        >
          <UserRound aria-hidden="true" className="size-4 shrink-0 text-accent-text" />
          <span className="one-line">
            <span className="sr-only">User: </span>
            {visibleText(user_id ?? 'Choose a user')}
          </span>
          <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          aria-label="Choose a user"
          className="z-50 flex max-h-96 w-80 flex-col rounded-lg border border-line-strong bg-raised shadow-float outline-none"
        >
          <UserSearch
            current={user_id}
            onChoose={(chosen) => {
              onChoose(chosen);
              onOpenChange(false);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function UserSearch({ current, onChoose }: { current: string | undefined; onChoose(user_id: string): void }) {
  const [typed, setTyped] = useState('');
  const search = useDebounced(typed.trim(), TYPING_MS);
  const recents = useRecentUsers((store) => store.users);
  const id = useId();
  const [active, setActive] = useState(0);
  const query = useUsers(search);
  const read = query.data?.pages.flatMap(({ items }) => items) ?? [];
  // Whoever was looked at last comes first, however far down the list they are.
  const named = useNamedUsers(recents);
  const users = search === '' ? withFirst(named.users, read) : read;
  const more = () => void query.fetchNextPage();
  // What is shown answers the words before: Enter waits for the answer to these.
  const isStale = typed.trim() !== search || query.isPlaceholderData;
  const [isEntered, setEntered] = useState(false);
  const [first] = users;
  useEffect(() => {
    if (!isEntered || isStale) return;
    setEntered(false);
    if (first !== undefined) onChoose(first.user_id);
  }, [isEntered, isStale, first, onChoose]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins at its first answer.
  useEffect(() => setActive(0), [search]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = users[active];
    if (step !== undefined && users.length > 0) {
      // At the end the next page is read on, as by scrolling; only then does it go round.
      if (step === 1 && active === users.length - 1 && query.hasNextPage) more();
      else setActive((active + step + users.length) % users.length);
    } else if (event.key === 'Enter' && isStale) setEntered(true);
    else if (event.key === 'Enter' && chosen) onChoose(chosen.user_id);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="p-2">
        <SearchInput
          aria-label="Search users"
          placeholder="Search users"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={users[active] ? `${id}-${active}` : undefined}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            setEntered(false);
          }}
          onKeyDown={onKeyDown}
          autoFocus
        />
      </div>
      {query.isPending && <SkeletonRows rows={4} />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && users.length === 0 && (
        <p className="px-3 pb-3 text-muted">
          {search === '' ? 'Nobody has any memory yet.' : 'No user has this in their id.'}
        </p>
      )}
      <div id={id} role="listbox" aria-label="Users" className="min-h-0 overflow-y-auto p-1 pt-0">
        {users.map((user, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the keys.
          <div
            key={user.user_id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={user.user_id === current}
            ref={index === active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : null}
            onMouseMove={() => setActive(index)}
            onClick={() => onChoose(user.user_id)}
            className={cx('flex items-center gap-2 rounded px-2 py-1.5', index === active && 'bg-hover')}
          >
            {search === '' && recents.includes(user.user_id) ? (
              <Clock3 role="img" aria-label="Recent" className="size-3.5 shrink-0 text-faint" />
            ) : (
              <UserRound aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
            )}
            <span
              dir="auto"
              className={cx('one-line flex-1', user.user_id === current && 'font-semibold text-accent-text')}
            >
              {visibleText(user.user_id)}
            </span>
            <span className="shrink-0 text-[11px] text-faint tabular-nums">
              {number(user.session_count + user.working_count + user.longterm_count)}
            </span>
          </div>
        ))}
      </div>
      {query.data && (query.hasNextPage || query.isError) && (
        <div className="flex items-center gap-2 border-line border-t px-3 py-1.5 text-[11px] text-muted">
          <span role="status" className="flex-1">
            {query.isError ? problemOf(query.error).message : `The first ${number(read.length)} by id`}
          </span>
          <Button
            size="small"
            busy={query.isFetchingNextPage}
            onClick={query.isError && !query.isFetchNextPageError ? () => void query.refetch() : more}
          >
            {query.isError ? 'Try again' : 'Show more'}
          </Button>
        </div>
      )}
    </>
  );
}

function withFirst(first: readonly MemoryUser[], users: readonly MemoryUser[]): MemoryUser[] {
  const known = new Set(first.map(({ user_id }) => user_id));
  return [...first, ...users.filter(({ user_id }) => !known.has(user_id))];
}
