/**
 * The context assembler: the best of all layers under a token budget.
 *
 * Whatever is away, it answers: without sessions `degraded`, without the database the last good context (`cached`)
 * or the session alone, with nothing left an empty context with status `error`.
 */
import type { Logger } from 'pino';
import {
  type ContextInput as AskedContext,
  type AssembledContext,
  MEMORY_LAYERS,
  type Message,
  type Session,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { importanceOf, type Ranked, rank } from '../retrieval/ranking.ts';
import type { Candidate, MemoryRow, Retriever } from '../retrieval/retriever.ts';
import { relativeStrengths } from '../retrieval/search.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';
import type { SessionOutbox } from '../storage/sessions/session-outbox.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import type { AccessTracker } from './access-tracker.ts';
import { listLeftOut, offer, tell } from './context-answer.ts';
import { packWithoutRepeats } from './context-repeats.ts';
import { LastGoodContexts } from './last-good-contexts.ts';
import {
  boundedBy,
  type BoundedContextInput as ContextInput,
  keptOut,
  type MemoryControlSettings,
} from './memory-controls.ts';
import type { CacheObserver, ContextObserver } from './memory-observer.ts';
import type { MemorySettings, MemorySettingsOf } from './memory-settings.ts';
import { longTermTable, workingTable } from './memory-table.ts';
import { MESSAGE_FRAMING_TOKENS } from './tokens.ts';

/** Memories considered per layer and way of finding them. */
const CANDIDATES = 60;
/** Tokens of an ordinary message, to guess how many the budget takes. */
const ORDINARY_MESSAGE_TOKENS = 50;
const LARGEST_MESSAGE_PAGE = 500;
/** Read at a time behind a full budget, to find what the user said last. */
const LOOK_BACK_TOKENS = 2000;
/** Bytes of a message read per token of the budget at most: an ordinary token has four or five. */
const BYTES_PER_TOKEN = 32;
/** Pages read until the budget is full; only messages with much metadata and few words take as many. */
const MAX_MESSAGE_PAGES = 8;
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
  /** Long-term memories that are not important enough any more. */
  faded: Ranked[];
  /** How many memories of each layer were considered. */
  candidates: { working: number; longterm: number };
}

export class ContextAssembler {
  readonly #database: Database;
  readonly #sessions: SessionStore;
  readonly #retriever: Retriever;
  readonly #accesses: AccessTracker;
  readonly #events: Pick<SessionOutbox, 'leave'> | undefined;
  readonly #touches: boolean;
  readonly #controls: Pick<MemoryControlSettings, 'effective'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: MemorySettingsOf;
  readonly #observer: (ContextObserver & CacheObserver) | undefined;
  readonly #lastGood: LastGoodContexts;

  constructor(deps: {
    database: Database;
    sessions: SessionStore;
    retriever: Retriever;
    accesses: AccessTracker;
    /** Where each context is told of. */
    /** Undefined where nothing may be written: then nobody is told of contexts. */
    events: Pick<SessionOutbox, 'leave'> | undefined;
    /** False where reading must not prolong a session. */
    touches?: boolean;
    controls: Pick<MemoryControlSettings, 'effective'>;
    clock: Clock;
    logger: Logger;
    settings: MemorySettingsOf;
    observer?: ContextObserver & CacheObserver;
    lastGood?: LastGoodContexts;
  }) {
    this.#database = deps.database;
    this.#sessions = deps.sessions;
    this.#retriever = deps.retriever;
    this.#accesses = deps.accesses;
    this.#events = deps.events;
    this.#touches = deps.touches ?? true;
    this.#controls = deps.controls;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#settings = deps.settings;
    this.#observer = deps.observer;
    this.#lastGood = deps.lastGood ?? new LastGoodContexts();
  }

  async assemble(scope: Scope, asked: AskedContext): Promise<AssembledContext> {
    const began_ms = performance.now();
    const controls = await this.#controls.effective(scope, asked.user_id);
    const context = await this.#assemble(scope, boundedBy(controls, asked));
    const { status, total_tokens } = context;
    this.#observer?.assembled({ status, total_tokens, seconds: (performance.now() - began_ms) / 1000 });
    // Looking is not using.
    if (asked.track_access !== false) this.#tell(scope, asked, context);
    return { ...context, status_reason: context.status_reason ?? keptOut(controls, asked) };
  }

