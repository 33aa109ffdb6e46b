/** Writes that are answered for even while their store is away: done at once, or queued in the journal. */
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { JournaledStore, JournalStatus, Outputs, ParsedInputs, QueuedWrite } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { keyReused, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import { requestSha256 } from '../../memory/idempotency.ts';
import { isAway, type JournalDrain } from './journal-drain.ts';
import {
  JOURNALED,
  type JournaledInput,
  type JournaledKind,
  type JournaledName,
  type JournaledOutput,
  journaledKind,
  type Writers,
} from './journaled-writes.ts';
import type { JournaledWrite, Refusal, WriteJournal } from './write-journal.ts';

/** Name of the list, in its cursors. */
const REFUSED = 'refused writes';
const refusedPosition = z.object({ seq: z.int().positive() });

export interface QueuedWritesDeps {
  journal: WriteJournal;
  writers: Writers;
  /** Of the stores whose writes can wait. */
  drains: Readonly<Partial<Record<JournaledStore, JournalDrain>>>;
  clock: Clock;
}

export class QueuedWrites {
  readonly #journal: WriteJournal;
  readonly #writers: Writers;
  readonly #drains: Readonly<Partial<Record<JournaledStore, JournalDrain>>>;
  readonly #clock: Clock;

  constructor(deps: QueuedWritesDeps) {
    this.#journal = deps.journal;
    this.#writers = deps.writers;
    this.#drains = deps.drains;
    this.#clock = deps.clock;
  }

  /**
   * Does the write, or queues it when its store is away, or when a write waits that has to come before it.
   *
   * @throws JournalFullError; ArchonError IDEMPOTENCY_KEY_REUSED; what the write itself throws
   */
  async perform<N extends JournaledName>(
    scope: Scope,
    name: N,
    input: JournaledInput<N>,
  ): Promise<JournaledOutput<N> | QueuedWrite> {
    const kind = JOURNALED[name] as unknown as JournaledKind<JournaledInput<N>, JournaledOutput<N>>;
    const drain = this.#drains[kind.store];
    const made = { at_ms: this.#clock.now(), ids: kind.ids(input, scope), again: false };
    if (drain === undefined) return await kind.apply(this.#writers, scope, input, made);
    const key = keyOf(input);
    const repeated = key === undefined ? undefined : this.#repeated(scope, name, key, input);
    if (repeated !== undefined) return repeated;
    const write: JournaledWrite = {
      write_id: uuidv7(),
      org_id: scope.org_id,
      actor: scope.actor,
      store: kind.store,
      operation: name,
      user_id: kind.userOf(input) ?? null,
      key: key ?? null,
      request_sha256: '',
      ids: made.ids,
      topics: kind.topics(input, made.ids),
      input,
      at_ms: made.at_ms,
    };
    if (drain.away !== undefined || this.#journal.holds(scope.org_id, write.topics)) return this.#queue(write);
    try {
      return await kind.apply(this.#writers, scope, input, made);
    } catch (error) {
      if (!isAway(error)) throw error;
      drain.noteAway(error);
      return this.#queue(write);
    }
  }

  status(scope: Scope): JournalStatus {
    const { stores, refused } = this.#journal.counts(scope.org_id);
    const of = (store: JournaledStore) => {
      const { waiting, oldest_ms } = stores[store];
      const away = this.#drains[store]?.away;
      return {
        waiting,
        oldest_at: oldest_ms === null ? null : isoTime(oldest_ms),
        away_since: away === undefined ? null : isoTime(away.since_ms),
        error: away?.error ?? null,
      };
    };
    return {
      database: of('database'),
      sessions: of('sessions'),
      refused,
      bytes: this.#journal.bytes,
      max_bytes: this.#journal.max_bytes,
    };
  }

  refused(scope: Scope, input: ParsedInputs['journal']['refused']): Outputs['journal']['refused'] {
    const before = input.cursor === undefined ? undefined : decodeCursor(REFUSED, input.cursor, refusedPosition).seq;
    const read = this.#journal.refused(scope.org_id, {
      limit: input.limit + 1,
      ...(before === undefined ? {} : { before }),
    });
    const items = read.slice(0, input.limit);
    const last = items.at(-1);
    return {
      items: items.map(presentRefusal),
      next_cursor: read.length > input.limit && last ? encodeCursor(REFUSED, { seq: last.seq }) : null,
    };
  }

  /** Queues a refused write again, as it was asked for. */
  retry(scope: Scope, id: string): QueuedWrite {
    const { seq: _seq, bytes: _bytes, refused_at_ms: _at, error: _error, ...write } = this.#take(scope, id);
    return this.#queue(write);
  }

  discard(scope: Scope, id: string): { discarded: true } {
    this.#take(scope, id);
    return { discarded: true };
  }

  /** Runs the erasure of a user while no queued write of theirs can come between; those that wait are gone first. */
  async erasing<T>(scope: Scope, user_id: string, erase: () => Promise<T>): Promise<T> {
    const drains = Object.values(this.#drains);
    const alone = drains.reduceRight<() => Promise<T>>(
      (work, drain) => () => drain.alone(work),
      async () => {
        this.#journal.eraseUser(scope.org_id, user_id);
        return await erase();
      },
    );
    return await alone();
  }

  /** Removes refused writes that nobody has dealt with for 30 days; how many. */
  prune(scope: Scope, now_ms: number, limit: number): number {
    return this.#journal.prune(scope.org_id, now_ms, limit);
  }

  #queue(write: JournaledWrite): QueuedWrite {
    this.#journal.add({ ...write, request_sha256: requestSha256(write.input) });
    this.#drains[write.store]?.ring();
    return answerTo(write);
  }

  /** A write that waits with the same key is the same write. */
  #repeated(scope: Scope, name: JournaledName, key: string, input: unknown): QueuedWrite | undefined {
    if (this.#journal.waiting(JOURNALED[name].store) === 0) return undefined;
    const first = this.#journal.byKey(scope.org_id, key);
    if (first === undefined) return undefined;
    if (first.operation !== name || first.request_sha256 !== requestSha256(input)) throw keyReused(key);
    return answerTo(first);
  }

  #take(scope: Scope, id: string): Refusal {
    const taken = this.#journal.takeRefused(scope.org_id, id);
    if (taken === undefined) throw notFound('refused write', id);
    return taken;
  }
}

function answerTo(write: JournaledWrite): QueuedWrite {
  const [id = '', ...rest] = journaledKind(write.operation).about(write.input, write.ids);
  return { status: 'queued', id, ids: [id, ...rest], queued_at: isoTime(write.at_ms), store: write.store };
}

function presentRefusal(write: Refusal): Outputs['journal']['refused']['items'][number] {
  const { write_id: id, operation, store, user_id, actor, ids, input, error } = write;
  return {
    id,
    operation,
    store,
    user_id,
    ids: journaledKind(operation).about(input, ids),
    actor,
    queued_at: isoTime(write.at_ms),
    refused_at: isoTime(write.refused_at_ms),
    error,
    input: input as Outputs['journal']['refused']['items'][number]['input'],
  };
}

function keyOf(input: object): string | undefined {
  return 'idempotency_key' in input && typeof input.idempotency_key === 'string' ? input.idempotency_key : undefined;
}
