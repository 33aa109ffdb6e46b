/** The outbox of the sessions in Redis: streams, one on a server, one for each slot of a Cluster. */
import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import type { Scope } from '../../identity/scope.ts';
import { inBatches } from './in-batches.ts';
import type { RedisConnection } from './redis-connection.ts';
import { answerKeys, outboxKey, sessionKeys, sessionSlot } from './redis-keys.ts';
import { runScript } from './redis-scripts.ts';
import { SLOTS } from './redis-slots.ts';
import {
  type AssembledContextEvent,
  type KeptEvent,
  OUTBOX_BATCH,
  type OutboxBatch,
  type OutboxEntry,
  type SessionOutbox,
  toEvent,
} from './session-outbox.ts';

/** Of each lane; some 100 MB of memory. */
const MAX_EVENTS = 250_000;
/** A process that takes events is given so long to write them before another may: one that was killed says nothing. */
const TAKE_MS = 10_000;
const LANES_AT_ONCE = 500;
/** Entries taken at once from all lanes together, about; the other lanes come next. */
const ENOUGH = 2000;

/** Who caused an event, kept with it. */
interface Origin {
  source_id: string;
  org_id: string;
  session_id: string;
  actor: string;
  at_ms: number;
}

type StreamEntry = [position: string, values: string[]];

export class RedisSessionOutbox implements SessionOutbox {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #most: number;
  readonly #process = randomUUID();
  /** Lanes that may hold something this process knows of. */
  readonly #filled = new Set<string>();
  /** Lanes that a thorough look has still to look at. */
  #unlooked = new Set<string>();
  #listener: () => void = () => {};

  constructor(redis: RedisConnection, prefix: string, { max_events = MAX_EVENTS }: { max_events?: number }) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#most = max_events;
  }

  onWritten(listener: () => void): void {
    this.#listener = listener;
  }

  /** The keys of a session that a script of a write takes. */
  keysFor(org_id: string, session_id: string): string[] {
    return [
      ...sessionKeys(this.#prefix, org_id, session_id),
      ...answerKeys(this.#prefix, org_id, session_id),
      this.#keyFor(org_id, session_id),
    ];
  }

  /** The lane of a session. */
  #keyFor(org_id: string, session_id: string): string {
    return outboxKey(this.#prefix, this.#isCluster ? sessionSlot(org_id, session_id) : undefined);
  }

  /** What a script needs to tell of a change: its origin, and how many events there may be. */
  originArguments(
    { org_id, actor }: Scope,
    session_id: string,
    at_ms: number,
    source_id: string = uuidv7(),
  ): [origin: string, most: number] {
    return [JSON.stringify({ source_id, org_id, session_id, actor, at_ms } satisfies Origin), this.#most];
  }

  /** A script that may have told of something has run. */
  written(org_id: string, session_id: string): void {
    this.#filled.add(this.#keyFor(org_id, session_id));
    this.#listener();
  }

  async leave(scope: Scope, { user_id, payload }: AssembledContextEvent, at_ms: number): Promise<void> {
    const { org_id } = scope;
    const session_id = payload.session_id ?? '';
    const keys = this.keysFor(org_id, session_id);
    const origin = this.originArguments(scope, session_id, at_ms);
    await runScript(this.#redis, 'outboxLeave', keys, [...origin, 'context', user_id, JSON.stringify(payload)]);
    this.written(org_id, session_id);
  }

  async take({ thorough }: { thorough: boolean }): Promise<{ batches: OutboxBatch[]; busy: boolean }> {
    if (thorough || !this.#isCluster) this.#unlooked = new Set(this.#allLanes());
    const lanes = [...new Set([...this.#filled, ...this.#unlooked])];
    const batches: OutboxBatch[] = [];
    const failures: unknown[] = [];
    let busy = false;
    let gathered = 0;
    for (let from = 0; from < lanes.length && gathered < ENOUGH; from += LANES_AT_ONCE) {
      const some = lanes.slice(from, from + LANES_AT_ONCE);
      const share = Math.min(OUTBOX_BATCH, Math.floor(ENOUGH / some.length));
      const take = async (lane: string) => {
        // Before it is looked at: what is written meanwhile must be looked at again.
        this.#filled.delete(lane);
        this.#unlooked.delete(lane);
        try {
          const args = [this.#process, TAKE_MS, share];
          const answer = await runScript<StreamEntry[] | 'busy'>(this.#redis, 'outboxTake', laneKeys(lane), args);
          if (answer.length > 0) this.#filled.add(lane);
          if (answer === 'busy') busy = true;
          else if (answer.length > 0) batches.push({ lane, entries: answer.map(toEntry) });
        } catch (error) {
          this.#filled.add(lane);
          failures.push(error);
        }
      };
      await Promise.all(some.map(take));
      gathered = batches.reduce((sum, { entries }) => sum + entries.length, 0);
    }
    // A part of a Cluster that is away holds up no other.
    if (batches.length === 0 && failures.length > 0) throw failures[0];
    return { batches, busy };
  }

  async remove({ lane, entries }: OutboxBatch): Promise<void> {
    const last = entries.at(-1);
    if (last) await runScript(this.#redis, 'outboxRemove', [lane], [positionAfter(last.position)]);
  }

  /** In a Cluster, of the lanes that this process knows to hold something. */
  async waiting(): Promise<{ events: number; oldest_ms: number | undefined }> {
    const lanes = this.#isCluster ? [...this.#filled] : this.#allLanes();
    const counted = await inBatches(lanes, LANES_AT_ONCE, (lane) =>
      this.#redis.run((client) => Promise.all([client.xlen(lane), client.xrange(lane, '-', '+', 'COUNT', 1)])),
    );
    const oldest = counted.flatMap(([, entries]) => entries.map((entry) => toEntry(entry).at_ms));
    return {
      events: counted.reduce((sum, [length]) => sum + length, 0),
      oldest_ms: oldest.length > 0 ? Math.min(...oldest) : undefined,
    };
  }

  get #isCluster(): boolean {
    return this.#redis.client instanceof Cluster;
  }

  #allLanes(): string[] {
    if (!this.#isCluster) return [outboxKey(this.#prefix, undefined)];
    return Array.from({ length: SLOTS }, (_, slot) => outboxKey(this.#prefix, slot));
  }
}

const laneKeys = (lane: string): string[] => [lane, `${lane}:taker`];

function toEntry([position, values]: StreamEntry): OutboxEntry {
  const [, origin = '', , change = '', , user_id = '', , about = ''] = values;
  const { source_id, org_id, session_id, actor, at_ms } = JSON.parse(origin) as Origin;
  const kept = { change: change as KeptEvent['change'], session_id, user_id, about };
  // One write may tell of two things.
  return { position, source_id: `${source_id}/${change}`, org_id, actor, event: toEvent(kept), at_ms };
}

/** Positions are `milliseconds-number`. */
function positionAfter(position: string): string {
  const [ms, number] = position.split('-');
  return `${ms}-${Number(number) + 1}`;
}
