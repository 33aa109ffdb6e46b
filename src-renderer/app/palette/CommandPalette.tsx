/** Everything by its name: pages, actions, users, sessions, and what agents remember. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  Activity,
  ArrowDownUp,
  Bot,
  Download,
  HeartPulse,
  Keyboard,
  type LucideIcon,
  MessagesSquare,
  Plug,
  PlugZap,
  Rocket,
  SlidersHorizontal,
  Stethoscope,
  SunMoon,
  Upload,
  UserRound,
} from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { SearchHit } from '../../../src-contract/index.ts';
import { api } from '../../rpc/client.ts';
import { problemOf } from '../../rpc/errors.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/classes.ts';
import { excerpt, visibleText } from '../../ui/content/visible-text.ts';
import { number } from '../../ui/format.ts';
import { Kbd } from '../../ui/Kbd.tsx';
import { returnFocus } from '../../ui/return-focus.ts';
import { useDebounced } from '../../ui/use-debounced.ts';
import { useDialogs } from '../dialog-store.ts';
import { EVENT_PARTS, OBSERVABILITY_PARTS, OPS_PARTS, PAGES, SETTINGS_PARTS } from '../pages.ts';
import { useSwitch } from '../profile/switch-store.ts';
import { useProfiles } from '../profile/use-profiles.ts';
import { useReadOnly } from '../read-only.ts';
import { useShortcutSheet } from '../shortcuts/shortcuts.ts';
import { nextTheme } from '../theme.ts';
import { useUserInView } from '../user-in-view.ts';
import { useOpsCommands } from './ops-commands.ts';
import { usePalette } from './palette-store.ts';
import { type SettingEntry, useSettingEntries } from './setting-entries.ts';

/** Pages, and the parts of one that have an address of their own; the first of them is the page. */
const PLACES = [
  ...PAGES,
  ...EVENT_PARTS.slice(1).map(({ to, label }) => ({ to, label: `Events: ${label}`, Icon: Activity })),
  ...OBSERVABILITY_PARTS.slice(1).map(({ to, label }) => ({ to, label: `Observability: ${label}`, Icon: HeartPulse })),
  ...OPS_PARTS.slice(1).map(({ to, label }) => ({ to, label: `Ops agent: ${label}`, Icon: Bot })),
  { to: '/setup', label: 'Setup of Archon', Icon: Rocket } as const,
  ...SETTINGS_PARTS.slice(1).map(({ to, label }) => ({ to, label: `Settings: ${label}`, Icon: SlidersHorizontal })),
];
const TYPING_MS = 150;
const HITS = 8;
/** Sessions have no search of their own: so many, used last, are looked through here. */
const SESSIONS = 500;
const ITEM =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint';
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-[11px] [&_[cmdk-group-heading]]:text-faint';

export function CommandPalette() {
  const { isOpen, close } = usePalette();
  const [marked, setMarked] = useState('');
  useEffect(() => {
    if (!isOpen) return;
    // After the dialog has let go of it.
    return () => void setTimeout(returnFocus);
  }, [isOpen]);
  return (
    <Command.Dialog
      open={isOpen}
      onOpenChange={(open) => !open && close()}
      label="Search and commands"
      shouldFilter={false}
      value={marked}
      onValueChange={setMarked}
      overlayClassName="fixed inset-0 z-50 bg-black/55"
      contentClassName="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-48px)] max-w-2xl -translate-x-1/2 overflow-hidden rounded-xl border border-line-strong bg-surface shadow-float outline-none"
    >
      <Palette onDone={close} marked={marked} onMark={setMarked} />
    </Command.Dialog>
  );
}

interface PaletteProps {
  onDone(): void;
  /** The value of the entry that Enter takes. */
  marked: string;
  onMark(value: string): void;
}

