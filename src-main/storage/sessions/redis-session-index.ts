/** Finds the sessions of a user and the users of an organisation in Redis. */
import { IDEMPOTENCY_KEY_VALID_MS } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import type { RedisConnection } from './redis-connection.ts';
import { answeredKey, orgIndexKeys, orgsKey, userIndexKeys } from './redis-keys.ts';
import { runScript } from './redis-scripts.ts';

/** Place in a list of sessions sorted by last access, then id, both descending. */
export interface IndexEntry {
  session_id: string;
  accessed_ms: number;
}

/** Where a live session belongs in the index. */
export interface IndexTimes extends IndexEntry {
  expires_ms: number;
}

/** What a reader found wrong. It changes nothing when the entry was written again in the meantime. */
export type IndexCorrection =
  /** The session is gone and its time was over by then; a time of `now` is that of Redis. */
  | { kind: 'gone'; session_id: string; by_ms: number | 'now' }
  /** The session was deleted; it had been accessed last at this time. */
  | { kind: 'deleted'; session_id: string; accessed_ms: number }
  /** The entry said `seen_ms`, the session itself says otherwise. */
  | { kind: 'moved'; seen_ms: number; times: IndexTimes }
  /** The entry was past its time, the session is live. */
  | { kind: 'outlived'; by_ms: number; times: IndexTimes };

/**
 * How much longer than its latest entry an index is kept, in ms: an entry that was not raised in time (the process
 * died after the session was touched) can then still be mended.
 */
const INDEX_SLACK_MS = 24 * 60 * 60_000;

/** A longer script would keep other clients of Redis waiting. */
const CORRECTIONS_AT_ONCE = 500;

/** Byte order, as Redis and SQLite sort ids; JavaScript's own differs beyond the basic plane. */
const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Below zero when `a` comes first: accessed later, or at the same time with the greater id. */
export const comparePlaces = (a: IndexEntry, b: IndexEntry): number =>
  b.accessed_ms - a.accessed_ms || compareBytes(b.session_id, a.session_id);

/**
 * Sorted sets beside the sessions. They lie in other slots of a Cluster than the sessions and so cannot change in one
 * step with them. An entry is written before its session and raised after each access; what it says may therefore be
 * out of date, and a reader asks the session itself and corrects the entry. An entry is dropped only when its time is
 * over or its session was deleted, never merely because the session is not there: it may be about to be.
 */
export class RedisSessionIndex {
  readonly #redis: RedisConnection;
  readonly #prefix: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Writes entries for a session that is about to begin. */
  async announce(org_id: string, user_id: string, times: IndexTimes): Promise<void> {
    await Promise.all([
      this.#redis.run((client) => client.sadd(orgsKey(this.#prefix), org_id)),
      this.raise(org_id, user_id, times),
    ]);
  }

  /** Notes an access. Later times win, whatever the order of calls. */
  async raise(org_id: string, user_id: string, times: IndexTimes): Promise<void> {
    const { session_id, accessed_ms, expires_ms } = times;
    await Promise.all([
      runScript(this.#redis, 'indexRaise', userIndexKeys(this.#prefix, org_id, user_id), [
        accessed_ms,
        expires_ms,
        session_id,
        INDEX_SLACK_MS,
      ]),
      runScript(this.#redis, 'usersRaise', orgIndexKeys(this.#prefix, org_id), [expires_ms, user_id, INDEX_SLACK_MS]),
    ]);
  }