  /** A session store that is away is no reason for a context to fail or to wait; a file is written at once. */
  #tell(scope: Scope, { user_id, session_id }: AskedContext, { total_tokens, status }: AssembledContext): void {
    const payload = { session_id: session_id ?? null, total_tokens, status };
    this.#events?.leave(scope, { user_id, payload }, this.#clock.now()).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'a context is not told of: the session store is away');
    });
  }

  async #assemble(scope: Scope, input: ContextInput): Promise<AssembledContext> {
    const now_ms = this.#clock.now();
    const conversation = await this.#tryTo('sessions', () => this.#readConversation(scope, input, now_ms));
    const query = input.query ?? lastUserMessage(conversation);
    const remembered = await this.#tryTo('memories', () => this.#readMemories(scope, input, query, now_ms));
    if (!remembered.ok) {
      const last = this.#lastGood.find(scope, input);
      this.#observer?.looked('last_good_contexts', last !== undefined);
      if (last !== undefined) {
        return {
          ...last,
          status: 'cached',
          status_reason: `${remembered.why} This context is from ${last.assembled_at}.`,
        };
      }
    }
    const context = this.#pack(scope, input, query, conversation, remembered, now_ms);
    // Looking is not using: it neither counts nor takes the place of a context that an agent may need again.
    if (input.track_access === false) return context;
    for (const layer of MEMORY_LAYERS) {
      const given = context.memories.filter(({ memory }) => memory.layer === layer);
      this.#accesses.touch(
        scope,
        given.map(({ memory }) => memory.id),
        layer,
      );
    }
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
    const session = await this.#sessions.get(
      scope,
      input.session_id,
      now_ms,
      this.#touches && input.track_access !== false,
    );
    if (session === undefined) return { session, messages: [] };
    if (session.user_id !== input.user_id) {
      throw new ArchonError('NOT_FOUND', `User ${input.user_id} has no session ${input.session_id}.`);
    }
    return { session, messages: await this.#readMessages(scope, input, input.session_id, now_ms) };
  }

  /**
   * The newest messages, as many as fill the budget; each page as large as what is missing should need. When the call
   * does not say what is asked, it goes on to what the user said last, which may stand before a long answer of a tool.
   */
  async #readMessages(scope: Scope, input: ContextInput, session_id: string, now_ms: number): Promise<Message[]> {
    const { max_tokens } = input;
    const messages: Message[] = [];
    let before: number | undefined;
    let missing = max_tokens;
    for (let pages = 0; pages < MAX_MESSAGE_PAGES; pages += 1) {
      if (missing <= 0 && (input.query !== undefined || messages.some(isUsers))) break;
      const tokens = missing > 0 ? missing : LOOK_BACK_TOKENS;
      const isOrdinary = messages.length === 0 || missing <= 0;
      const typical = isOrdinary ? ORDINARY_MESSAGE_TOKENS : (max_tokens - missing) / messages.length;
      const range = {
        order: 'newest_first' as const,
        limit: Math.min(LARGEST_MESSAGE_PAGE, Math.ceil(tokens / typical) + 1),
        max_bytes: tokens * BYTES_PER_TOKEN,
        ...(before === undefined ? {} : { before }),
      };
      const page = (await this.#sessions.messages(scope, session_id, range, now_ms)) ?? [];
      for (const { message } of page) {
        messages.push(message);
        missing -= message.token_count + MESSAGE_FRAMING_TOKENS;
      }
      before = page.at(-1)?.seq;
      // Places are counted from 1.
      if (before === undefined || before === 1) break;
    }
    return messages;
  }

  /** One transaction, all queries in one flight. */
  async #readMemories(
    scope: Scope,
    input: ContextInput,
    query: string | undefined,
    now_ms: number,
  ): Promise<Remembered> {
    const layers = (['working', 'longterm'] as const).filter((layer) => input.layers[layer]);
    if (layers.length === 0) return { ranked: [], faded: [], candidates: { working: 0, longterm: 0 } };
    const now = isoTime(now_ms);
    const [found, standing] = await this.#database.readWithScope(scope, (tx) =>
      Promise.all([
        query === undefined
          ? { candidates: [], query_terms: [] }
          : this.#retriever.retrieve(
              tx,
              scope,
              { user_id: input.user_id, query, layers, limit: CANDIDATES, brief: true },
              now,
            ),
        standingMemories(tx, scope, input.user_id, layers, now),
      ]),
    );
    const strengths = new Map(relativeStrengths(found.candidates).map((input_) => [input_.item.row.id, input_]));
    const inputs = withoutRepeats([...found.candidates, ...standing]).map(
      (item) => strengths.get(item.row.id) ?? { item, words: 0, matched: [] },
    );
    const settings = this.#settings(scope);
    const ranked = rank(inputs, found.query_terms.length, now_ms, settings);
    const isFaded = (one: Ranked) => hasFaded(one, now_ms, settings);
    const kept = ranked.filter((one) => !isFaded(one));
    const count = (layer: 'working' | 'longterm') => ranked.filter(({ item }) => item.layer === layer).length;
    return {
      ranked: [...kept.filter(isPinned), ...kept.filter((one) => !isPinned(one))],
      faded: ranked.filter(isFaded),
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
    const settings = this.#settings(scope);
    const { session, messages } = conversation.ok ? conversation.value : { session: undefined, messages: [] };
    const { ranked, faded, candidates } = remembered.ok
      ? remembered.value
      : { ranked: [], faded: [], candidates: { working: 0, longterm: 0 } };
    const { packed, unique, repeated } = packWithoutRepeats({
      max_tokens: input.max_tokens,
      reserves: settings.reserves,
      enabled: input.layers,
      messages,
      memories: ranked.map(offer),
    });
    const offeredById = new Map(unique.map((offered) => [offered.id, offered]));
    const memories = packed.memories.flatMap((line) => {
      const offered = offeredById.get(line.id);
      return offered === undefined ? [] : [tell(offered, line, now_ms, settings)];
    });
    const leftOut = listLeftOut(
      packed,
      messages,
      unique.map(({ ranked: one }) => one),
      repeated.map(({ ranked: one }) => one),
      faded,
    );
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

/** A pinned one never fades. */
function hasFaded({ item }: Ranked, now_ms: number, settings: MemorySettings): boolean {
  if (item.layer !== 'longterm' || item.row.pinned) return false;
  return importanceOf(item.row, now_ms, settings) < settings.longterm_min_importance;
}

const isUsers = (message: Message): boolean => message.role === 'user';

function lastUserMessage(conversation: Part<Conversation>): string | undefined {
  if (!conversation.ok) return undefined;
  return conversation.value.messages.find(isUsers)?.content;
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
      ? tx.sql<LongTermRow & { shortened: boolean }>(
          `(SELECT ${longTermTable.briefSelection('m')} FROM archon_longterm_memory AS m
            WHERE org_id = $1 AND user_id = $2 AND valid_to IS NULL AND deleted_at IS NULL AND pinned
            ORDER BY importance_score DESC, id DESC LIMIT $3)
           UNION ALL
           (SELECT ${longTermTable.briefSelection('m')} FROM archon_longterm_memory AS m
            WHERE org_id = $1 AND user_id = $2 AND valid_to IS NULL AND deleted_at IS NULL AND NOT pinned
            ORDER BY importance_score DESC, id DESC LIMIT $3)`,
          [scope.org_id, user_id, CANDIDATES],
        )
      : [],
    layers.includes('working')
      ? tx.sql<WorkingRow & { shortened: boolean }>(
          `SELECT ${workingTable.briefSelection('m')} FROM archon_working_memory AS m
           WHERE org_id = $1 AND user_id = $2 AND deleted_at IS NULL AND expires_at > $4::timestamptz
           ORDER BY created_at DESC, id DESC LIMIT $3`,
          [scope.org_id, user_id, CANDIDATES, now],
        )
      : [],
  ]);
  return [
    ...longterm.map(({ shortened, ...row }) => ({ layer: 'longterm' as const, row, shortened })),
    ...working.map(({ shortened, ...row }) => ({ layer: 'working' as const, row, shortened })),
  ];
}

function withoutRepeats(items: readonly (MemoryRow | Candidate)[]): MemoryRow[] {
  return [...new Map(items.map((item) => [item.row.id, item])).values()];
}
