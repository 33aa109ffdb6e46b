/** Which writes can wait in the journal: what each of them makes, what has to keep its order, and how it is done. */
import { v7 as uuidv7 } from 'uuid';
import type { Done, JournaledStore, Outputs, ParsedInputs } from '../../../src-contract/index.ts';
import { ArchonError } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import type { LongTermMemory } from '../../memory/longterm-memory.ts';
import type { Made } from '../../memory/made.ts';
import { type MemoryCatalog, requireTwoMemories } from '../../memory/memory-catalog.ts';
import { newSessionId, type SessionMemory } from '../../memory/session-memory.ts';
import type { WorkingMemory } from '../../memory/working-memory.ts';

/** What writes. */
export interface Writers {
  sessions: SessionMemory;
  working: WorkingMemory;
  longterm: LongTermMemory;
  memories: MemoryCatalog;
}

export interface JournaledKind<Input, Output> {
  store: JournaledStore;
  /** Ids of what is made, chosen before the first attempt: another one makes the same. */
  ids(input: Input, scope: Scope): string[];
  /** Writes that share one are done in the order in which they were answered. */
  topics(input: Input, ids: readonly string[]): string[];
  userOf(input: Input): string | undefined;
  /** Throws what is wrong with it whatever is in its store: that is not queued, to be refused later. */
  check?(input: Input): void;
  /** What the caller is told: the id first. */
  about(input: Input, ids: readonly string[]): string[];
  apply(writers: Writers, scope: Scope, input: Input, made: Made): Promise<Output>;
  /** Ids of what was made: others than were chosen, when it had been done before under its key. */
  madeIds?(output: Output): string[];
  /** The refusal of a later attempt says that an earlier one did it. */
  isDone?(error: unknown): boolean;
}

type Out<A extends keyof Outputs, B extends keyof Outputs[A]> = Done<Outputs[A][B]>;
type In<A extends keyof ParsedInputs, B extends keyof ParsedInputs[A]> = ParsedInputs[A][B];

const memory = (id: string): string => `memory ${id}`;
const session = (id: string): string => `session ${id}`;
const unique = (topics: readonly string[]): string[] => [...new Set(topics)];
const isGone = (error: unknown): boolean => error instanceof ArchonError && error.code === 'NOT_FOUND';

/** Of one memory that is there: all of them look alike. */
function ofMemory<Input extends { id: string }, Output>(
  kind: Pick<JournaledKind<Input, Output>, 'apply' | 'isDone'> & Partial<JournaledKind<Input, Output>>,
): JournaledKind<Input, Output> {
  return {
    store: 'database',
    ids: () => [],
    topics: ({ id }, ids) => unique([id, ...ids].map(memory)),
    userOf: () => undefined,
    about: ({ id }) => [id],
    ...kind,
  };
}

/** Of new memories. */
function ofMemories<Input, Output extends { id: string } | { items: readonly { id: string }[] }>(
  itemsOf: (input: Input) => readonly { user_id: string }[],
  apply: JournaledKind<Input, Output>['apply'],
): JournaledKind<Input, Output> {
  return {
    store: 'database',
    ids: (input) => itemsOf(input).map(() => uuidv7()),
    // When each was written is decided already: they need not wait for each other.
    topics: (_input, ids) => ids.map(memory),
    userOf: (input) => {
      const users = new Set(itemsOf(input).map(({ user_id }) => user_id));
      return users.size === 1 ? [...users][0] : undefined;
    },
    about: (_input, ids) => [...ids],
    madeIds: (output) => ('items' in output ? output.items.map(({ id }) => id) : [output.id]),
    apply,
  };
}

function ofSession<Input extends { session_id: string }, Output>(
  kind: Pick<JournaledKind<Input, Output>, 'apply' | 'isDone'> & Partial<JournaledKind<Input, Output>>,
): JournaledKind<Input, Output> {
  return {
    store: 'sessions',
    ids: () => [],
    topics: ({ session_id }) => [session(session_id)],
    userOf: () => undefined,
    about: ({ session_id }, ids) => [session_id, ...ids],
    ...kind,
  };
}

const messageIds = (messages: readonly { message_id?: string | undefined }[]): string[] =>
  messages.map(({ message_id }) => message_id ?? uuidv7());

