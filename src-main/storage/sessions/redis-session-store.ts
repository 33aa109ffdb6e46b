/** Sessions in Redis: one server, a primary under Sentinels, or a Cluster. */
import { Cluster } from 'ioredis';
import type { Message, Session } from '../../../src-contract/index.ts';
import { ArchonError } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { inBatches } from './in-batches.ts';
import type { RedisConnection } from './redis-connection.ts';
import { describeServer } from './redis-server-info.ts';
import { sessionTimes, touchedTimes } from './redis-session-codec.ts';
import {
  comparePlaces,
  type IndexCorrection,
  type IndexEntry,
  type IndexTimes,
  RedisSessionIndex,
} from './redis-session-index.ts';
import { RedisSessionOutbox } from './redis-session-outbox.ts';
import { RedisSessions, type SessionCounts } from './redis-sessions.ts';
import type { EventDetail } from './session-outbox.ts';
import {
  type AppendOptions,
  type AppendResult,
  type KeyedRequest,
  type MessageRange,
  type SessionPatch,
  type SessionPosition,
  type SessionRecord,
  type SessionStore,
  type SessionStoreOptions,
  SessionStoreUnavailableError,
  type SessionTotals,
  type StoredMessage,
} from './session-store.ts';
import { userMatcher } from './user-search.ts';

/** Commands sent at once; more would only pile up in memory. */
const COMMANDS_AT_ONCE = 200;
const USERS_AT_ONCE = 50;
/** Index entries read beyond what a page needs, for those whose session has gone. */
const SPARE_ENTRIES = 10;

/** What the index was told of a session that a write may begin. */
type Announced = IndexTimes & { user_id: string };

/**
 * {@link RedisSessions} holds the sessions, {@link RedisSessionIndex} finds those of a user; this class keeps the index
 * in step with the sessions, and never shows what only the index knows.
 */
export class RedisSessionStore implements SessionStore {
  readonly kind = 'redis';
  readonly outbox: RedisSessionOutbox;
  readonly #redis: RedisConnection;
  readonly #sessions: RedisSessions;
  readonly #index: RedisSessionIndex;

  /** The store closes the connection with itself. */
  constructor(redis: RedisConnection, key_prefix: string, options: SessionStoreOptions = {}) {
    this.#redis = redis;
    this.outbox = new RedisSessionOutbox(redis, key_prefix, options);
    this.#sessions = new RedisSessions(redis, this.outbox, (org_id) => options.ttlOf?.(org_id));
    this.#index = new RedisSessionIndex(redis, key_prefix);
  }

  async create(
    scope: Scope,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
    keyed?: KeyedRequest,
    detail?: EventDetail,
  ): Promise<{ session: Session; created: boolean }> {
    const announced = { ...sessionTimes(record), user_id: record.user_id };
    await Promise.all([
      this.#index.announce(scope.org_id, record.user_id, announced),
      keyed && this.#index.noteAnswer(scope.org_id, record.user_id, record.session_id, now_ms),
    ]);
    const creating = this.#sessions.create(scope, record, messages, now_ms, { keyed, detail });
    const { session, outcome } = await this.#unlessRefused(scope, announced, creating);
    if (session.user_id !== record.user_id) await this.#takeBack(scope, announced);
    // What was answered before says nothing of now; whoever reads next puts the entry right.
    if (outcome === 'repeated') return { session, created: true };
    await this.#noteAccess(session, { announced, begun: outcome === 'created' });
    return { session, created: outcome === 'created' };
  }

  async get(scope: Scope, session_id: string, now_ms: number, touch = true): Promise<Session | undefined> {
    if (!touch) return await this.#sessions.read(scope.org_id, session_id, now_ms);
    const session = await this.#sessions.touch(scope.org_id, session_id, now_ms);
    if (session) await this.#noteAccess(session, {});
    return session;
  }

  async update(
    scope: Scope,
    session_id: string,
    patch: SessionPatch,
    now_ms: number,
    keyed?: KeyedRequest,
    touch = true,
  ): Promise<Session | undefined> {
    const result = await this.#sessions.update(scope, session_id, patch, now_ms, { keyed, touch });
    if (!result) return undefined;
    const { session, outcome } = result;
    if (keyed) await this.#noteAnswer(session, now_ms);
    if (outcome === 'updated' && touch) await this.#noteAccess(session, { shortened: patch.ttl_seconds !== undefined });
    return session;
  }

