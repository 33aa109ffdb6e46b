/** Writes that are answered for even while their store is away: done at once, or queued in the journal. */
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import {
  type JournaledStore,
  type JournalStatus,
  journaledStore,
  type Outputs,
  type ParsedInputs,
  type QueuedWrite,
} from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { ArchonError, keyReused, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import { requestSha256 } from '../../memory/idempotency.ts';
import { timeLeft } from '../deadline.ts';
import { isAway, isOutage, type JournalDrain } from './journal-drain.ts';
import {
  isJournaled,
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
    kind.check?.(input);
    const drain = this.#drains[kind.store];
    const made = { at_ms: this.#clock.now(), ids: kind.ids(input, scope), again: false };
    if (drain === undefined) return await kind.apply(this.#writers, scope, input, made);
    const topics = kind.topics(input, made.ids);
    const key = keyIn(kind.store, topics, input);
    const repeated = this.#repeated(scope, name, key, input);
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
      topics,
      input,
      at_ms: made.at_ms,
    };
    if (drain.away !== undefined || this.#journal.holds(scope.org_id, write.topics)) return this.#queue(write);
    try {
      return await kind.apply(this.#writers, scope, input, made);
    } catch (error) {
      // After its time the caller is told that it may have been done, and may ask again.
      if (!isAway(error) || timeLeft() === 0) throw error;
      if (isOutage(error)) drain.noteAway(error);
      // Meanwhile the same write may have been asked for again, by its key.
      return this.#repeated(scope, name, key, input) ?? this.#queue(write);
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
    const { refusals, more } = this.#journal.refused(scope.org_id, {
      limit: input.limit,
      ...(before === undefined ? {} : { before }),
    });
    const last = refusals.at(-1);
    return {
      items: refusals.map(presentRefusal),
      next_cursor: more && last ? encodeCursor(REFUSED, { seq: last.seq }) : null,
    };
  }

  /**
   * Queues a refused write again, as it was asked for.
   *
   * @throws JournalFullError; ArchonError CONFLICT when its store has no journal any more, or another write waits under its
   *   key: it stays refused
   */
  retry(scope: Scope, id: string): QueuedWrite {
    const write = this.#refusal(scope, id);
    if (this.#drains[write.store] === undefined) {
      throw new ArchonError('CONFLICT', 'It was meant for a Redis that is not configured any more: discard it.');
    }
    if (write.key !== null && this.#journal.byKey(scope.org_id, write.key)) {
      throw new ArchonError('CONFLICT', 'Another write waits under the same idempotency key: discard this one.');
    }
    this.#journal.requeue(write);
    this.#drains[write.store]?.ring();
    return answerTo(write);
  }

  discard(scope: Scope, id: string): { discarded: true } {
    this.#journal.discard(this.#refusal(scope, id));
    return { discarded: true };
  }

  /**
   * Runs the erasure of a user after everything that waits is in its store, and while nothing is on its way: nothing of the
   * user comes after it. What was refused of theirs goes too.
   *
   * @throws ArchonError STORAGE_UNAVAILABLE when something has to wait on; nothing was erased then
   */
  async erasing<T>(scope: Scope, user_id: string, erase: () => Promise<T>): Promise<T> {
    const drains = Object.values(this.#drains);
    const alone = drains.reduceRight<() => Promise<T>>(
      (work, drain) => () => drain.alone(work),
      async () => {
        for (const drain of drains) await drain.bringAll();
        const erased = await erase();
        this.#journal.eraseRefused(scope.org_id, user_id);
        return erased;
      },
    );
    return await alone();
  }

  /** Of all organisations, for figures. */
  figures(): { bytes: number; writes: { store: JournaledStore; waiting: number; refused: number }[] } {
    const refused = this.#journal.refusedByStore();
    return {
      bytes: this.#journal.bytes,
      writes: journaledStore.options.map((store) => ({
        store,
        waiting: this.#journal.waiting(store),
        refused: refused[store],
      })),
    };
  }

  #queue(write: JournaledWrite): QueuedWrite {
    this.#journal.add({ ...write, request_sha256: requestSha256(write.input) });
    this.#drains[write.store]?.ring();
    return answerTo(write);
  }

  /** A write that waits with the same key is the same write. */
  #repeated(scope: Scope, name: JournaledName, key: string | undefined, input: object): QueuedWrite | undefined {
    if (key === undefined || this.#journal.waiting(JOURNALED[name].store) === 0) return undefined;
    const first = this.#journal.byKey(scope.org_id, key);
    if (first === undefined) return undefined;
    if (first.operation !== name || first.request_sha256 !== requestSha256(input)) throw keyReused(keyOf(input) ?? '');
    return answerTo(first);
  }

  #refusal(scope: Scope, id: string): Refusal {
    const found = this.#journal.refusal(scope.org_id, id);
    if (found === undefined) throw notFound('refused write', id);
    return found;
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
    // A newer version may have written it.
    ids: isJournaled(operation) ? journaledKind(operation).about(input, ids) : ids,
    actor,
    queued_at: isoTime(write.at_ms),
    refused_at: isoTime(write.refused_at_ms),
    error,
    input: input as Outputs['journal']['refused']['items'][number]['input'],
  };
}

/** Keys belong to an organisation in the database, and to a session in the store of sessions. */
function keyIn(store: JournaledStore, topics: readonly string[], input: object): string | undefined {
  const key = keyOf(input);
  if (key === undefined) return undefined;
  return store === 'sessions' ? `${topics[0]} ${key}` : `database ${key}`;
}

function keyOf(input: object): string | undefined {
  return 'idempotency_key' in input && typeof input.idempotency_key === 'string' ? input.idempotency_key : undefined;
}