export const JOURNALED = {
  'working.create': ofMemories<In<'working', 'create'>, Out<'working', 'create'>>(
    (input) => [input],
    (to, scope, input, made) => to.working.create(scope, input, made),
  ),
  'working.createBatch': ofMemories<In<'working', 'createBatch'>, Out<'working', 'createBatch'>>(
    ({ items }) => items,
    (to, scope, input, made) => to.working.createBatch(scope, input, made),
  ),
  'working.update': ofMemory<In<'working', 'update'>, Out<'working', 'update'>>({
    apply: (to, scope, input) => to.working.update(scope, input),
  }),
  'working.delete': ofMemory<In<'working', 'delete'>, Out<'working', 'delete'>>({
    apply: (to, scope, input) => to.working.delete(scope, input),
    isDone: isGone,
  }),
  'longterm.create': ofMemories<In<'longterm', 'create'>, Out<'longterm', 'create'>>(
    (input) => [input],
    (to, scope, input, made) => to.longterm.create(scope, input, made),
  ),
  'longterm.createBatch': ofMemories<In<'longterm', 'createBatch'>, Out<'longterm', 'createBatch'>>(
    ({ items }) => items,
    (to, scope, input, made) => to.longterm.createBatch(scope, input, made),
  ),
  'longterm.update': ofMemory<In<'longterm', 'update'>, Out<'longterm', 'update'>>({
    apply: (to, scope, input) => to.longterm.update(scope, input),
  }),
  'longterm.supersede': ofMemory<In<'longterm', 'supersede'>, Out<'longterm', 'supersede'>>({
    ids: () => [uuidv7()],
    about: (_input, ids) => [...ids],
    madeIds: ({ id }) => [id],
    apply: (to, scope, input, made) => to.longterm.supersede(scope, input, made),
  }),
  'longterm.delete': ofMemory<In<'longterm', 'delete'>, Out<'longterm', 'delete'>>({
    apply: (to, scope, input) => to.longterm.delete(scope, input),
    isDone: isGone,
  }),
  'memories.bulk': {
    store: 'database',
    ids: () => [],
    topics: ({ ids }) => unique(ids.map(memory)),
    userOf: () => undefined,
    about: ({ ids }) => [...ids],
    apply: (to, scope, input) => to.memories.bulk(scope, input),
  } satisfies JournaledKind<In<'memories', 'bulk'>, Out<'memories', 'bulk'>>,
  'memories.link': {
    store: 'database',
    ids: () => [],
    topics: ({ from_id, to_id }) => unique([from_id, to_id].map(memory)),
    userOf: () => undefined,
    about: ({ from_id, to_id }) => [from_id, to_id],
    check: requireTwoMemories,
    apply: (to, scope, input) => to.memories.link(scope, input),
  } satisfies JournaledKind<In<'memories', 'link'>, Out<'memories', 'link'>>,
  'memories.unlink': {
    store: 'database',
    ids: () => [],
    topics: ({ from_id, to_id }) => unique([from_id, to_id].map(memory)),
    userOf: () => undefined,
    about: ({ from_id, to_id }) => [from_id, to_id],
    apply: (to, scope, input) => to.memories.unlink(scope, input),
  } satisfies JournaledKind<In<'memories', 'unlink'>, Out<'memories', 'unlink'>>,
  'sessions.create': {
    store: 'sessions',
    ids: (input, scope) => [newSessionId(scope, input), ...messageIds(input.messages ?? [])],
    topics: (_input, [id = '']) => [session(id)],
    userOf: ({ user_id }) => user_id,
    about: (_input, ids) => [...ids],
    apply: (to, scope, input, made) => to.sessions.create(scope, input, made),
  } satisfies JournaledKind<In<'sessions', 'create'>, Out<'sessions', 'create'>>,
  'sessions.append': ofSession<In<'sessions', 'append'>, Out<'sessions', 'append'>>({
    ids: ({ messages }) => messageIds(messages),
    userOf: ({ user_id }) => user_id,
    apply: (to, scope, input, made) => to.sessions.append(scope, input, made),
  }),
  'sessions.update': ofSession<In<'sessions', 'update'>, Out<'sessions', 'update'>>({
    apply: (to, scope, input) => to.sessions.update(scope, input),
  }),
  'sessions.delete': ofSession<In<'sessions', 'delete'>, Out<'sessions', 'delete'>>({
    apply: (to, scope, input) => to.sessions.delete(scope, input),
    isDone: isGone,
  }),
};

export type JournaledName = keyof typeof JOURNALED;
export type JournaledInput<N extends JournaledName> = Parameters<(typeof JOURNALED)[N]['apply']>[2];
export type JournaledOutput<N extends JournaledName> = Awaited<ReturnType<(typeof JOURNALED)[N]['apply']>>;

export const isJournaled = (name: string): name is JournaledName => Object.hasOwn(JOURNALED, name);

/** @throws Error for a name that an older version wrote and this one does not know */
export function journaledKind(name: string): JournaledKind<unknown, unknown> {
  if (!isJournaled(name)) throw new Error(`the journal holds a write of a kind this version does not know: ${name}`);
  return JOURNALED[name] as unknown as JournaledKind<unknown, unknown>;
}