  async append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options: AppendOptions = {},
  ): Promise<AppendResult | undefined> {
    const { touch = true, keyed, detail } = options;
    const begin = options.begin && { ...options.begin, session_id };
    const times = begin && (touch === true ? touchedTimes(session_id, begin.ttl_seconds, now_ms) : sessionTimes(begin));
    const announced = begin && times && { ...times, user_id: begin.user_id };
    if (announced) {
      await Promise.all([
        this.#index.announce(scope.org_id, announced.user_id, announced),
        keyed && this.#index.noteAnswer(scope.org_id, announced.user_id, session_id, now_ms),
      ]);
    }
    const how = { begin, touch, keyed, detail };
    const appending = this.#sessions.append(scope, session_id, messages, now_ms, how);
    const appended = await this.#unlessRefused(scope, announced, appending);
    if (!appended) return undefined;
    const { result, outcome } = appended;
    if (keyed && !announced) await this.#noteAnswer(result.session, now_ms);
    if (outcome !== 'repeated') await this.#noteAccess(result.session, { announced, begun: outcome === 'begun' });
    return result;
  }

  async messages(
    scope: Scope,
    session_id: string,
    range: MessageRange,
    now_ms: number,
  ): Promise<StoredMessage[] | undefined> {
    return await this.#sessions.messages(scope.org_id, session_id, range, now_ms);
  }

  async list(
    scope: Scope,
    user_id: string,
    page: { after?: SessionPosition; limit: number },
    now_ms: number,
  ): Promise<Session[]> {
    const start = page.after && {
      accessed_ms: Date.parse(page.after.last_accessed_at),
      session_id: page.after.session_id,
    };
    const found = new Map<string, { times: IndexTimes; session: Session }>();
    /** Found sessions that belong between the start and the place the index was read to. */
    const settled = (end?: IndexEntry) =>
      [...found.values()]
        .filter(({ times }) => !start || comparePlaces(start, times) < 0)
        .filter(({ times }) => !end || comparePlaces(times, end) <= 0);
    let end = start;
    while (settled(end).length < page.limit) {
      const count = page.limit + SPARE_ENTRIES;
      const entries = await this.#index.entriesAfter(scope.org_id, user_id, end, count);
      end = entries.at(-1);
      for (const session of await this.#readEntries(scope, user_id, entries, now_ms)) {
        found.set(session.session_id, { times: sessionTimes(session), session });
      }
      if (!end) break;
    }
    return settled(end)
      .sort((a, b) => comparePlaces(a.times, b.times))
      .slice(0, Math.max(0, page.limit))
      .map(({ session }) => session);
  }

  async delete(scope: Scope, session_id: string, now_ms: number, keyed?: KeyedRequest): Promise<boolean> {
    const deletion = await this.#sessions.delete(scope, session_id, now_ms, keyed);
    if (!('user_id' in deletion)) return deletion.outcome === 'repeated';
    const { user_id, accessed_ms, outcome } = deletion;
    // Its entry stays: whoever sweeps finds by it that its time is over, and tells of it.
    if (outcome === 'expired') return false;
    await afterwards(async () => {
      if (keyed) await this.#index.noteAnswer(scope.org_id, user_id, session_id, now_ms);
      await this.#index.correct(scope.org_id, user_id, [{ kind: 'deleted', session_id, accessed_ms }]);
      await this.#noteBegunAgain(scope.org_id, user_id, [session_id]);
    });
    return true;
  }

  async totals(scope: Scope, user_id: string, now_ms: number): Promise<SessionTotals> {
    const totals = { sessions: 0, messages: 0, tokens: 0 };
    for (const { messages, tokens } of await this.#liveCounts(scope, user_id, now_ms)) {
      totals.sessions += 1;
      totals.messages += messages;
      totals.tokens += tokens;
    }
    return totals;
  }

  async users(
    scope: Scope,
    page: { after?: string; limit: number; search?: string },
    now_ms: number,
  ): Promise<{ user_id: string; session_count: number }[]> {
    const matches = userMatcher(page.search);
    const found: { user_id: string; session_count: number }[] = [];
    let after = page.after;
    while (found.length < page.limit) {
      const user_ids = await this.#index.userIds(scope.org_id, after, USERS_AT_ONCE);
      if (user_ids.length === 0) break;
      after = user_ids.at(-1);
      const counted = await Promise.all(
        user_ids.filter(matches).map(async (user_id) => {
          const sessions = await this.#liveCounts(scope, user_id, now_ms);
          return { user_id, session_count: sessions.length };
        }),
      );
      found.push(...counted.filter(({ session_count }) => session_count > 0));
    }
    return found.slice(0, Math.max(0, page.limit));
  }

  async eraseUser(scope: Scope, user_id: string, now_ms: number): Promise<number> {
    const { org_id } = scope;
    // Read first: a session begun from here on moves it, and the user is then not forgotten.
    const latest_ms = await this.#index.latestExpiry(org_id, user_id);
    const [entries, answered] = await Promise.all([
      this.#index.allEntries(org_id, user_id),
      this.#index.answeredIds(org_id, user_id),
    ]);
    const session_ids = [...new Set([...entries.map(({ session_id }) => session_id), ...answered])];
    const corrections = await inBatches(session_ids, COMMANDS_AT_ONCE, async (session_id): Promise<IndexCorrection> => {
      const accessed_ms = await this.#sessions.erase(scope, session_id, user_id, now_ms);
      if (accessed_ms === undefined) return { kind: 'gone', session_id, by_ms: 'now' };
      return { kind: 'deleted', session_id, accessed_ms };
    });
    await this.#index.forgetAnswers(org_id, user_id, answered);
    const earliest = await this.#index.correct(org_id, user_id, corrections);
    if (latest_ms !== undefined) await this.#index.settleUser(org_id, user_id, latest_ms, earliest);
    await this.#noteBegunAgain(org_id, user_id, session_ids);
    return corrections.filter(({ kind }) => kind === 'deleted').length;
  }

  async sweep(now_ms: number, limit: number): Promise<number> {
    let removed = 0;
    for (const org_id of await this.#index.orgIds()) {
      while (removed < limit) {
        const user_ids = await this.#index.usersDue(org_id, now_ms, USERS_AT_ONCE);
        if (user_ids.length === 0) break;
        for (const user_id of user_ids) {
          if (removed < limit) removed += await this.#sweepUser(org_id, user_id, now_ms, limit - removed);
        }
      }
    }
    return removed;
  }

  async ping(): Promise<{ latency_ms: number; detail: string }> {
    const start = performance.now();
    // Whoever asks how Redis is wants to know how it is now.
    await this.#redis.probe(async (client) => {
      const servers = client instanceof Cluster ? client.nodes('master') : [client];
      await Promise.all(servers.map((server) => server.ping()));
    });
    const latency_ms = performance.now() - start;
    return { latency_ms, detail: describeServer(await this.#info()) };
  }

  async close(): Promise<void> {
    await this.#redis.close();
  }

  /**
   * Notes an access in the index. An entry that was announced with other times, or reaches further than the session
   * now does, is put right, so that sweeping finds it in time.
   */
  async #noteAccess(
    session: Session,
    access: { announced?: Announced | undefined; begun?: boolean; shortened?: boolean },
  ): Promise<void> {
    const { org_id, user_id } = session;
    const { announced, begun = false, shortened = false } = access;
    const times = sessionTimes(session);
    const asAnnounced =
      announced?.user_id === user_id &&
      announced.accessed_ms === times.accessed_ms &&
      announced.expires_ms === times.expires_ms;
    // A new session is noted again: somebody who deleted the one before may have dropped the entry in between.
    if (asAnnounced && !begun) return;
    await afterwards(async () => {
      await this.#index.raise(org_id, user_id, times);
      if (asAnnounced || (!announced && !shortened)) return;
      const seen_ms = Math.max(announced?.accessed_ms ?? 0, times.accessed_ms);
      await this.#index.correct(org_id, user_id, [{ kind: 'moved', seen_ms, times }]);
    });
  }

  /** A write that was announced and is refused with an answer begins nothing: its entry goes again. */
  async #unlessRefused<T>(scope: Scope, announced: Announced | undefined, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (announced && error instanceof ArchonError) await this.#takeBack(scope, announced);
      throw error;
    }
  }

  /** Left there, the entry would be told of as a session whose time is over. One the user does have keeps its own. */
  async #takeBack({ org_id }: Scope, { user_id, session_id, accessed_ms }: Announced): Promise<void> {
    await afterwards(async () => {
      await this.#index.correct(org_id, user_id, [{ kind: 'deleted', session_id, accessed_ms }]);
      await this.#noteBegunAgain(org_id, user_id, [session_id]);
    });
  }

  /** What a process that died here left unnoted goes by itself within a day. */
  async #noteAnswer({ org_id, user_id, session_id }: Session, now_ms: number): Promise<void> {
    await afterwards(() => this.#index.noteAnswer(org_id, user_id, session_id, now_ms));
  }

  /**
   * Gives sessions their entries back that were begun under the ids of deleted ones, and whose entries may have gone
   * with those. One begun later than this looks notes itself.
   */
  async #noteBegunAgain(org_id: string, user_id: string, session_ids: readonly string[]): Promise<void> {
    await inBatches(session_ids, COMMANDS_AT_ONCE, async (session_id) => {
      const session = await this.#sessions.read(org_id, session_id, 0);
      if (session?.user_id === user_id) await this.#index.raise(org_id, user_id, sessionTimes(session));
    });
  }

  /** The live sessions of these entries; entries that were wrong are corrected. */
  async #readEntries(
    scope: Scope,
    user_id: string,
    entries: readonly IndexEntry[],
    now_ms: number,
  ): Promise<Session[]> {
    const gone: string[] = [];
    const moved: IndexCorrection[] = [];
    const sessions: Session[] = [];
    const read = await inBatches(entries, COMMANDS_AT_ONCE, ({ session_id }) =>
      this.#sessions.read(scope.org_id, session_id, now_ms),
    );
    for (const [i, { session_id, accessed_ms: seen_ms }] of entries.entries()) {
      const session = read[i];
      if (session?.user_id !== user_id) {
        gone.push(session_id);
        continue;
      }
      sessions.push(session);
      const times = sessionTimes(session);
      if (times.accessed_ms !== seen_ms) moved.push({ kind: 'moved', seen_ms, times });
    }
    if (moved.length > 0) await this.#index.correct(scope.org_id, user_id, moved);
    if (gone.length > 0) await this.#clearAway(scope.org_id, user_id, gone, now_ms);
    return sessions;
  }

  async #liveCounts(scope: Scope, user_id: string, now_ms: number): Promise<SessionCounts[]> {
    const entries = await this.#index.allEntries(scope.org_id, user_id);
    const counts = await inBatches(entries, COMMANDS_AT_ONCE, ({ session_id }) =>
      this.#sessions.counts(scope.org_id, session_id, now_ms),
    );
    const gone = entries.filter((_, i) => counts[i]?.user_id !== user_id).map(({ session_id }) => session_id);
    if (gone.length > 0) await this.#clearAway(scope.org_id, user_id, gone, now_ms);
    return counts.flatMap((count) => (count?.user_id === user_id ? [count] : []));
  }

  /**
   * Removes what is left of sessions of a user that are not live any more, and their entries. One that is live after
   * all was touched by a process that died before it raised the entry: the entry is mended.
   */
  async #clearAway(
    org_id: string,
    user_id: string,
    session_ids: readonly string[],
    now_ms: number,
  ): Promise<{ removed: number; earliest: number | undefined }> {
    const expiries = await this.#index.expiries(org_id, user_id, session_ids);
    const corrections = await inBatches(session_ids, COMMANDS_AT_ONCE, async (session_id): Promise<IndexCorrection> => {
      const expires_ms = expiries.get(session_id) ?? Number.POSITIVE_INFINITY;
      const expired_ms = expires_ms <= now_ms ? expires_ms : undefined;
      const outcome = await this.#sessions.clear(org_id, session_id, user_id, { now_ms, expired_ms });
      const kept = outcome === 'kept' ? await this.#sessions.read(org_id, session_id, now_ms) : undefined;
      if (kept?.user_id !== user_id) return { kind: 'gone', session_id, by_ms: now_ms };
      return { kind: 'outlived', by_ms: now_ms, times: sessionTimes(kept) };
    });
    const earliest = await this.#index.correct(org_id, user_id, corrections);
    return { removed: corrections.filter(({ kind }) => kind === 'gone').length, earliest };
  }

  async #sweepUser(org_id: string, user_id: string, now_ms: number, limit: number): Promise<number> {
    const session_ids = await this.#index.expiredIds(org_id, user_id, now_ms, limit);
    const { removed, earliest } = await this.#clearAway(org_id, user_id, session_ids, now_ms);
    await this.#index.settleUser(org_id, user_id, now_ms, earliest);
    return removed;
  }

  async #info(): Promise<string> {
    try {
      return await this.#redis.send((client) => client.info());
    } catch (error) {
      // Managed servers often keep INFO for themselves; sessions do not need it.
      if (error instanceof Error && error.cause instanceof Error && error.cause.message.startsWith('NOPERM')) return '';
      throw error;
    }
  }
}

/**
 * Work on the index after the session itself was changed. When Redis goes away just then, the call has done its part:
 * to fail would make the caller repeat it. Readers mend the entry.
 */
async function afterwards(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SessionStoreUnavailableError)) throw error;
  }
}
