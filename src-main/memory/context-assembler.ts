/**
 * The context assembler: the best of all layers under a token budget.
 *
 * Whatever is away, it answers: without sessions `degraded`, without the database the last good context (`cached`)
 * or the session alone, with nothing left an empty context with status `error`.
 */
import type { Logger } from 'pino';
import type { AssembledContext, ContextInput, LeftOut, Message, Session } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { type Ranked, rank } from '../retrieval/ranking.ts';
import type { Candidate, MemoryRow, Retriever } from '../retrieval/retriever.ts';
import { presentMemory, relativeStrengths } from '../retrieval/search.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import type { AccessTracker } from './access-tracker.ts';
import { type Layer, measureMemories, type OfferedMemory, type Packed, packContext } from './context-budget.ts';
import { LastGoodContexts } from './last-good-contexts.ts';
import type { MemorySettings } from './memory-settings.ts';
import { longTermTable, workingTable } from './memory-table.ts';
import { MESSAGE_FRAMING_TOKENS } from './tokens.ts';

/** Memories considered per layer and way of finding them. */
const CANDIDATES = 60;
/** Messages read at a time, until they fill the budget. */
const MESSAGE_PAGE = 200;
const LEFT_OUT_LIMIT = 200;
const QUERY_ECHO_LENGTH = 500;

type Part<T> = { ok: true; value: T } | { ok: false; why: string };
interface Conversation {
  session: Session | undefined;
  /** Newest first. */
  messages: Message[];
}
interface Remembered {
  ranked: Ranked[];
  /** How many memories of each layer were considered. */
  candidates: { working: number; longterm: number };
}

export class ContextAssembler {
  readonly #database: Database;
  readonly #sessions: SessionStore;
  readonly #retriever: Retriever;
  readonly #accesses: AccessTracker;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: () => MemorySettings;
  readonly #lastGood = new LastGoodContexts();

  constructor(deps: {
    database: Database;
    sessions: SessionStore;
    retriever: Retriever;
    accesses: AccessTracker;
    clock: Clock;
    logger: Logger;
    settings: () => MemorySettings;
  }) {
    this.#database = deps.database;
    this.#sessions = deps.sessions;
    this.#retriever = deps.retriever;
    this.#accesses = deps.accesses;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#settings = deps.settings;
  }