  /** Notes that a session has an answer to a keyed write, which may outlive it: erasing a user must find it. */
  async noteAnswer(org_id: string, user_id: string, session_id: string, now_ms: number): Promise<void> {
    const keys = [answeredKey(this.#prefix, org_id, user_id)];
    await runScript(this.#redis, 'indexAnswered', keys, [now_ms, session_id, IDEMPOTENCY_KEY_VALID_MS]);
  }

  async answeredIds(org_id: string, user_id: string): Promise<string[]> {
    const key = answeredKey(this.#prefix, org_id, user_id);
    return await this.#redis.run((client) => client.zrangebyscore(key, '-inf', '+inf'));
  }

  async forgetAnswers(org_id: string, user_id: string, session_ids: readonly string[]): Promise<void> {
    const key = answeredKey(this.#prefix, org_id, user_id);
    if (session_ids.length > 0) await this.#redis.run((client) => client.zrem(key, ...session_ids));
  }

  /** Corrects entries; the earliest expiry that is left in this user's index. */
  async correct(org_id: string, user_id: string, corrections: readonly IndexCorrection[]): Promise<number | undefined> {
    const keys = userIndexKeys(this.#prefix, org_id, user_id);
    let earliest = '';
    for (let from = 0; from === 0 || from < corrections.length; from += CORRECTIONS_AT_ONCE) {
      const batch = corrections.slice(from, from + CORRECTIONS_AT_ONCE);
      earliest = await runScript<string>(this.#redis, 'indexSettle', keys, batch.flatMap(settleArguments));
    }
    return earliest === '' ? undefined : Number(earliest);
  }

  /** At least one entry after a place, when there is one, and about `count`. */
  async entriesAfter(
    org_id: string,
    user_id: string,
    after: IndexEntry | undefined,
    count: number,
  ): Promise<IndexEntry[]> {
    const [accessed] = userIndexKeys(this.#prefix, org_id, user_id);
    const from = after?.accessed_ms ?? '+inf';
    for (let size = count; ; size *= 2) {
      const flat = await this.#redis.run((client) =>
        client.zrevrangebyscore(accessed, from, '-inf', 'WITHSCORES', 'LIMIT', 0, size),
      );
      const entries = toEntries(flat).filter((entry) => !after || comparePlaces(after, entry) < 0);
      if (entries.length > 0 || flat.length < 2 * size) return entries;
    }
  }

  async allEntries(org_id: string, user_id: string): Promise<IndexEntry[]> {
    const [accessed] = userIndexKeys(this.#prefix, org_id, user_id);
    return toEntries(await this.#redis.run((client) => client.zrangebyscore(accessed, '-inf', '+inf', 'WITHSCORES')));
  }

  /** Sessions whose entries are past their time, at most `limit`. */
  async expiredIds(org_id: string, user_id: string, now_ms: number, limit: number): Promise<string[]> {
    const [, expiry] = userIndexKeys(this.#prefix, org_id, user_id);
    return await this.#redis.run((client) => client.zrangebyscore(expiry, '-inf', now_ms, 'LIMIT', 0, limit));
  }

  /** When the time of sessions is over, as their entries say. */
  async expiries(org_id: string, user_id: string, session_ids: readonly string[]): Promise<Map<string, number>> {
    if (session_ids.length === 0) return new Map();
    const [, expiry] = userIndexKeys(this.#prefix, org_id, user_id);
    const scores = await this.#redis.run((client) => client.zmscore(expiry, ...session_ids));
    const known = session_ids.map((session_id, i) => [session_id, scores[i]] as const);
    return new Map(known.flatMap(([session_id, score]) => (score == null ? [] : [[session_id, Number(score)]])));
  }

  /** Users by id, after one. Some may have no session any more. */
  async userIds(org_id: string, after: string | undefined, limit: number): Promise<string[]> {
    const [users] = orgIndexKeys(this.#prefix, org_id);
    const from = after === undefined ? '-' : `(${after}`;
    return await this.#redis.run((client) => client.zrangebylex(users, from, '+', 'LIMIT', 0, limit));
  }

  async orgIds(): Promise<string[]> {
    return await this.#redis.run((client) => client.smembers(orgsKey(this.#prefix)));
  }

  /** Users of whom an entry may be past its time, at most `limit`. */
  async usersDue(org_id: string, now_ms: number, limit: number): Promise<string[]> {
    const [, , due] = orgIndexKeys(this.#prefix, org_id);
    return await this.#redis.run((client) => client.zrangebyscore(due, '-inf', now_ms, 'LIMIT', 0, limit));
  }

  /** Latest expiry of a session this user had; undefined for an unknown user. */
  async latestExpiry(org_id: string, user_id: string): Promise<number | undefined> {
    const [, latest] = orgIndexKeys(this.#prefix, org_id);
    const score = await this.#redis.run((client) => client.zscore(latest, user_id));
    return score === null ? undefined : Number(score);
  }

  /** With no entry left, forgets the user, unless a session that ends after `latest_ms` was begun since. */
  async settleUser(org_id: string, user_id: string, latest_ms: number, earliest: number | undefined): Promise<void> {
    await runScript(this.#redis, 'usersSettle', orgIndexKeys(this.#prefix, org_id), [
      user_id,
      latest_ms,
      earliest ?? '',
    ]);
  }
}

function settleArguments(correction: IndexCorrection): (string | number)[] {
  switch (correction.kind) {
    case 'gone':
      return [correction.session_id, '', correction.by_ms, '', ''];
    case 'deleted':
      return [correction.session_id, correction.accessed_ms, '', '', ''];
    case 'moved':
      return [correction.times.session_id, correction.seen_ms, '', ...truth(correction.times)];
    case 'outlived':
      return [correction.times.session_id, '', correction.by_ms, ...truth(correction.times)];
    default:
      return assertNever(correction);
  }
}

const truth = ({ accessed_ms, expires_ms }: IndexTimes): number[] => [accessed_ms, expires_ms];

/** Member, score, member, score, … */
function toEntries(flat: readonly string[]): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    entries.push({ session_id: String(flat[i]), accessed_ms: Number(flat[i + 1]) });
  }
  return entries;
}