function Palette({ onDone, marked, onMark }: PaletteProps) {
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const text = useDebounced(typed.trim(), TYPING_MS);
  const user_id = useUserInView();
  const users = useQuery(
    api.memories.users.queryOptions({
      input: { limit: 6, ...(text === '' ? {} : { search: text }) },
      placeholderData: keepPreviousData,
    }),
  );
  const hits = useQuery(
    api.search.query.queryOptions({
      input: { user_id: user_id ?? '', query: text, limit: HITS },
      enabled: user_id !== undefined && text !== '',
      placeholderData: keepPreviousData,
    }),
  );
  const sessions = useQuery(
    api.sessions.list.queryOptions({
      input: { user_id: user_id ?? '', limit: SESSIONS },
      enabled: user_id !== undefined && text !== '',
    }),
  );
  const asked = text === '' ? [users] : [users, hits, sessions];
  const failed = asked.find(({ isError }) => isError);
  const run = (action: () => void) => {
    onDone();
    action();
  };
  const openMemory = ({ memory }: SearchHit) =>
    run(() => navigate({ to: '/memory', search: { user: memory.user_id, tab: memory.layer, memory: memory.id } }));
  const openSession = ({ user_id: user, session_id: session }: { user_id: string; session_id: string }) =>
    run(() => navigate({ to: '/memory', search: { user, tab: 'session', session } }));
  const openUser = (user: string) => run(() => navigate({ to: '/memory', search: { user } }));
  const actions = useActions().filter(({ label }) => matches(label, typed));
  const pages = PLACES.filter(({ label }) => matches(label, typed));
  const settings = useSettingEntries(text);
  const openSetting = ({ search }: SettingEntry) => run(() => navigate({ to: '/settings', search }));
  const found = (sessions.data?.items ?? [])
    .filter(({ title, session_id }) => matches(`${title ?? ''} ${session_id}`, text))
    .slice(0, 5);
  const memories = text === '' ? [] : (hits.data?.hits ?? []);
  const entries = [
    ...memories.map((hit) => ({ value: `memory ${hit.memory.id}`, take: () => openMemory(hit) })),
    ...found.map((session) => ({ value: `session ${session.session_id}`, take: () => openSession(session) })),
    ...pages.map(({ to }) => ({ value: `page ${to}`, take: () => run(() => navigate({ to })) })),
    ...actions.map(({ label, act }) => ({ value: `action ${label}`, take: () => run(act) })),
    ...settings.map((entry) => ({ value: entry.value, take: () => openSetting(entry) })),
    ...(users.data?.items ?? []).map(({ user_id: id }) => ({ value: `user ${id}`, take: () => openUser(id) })),
  ];
  const [firstEntry] = entries;
  const first = firstEntry?.value ?? '';
  // What is found comes later than what is typed: Enter takes the first of it. (cmdk marks by itself only at once.)
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words begin at the first entry again.
  useEffect(() => onMark(first), [first, text, onMark]);
  // What is shown answers the words before: Enter waits for the answer to these. Commands have no need to be asked for.
  const isStale = typed.trim() !== text || asked.some((query) => query.isPlaceholderData || query.isLoading);
  const [isEntered, setEntered] = useState(false);
  useEffect(() => {
    if (!isEntered || isStale) return;
    setEntered(false);
    firstEntry?.take();
  }, [isEntered, isStale, firstEntry]);
  return (
    <>
      <Command.Input
        value={typed}
        onValueChange={(words) => {
          setTyped(words);
          setEntered(false);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing || !isStale || isCommand(marked)) return;
          event.preventDefault();
          setEntered(true);
        }}
        placeholder={
          user_id === undefined ? 'Search users and commands' : `Search ${user_id}’s memory, users and commands`
        }
        className="h-12 w-full border-line border-b bg-transparent px-4 text-[15px] outline-none placeholder:text-faint focus-visible:shadow-[inset_0_-2px_0_var(--accent-text)]"
      />
      {failed && <Failure error={failed.error} onRetry={() => void failed.refetch()} />}
      <Command.List className="max-h-[56vh] overflow-y-auto p-2">
        {entries.length === 0 && (
          // An option, for a list box must hold one.
          <div
            role="option"
            aria-selected="false"
            aria-disabled="true"
            tabIndex={-1}
            className="px-3 py-8 text-center text-muted"
          >
            {asked.some(({ isFetching }) => isFetching) ? 'Searching …' : 'Nothing is called like this.'}
          </div>
        )}
        {memories.length > 0 && (
          <Command.Group heading="Memories" className={GROUP}>
            {memories.map((hit) => (
              <Item key={hit.memory.id} value={`memory ${hit.memory.id}`} onSelect={() => openMemory(hit)}>
                <Hit hit={hit} />
              </Item>
            ))}
          </Command.Group>
        )}
        {found.length > 0 && (
          <Command.Group heading="Sessions" className={GROUP}>
            {found.map((session) => (
              <Item
                key={session.session_id}
                value={`session ${session.session_id}`}
                Icon={MessagesSquare}
                onSelect={() => openSession(session)}
              >
                <span dir="auto" className="one-line flex-1">
                  {visibleText(session.title ?? session.session_id)}
                </span>
              </Item>
            ))}
          </Command.Group>
        )}
        {pages.length + actions.length > 0 && (
          <Command.Group heading="Commands" className={GROUP}>
            {pages.map(({ to, label, Icon }) => (
              <Item key={to} value={`page ${to}`} Icon={Icon} onSelect={() => run(() => navigate({ to }))}>
                Go to {label}
              </Item>
            ))}
            {actions.map(({ label, keys, Icon, blocked, act }) => (
              <Item key={label} value={`action ${label}`} Icon={Icon} onSelect={() => run(act)}>
                <span className={cx('min-w-0 flex-1', blocked && 'opacity-50')}>{label}</span>
                {blocked && <span className="one-line text-[11px] text-muted">{blocked}</span>}
                {keys && <Kbd keys={keys} />}
              </Item>
            ))}
          </Command.Group>
        )}
        {settings.length > 0 && (
          <Command.Group heading="Settings" className={GROUP}>
            {settings.map((entry) => (
              <Item key={entry.value} value={entry.value} Icon={SlidersHorizontal} onSelect={() => openSetting(entry)}>
                <span className="one-line">{entry.label}</span>
                <span className="one-line flex-1 font-mono text-[11px] text-faint">{entry.hint}</span>
              </Item>
            ))}
          </Command.Group>
        )}
        {(users.data?.items.length ?? 0) > 0 && (
          <Command.Group heading="Users" className={GROUP}>
            {users.data?.items.map((user) => (
              <Item
                key={user.user_id}
                value={`user ${user.user_id}`}
                Icon={UserRound}
                onSelect={() => openUser(user.user_id)}
              >
                <span dir="auto" className="one-line">
                  {visibleText(user.user_id)}
                </span>
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
      {text !== '' && sessions.data?.next_cursor && (
        <p className="border-line border-t px-4 py-1.5 text-[11px] text-faint">
          Sessions are looked for by name among the {number(SESSIONS)} used last.
        </p>
      )}
    </>
  );
}

/** What could not be asked; the rest is found all the same. */
function Failure({ error, onRetry }: { error: unknown; onRetry(): void }) {
  return (
    <div role="alert" className="flex items-center gap-3 border-line border-b px-4 py-2">
      <p className="content-text min-w-0 flex-1 text-bad">{problemOf(error).message}</p>
      {/* Enter is of this button, not of the entry that is marked. */}
      <Button size="small" onKeyDown={(event) => event.stopPropagation()} onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

function Item({
  value,
  Icon,
  onSelect,
  children,
}: {
  value: string;
  Icon?: LucideIcon;
  onSelect(): void;
  children: ReactNode;
}) {
  return (
    <Command.Item value={value} onSelect={onSelect} className={ITEM}>
      {Icon && <Icon aria-hidden="true" />}
      {children}
    </Command.Item>
  );
}

function Hit({ hit }: { hit: SearchHit }) {
  return (
    <>
      <Badge tone={hit.memory.layer} className="w-24 shrink-0 text-center">
        {hit.memory.memory_type}
      </Badge>
      <span className="min-w-0 flex-1">
        <span dir="auto" className="one-line block">
          {excerpt(hit.memory.content.text, 300)}
        </span>
        <span className="one-line block text-[11px] text-faint">{hit.reason}</span>
      </span>
    </>
  );
}

interface Action {
  label: string;
  keys?: string;
  Icon: LucideIcon;
  /** Why it cannot be done now; taken all the same, it says so. */
  blocked?: string | undefined;
  act(): void;
}

function useActions(): Action[] {
  const openDialog = useDialogs((store) => store.open);
  const readOnly = useReadOnly();
  const ops = useOpsCommands();
  const switches = useSwitchActions();
  return [
    { label: 'Import conversations', keys: 'Mod I', Icon: Upload, blocked: readOnly, act: () => openDialog('import') },
    { label: 'Export memory', keys: 'Mod E', Icon: Download, act: () => openDialog('export') },
    { label: 'Transfers: imports and exports', Icon: ArrowDownUp, act: () => openDialog('transfers') },
    { label: 'Export diagnostics', Icon: Stethoscope, act: () => openDialog('diagnostics') },
    { label: 'Connect an agent', Icon: Plug, act: () => openDialog('connect') },
    ...ops,
    ...switches,
    { label: 'Change the theme', Icon: SunMoon, act: nextTheme },
    { label: 'Keyboard shortcuts', keys: '?', Icon: Keyboard, act: () => useShortcutSheet.getState().set(true) },
  ];
}

/** The ways to the other connections. */
function useSwitchActions(): Action[] {
  const { data } = useProfiles();
  const ask = useSwitch((store) => store.ask);
  if (data === undefined || data.state.active === null) return [];
  return data.items
    .filter(({ profile_id }) => profile_id !== data.state.active)
    .map((profile) => ({
      label: `Switch to ${visibleText(profile.name)}`,
      Icon: PlugZap,
      act: () => ask(profile),
    }));
}

const isCommand = (value: string): boolean => value.startsWith('page ') || value.startsWith('action ');

/** Every word that was typed is somewhere in the name. */
function matches(name: string, typed: string): boolean {
  const lower = name.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