  async assemble(scope: Scope, input: ContextInput): Promise<AssembledContext> {
    const now_ms = this.#clock.now();
    const conversation = await this.#tryTo('sessions', () => this.#readConversation(scope, input, now_ms));
    const query = input.query ?? lastUserMessage(conversation);
    const remembered = await this.#tryTo('memories', () => this.#readMemories(scope, input, query, now_ms));
    if (!remembered.ok) {
      const last = this.#lastGood.find(scope, input);
      if (last !== undefined) {
        return {
          ...last,
          status: 'cached',
          status_reason: `${remembered.why} This context is from ${last.assembled_at}.`,
        };
      }
    }
    const context = this.#pack(scope, input, query, conversation, remembered, now_ms);
    this.#accesses.touch(
      scope,
      context.memories.filter(({ memory }) => memory.layer === 'longterm').map(({ memory }) => memory.id),
    );
    if (context.status === 'healthy') this.#lastGood.keep(scope, input, context);
    return context;
  }

  /** Forgets the contexts kept of a user who was erased. */
  forget(scope: Scope, user_id: string): void {
    this.#lastGood.forget(scope, user_id);
  }

  /** What one store gives, or why it gives nothing. Errors of the caller are passed on. */
  async #tryTo<T>(what: string, read: () => Promise<T>): Promise<Part<T>> {
    try {
      return { ok: true, value: await read() };
    } catch (error) {
      if (error instanceof ArchonError && error.code !== 'STORAGE_UNAVAILABLE') throw error;
      this.#logger.warn({ err: error }, `context without ${what}`);
      return { ok: false, why: `No ${what}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  async #readConversation(scope: Scope, input: ContextInput, now_ms: number): Promise<Conversation> {
    if (input.session_id === undefined || !input.layers.session) return { session: undefined, messages: [] };
    const session = await this.#sessions.get(scope, input.session_id, now_ms);
    if (session === undefined) return { session, messages: [] };
    if (session.user_id !== input.user_id) {
      throw new ArchonError('NOT_FOUND', `User ${input.user_id} has no session ${input.session_id}.`);
    }
    const messages: Message[] = [];
    let tokens = 0;
    for (let before: number | undefined; ; ) {
      const range = {
        order: 'newest_first' as const,
        limit: MESSAGE_PAGE,
        ...(before === undefined ? {} : { before }),
      };
      const page = (await this.#sessions.messages(scope, input.session_id, range, now_ms)) ?? [];
      for (const { message } of page) {
        messages.push(message);
        tokens += message.token_count + MESSAGE_FRAMING_TOKENS;
      }
      before = page.at(-1)?.seq;
      if (page.length < MESSAGE_PAGE || tokens >= input.max_tokens) return { session, messages };
    }
  }

  /** One transaction, all queries in one flight. */
  async #readMemories(
    scope: Scope,
    input: ContextInput,
    query: string | undefined,
    now_ms: number,
  ): Promise<Remembered> {
    const layers = (['working', 'longterm'] as const).filter((layer) => input.layers[layer]);
    if (layers.length === 0) return { ranked: [], candidates: { working: 0, longterm: 0 } };
    const now = isoTime(now_ms);
    const [found, standing] = await this.#database.withScope(scope, (tx) =>
      Promise.all([
        query === undefined
          ? { candidates: [], query_terms: [] }
          : this.#retriever.retrieve(tx, scope, { user_id: input.user_id, query, layers, limit: CANDIDATES }, now),
        standingMemories(tx, scope, input.user_id, layers, now),
      ]),
    );
    const strengths = new Map(relativeStrengths(found.candidates).map((input_) => [input_.item.row.id, input_]));
    const inputs = withoutRepeats([...found.candidates, ...standing]).map(
      (item) => strengths.get(item.row.id) ?? { item, words: 0, matched: [] },
    );
    const ranked = rank(inputs, found.query_terms.length, now_ms, this.#settings());
    const count = (layer: 'working' | 'longterm') => ranked.filter(({ item }) => item.layer === layer).length;
    return {
      ranked: [...ranked.filter(isPinned), ...ranked.filter((one) => !isPinned(one))],
      candidates: { working: count('working'), longterm: count('longterm') },
    };
  }

  #pack(
    scope: Scope,
    input: ContextInput,
    query: string | undefined,
    conversation: Part<Conversation>,
    remembered: Part<Remembered>,
    now_ms: number,
  ): AssembledContext {
    const settings = this.#settings();
    const { session, messages } = conversation.ok ? conversation.value : { session: undefined, messages: [] };
    const { ranked, candidates } = remembered.ok
      ? remembered.value
      : { ranked: [], candidates: { working: 0, longterm: 0 } };
    const request = { max_tokens: input.max_tokens, reserves: settings.reserves, enabled: input.layers, messages };
    const measured = measureMemories(ranked.map(offer), input.max_tokens);
    // Packed once to see which messages have a place: only those make a memory a repetition. Without the repetitions
    // there is room for the same messages and more.
    const said = packContext({ ...request, memories: measured }).messages.filter(({ truncated }) => !truncated);
    const { unique, repeated } = splitRepeats(
      ranked,
      said.map(({ message }) => message),
    );
    const told = new Set(unique.map(({ item }) => item.row.id));
    const packed = packContext({ ...request, memories: measured.filter(({ id }) => told.has(id)) });
    const byId = new Map(unique.map((one) => [one.item.row.id, one]));
    const memories = packed.memories.flatMap(({ id, token_count, truncated }) => {
      const one = byId.get(id);
      if (one === undefined) return [];
      const memory = presentMemory(one.item, now_ms, settings);
      return [{ memory, score: one.score, reason: one.reason, token_count, truncated }];
    });
    const leftOut = listLeftOut(packed, messages, unique, repeated);
    const messageTokens = packed.messages.reduce(
      (sum, { message }) => sum + message.token_count + MESSAGE_FRAMING_TOKENS,
      0,
    );
    const layerOf = (layer: 'working' | 'longterm') => {
      const own = packed.memories.filter((memory) => memory.layer === layer);
      return {
        enabled: input.layers[layer],
        candidates: candidates[layer],
        count: own.length,
        tokens: own.reduce((sum, memory) => sum + memory.token_count, 0),
      };
    };
    return {
      org_id: scope.org_id,
      user_id: input.user_id,
      session_id: input.session_id ?? null,
      query: query === undefined ? null : query.slice(0, QUERY_ECHO_LENGTH).toWellFormed(),
      ...statusOf(input, conversation, remembered, session),
      assembled_at: isoTime(now_ms),
      max_tokens: input.max_tokens,
      total_tokens: packed.total_tokens,
      memory_block: packed.memory_block,
      messages: packed.messages.map(({ message, truncated }) => ({ ...message, truncated })),
      memories,
      sources: {
        session: {
          enabled: input.layers.session,
          candidates: session?.message_count ?? 0,
          count: packed.messages.length,
          tokens: messageTokens,
        },
        working: layerOf('working'),
        longterm: layerOf('longterm'),
      },
      left_out: leftOut.slice(0, LEFT_OUT_LIMIT),
      left_out_count: leftOut.length + Math.max(0, (session?.message_count ?? 0) - messages.length),
    };
  }
}

const isPinned = ({ item }: Ranked): boolean => item.layer === 'longterm' && item.row.pinned;

function lastUserMessage(conversation: Part<Conversation>): string | undefined {
  if (!conversation.ok) return undefined;
  return conversation.value.messages.find((message) => message.role === 'user')?.content;
}

function statusOf(
  input: ContextInput,
  conversation: Part<Conversation>,
  remembered: Part<Remembered>,
  session: Session | undefined,
): Pick<AssembledContext, 'status' | 'status_reason'> {
  if (!conversation.ok && !remembered.ok) {
    return { status: 'error', status_reason: `${conversation.why} ${remembered.why}` };
  }
  if (!conversation.ok) return { status: 'degraded', status_reason: conversation.why };
  if (!remembered.ok) return { status: 'degraded', status_reason: remembered.why };
  const missing = input.session_id !== undefined && input.layers.session && session === undefined;
  return {
    status: 'healthy',
    status_reason: missing ? `The session ${input.session_id} does not exist or has expired.` : null,
  };
}

/** Memories worth knowing whatever is asked: pinned and important ones, and what happened last. */
async function standingMemories(
  tx: Transaction,
  scope: Scope,
  user_id: string,
  layers: readonly ('working' | 'longterm')[],
  now: string,
): Promise<MemoryRow[]> {
  const [longterm, working] = await Promise.all([
    layers.includes('longterm')
      ? tx.sql<LongTermRow>(
          `(SELECT ${longTermTable.columnList} FROM archon_longterm_memory
            WHERE org_id = $1 AND user_id = $2 AND valid_to IS NULL AND deleted_at IS NULL AND pinned
            ORDER BY importance_score DESC, id DESC LIMIT $3)
           UNION ALL
           (SELECT ${longTermTable.columnList} FROM archon_longterm_memory
            WHERE org_id = $1 AND user_id = $2 AND valid_to IS NULL AND deleted_at IS NULL AND NOT pinned
            ORDER BY importance_score DESC, id DESC LIMIT $3)`,
          [scope.org_id, user_id, CANDIDATES],
        )
      : [],
    layers.includes('working')
      ? tx.sql<WorkingRow>(
          `SELECT ${workingTable.columnList} FROM archon_working_memory
           WHERE org_id = $1 AND user_id = $2 AND deleted_at IS NULL AND expires_at > $4::timestamptz
           ORDER BY created_at DESC, id DESC LIMIT $3`,
          [scope.org_id, user_id, CANDIDATES, now],
        )
      : [],
  ]);
  return [
    ...longterm.map((row) => ({ layer: 'longterm' as const, row })),
    ...working.map((row) => ({ layer: 'working' as const, row })),
  ];
}

function withoutRepeats(items: readonly (MemoryRow | Candidate)[]): MemoryRow[] {
  return [...new Map(items.map((item) => [item.row.id, item])).values()];
}

/** Texts that say the same but for case and white space. */
const likeness = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ').trim();

/** A memory that repeats a message of the conversation or a better memory would be told twice. */
function splitRepeats(
  ranked: readonly Ranked[],
  messages: readonly Message[],
): { unique: Ranked[]; repeated: Ranked[] } {
  const seenIds = new Set(messages.map((message) => message.message_id));
  const seenTexts = new Set(messages.map((message) => likeness(message.content)));
  const unique: Ranked[] = [];
  const repeated: Ranked[] = [];
  for (const one of ranked) {
    const { message_id, text } = one.item.row.content;
    const key = likeness(text);
    const told =
      (one.item.layer === 'working' && typeof message_id === 'string' && seenIds.has(message_id)) || seenTexts.has(key);
    seenTexts.add(key);
    (told ? repeated : unique).push(one);
  }
  return { unique, repeated };
}

function offer({ item }: Ranked): OfferedMemory {
  const { row } = item;
  const day = (item.layer === 'longterm' ? item.row.valid_from : row.created_at).slice(0, 10);
  const when = item.layer === 'longterm' ? `since ${day}` : day;
  return { id: row.id, layer: item.layer, line: `- [${row.memory_type}, ${when}] ${row.content.text}` };
}

function listLeftOut(
  packed: Packed,
  messages: readonly Message[],
  unique: readonly Ranked[],
  repeated: readonly Ranked[],
): LeftOut[] {
  const usedMessages = packed.messages.length;
  const usedMemories = new Set(packed.memories.map(({ id }) => id));
  const memory = ({ item }: Ranked, reason: LeftOut['reason']): LeftOut => ({
    layer: item.layer as Layer,
    id: item.row.id,
    reason,
    token_count: item.row.token_count,
  });
  return [
    ...messages.slice(usedMessages).map(
      (message): LeftOut => ({
        layer: 'session',
        id: message.message_id,
        reason: 'budget',
        token_count: message.token_count,
      }),
    ),
    ...unique.filter(({ item }) => !usedMemories.has(item.row.id)).map((one) => memory(one, 'budget')),
    ...repeated.map((one) => memory(one, 'duplicate')),
  ];
}
