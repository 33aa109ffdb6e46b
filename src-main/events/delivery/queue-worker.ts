/** Hands what waits in the queue of one subscriber to its handler, some at a time. */
import type { Logger } from 'pino';
import type { DeliveryAttempt, EventEnvelope, JsonObject } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import { Bell } from '../bell.ts';
import { type DeliveryObserver, kindOf } from './delivery-observer.ts';
import type { DurableSubscriber } from './durable-subscriber.ts';
import { doOnce } from './effects.ts';
import { type ClaimedJob, type JobQueue, queueOf, type ReplayJob } from './job-queue.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { type Failure, runHandler } from './run-handler.ts';
import type { Settlement } from './settlement.ts';

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_BATCH = 50;
/**
 * A job whose process died this often under it is not given to another one: it may be what kills them. Many, for a
 * process may be killed for reasons of its own.
 */
const MAX_CRASHES = 25;
/** Handled and not yet ended in the queue, at most: they would come again after a crash. */
const MAX_DONE = 200;
/** Between tries while the database is away: doubles from the first to the last. */
const AWAY_MS = [200, 5000] as const;

/** Longest pause of a subscriber that tries nothing: what it needs may be back earlier than was said. */
const MAX_PAUSE_MS = 5000;

/** What the worker of any subscriber needs. */
export interface WorkerDeps {
  database: Database;
  queue: JobQueue;
  settlement: Settlement;
  clock: Clock;
  logger: Logger;
  retry: (scope: Scope) => RetryPolicy;
  timeout_ms: (scope: Scope) => number;
  /** Milliseconds between looks into a queue that nobody told of. */
  poll_ms: number;
  /** There is room in a queue of the organisation again. */
  onRoom: (org_id: string) => void;
  observer?: DeliveryObserver | undefined;
}

export interface WorkerFigures {
  delivered: number;
  failed_attempts: number;
  given_up: number;
  delivered_per_minute: number;
}

/** An event, or a dead letter as it is to be sent now. */
interface Delivery {
  event: EventEnvelope;
  attempts: readonly DeliveryAttempt[];
  /** Undefined for an event. */
  replay: ReplayJob | undefined;
}

export class QueueWorker {
  readonly #deps: WorkerDeps;
  readonly #scope: Scope;
  readonly #subscriber: DurableSubscriber;
  readonly #queue: string;
  readonly #news = new Bell();
  readonly #stop = new AbortController();
  /** Rings at the end. */
  readonly #end = new Bell();
  readonly #running = new Map<ClaimedJob, Promise<void>>();
  #claimed: ClaimedJob[] = [];
  #done: ClaimedJob[] = [];
  /** Until when nothing is claimed, because the subscriber tries nothing. */
  #paused_until = 0;
  #finishing: Promise<void> | undefined;
  #loop: Promise<void> | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #slot = Promise.withResolvers<void>();
  #delivered = 0;
  #failed_attempts = 0;
  #given_up = 0;
  /** Deliveries of this minute and of the one before. */
  #minute = { at: 0, count: 0, before: 0 };

  constructor(scope: Scope, subscriber: DurableSubscriber, deps: WorkerDeps) {
    this.#deps = deps;
    this.#scope = { org_id: scope.org_id, actor: subscriber.name };
    this.#subscriber = subscriber;
    this.#queue = queueOf(scope.org_id, subscriber.name);
  }

  get subscriber(): DurableSubscriber {
    return this.#subscriber;
  }

  start(): void {
    this.#loop = this.#work();
    const beat = () => void this.#touch();
    this.#heartbeat = setInterval(beat, this.#deps.queue.heartbeat_ms).unref();
  }

  /** There may be something in the queue. */
  wake(): void {
    this.#news.ring();
  }

  figures(): WorkerFigures {
    const minute = this.#minuteNow();
    const past = (this.#deps.clock.now() % 60_000) / 60_000;
    return {
      delivered: this.#delivered,
      failed_attempts: this.#failed_attempts,
      given_up: this.#given_up,
      delivered_per_minute: Math.round(minute.count + minute.before * (1 - past)),
    };
  }

  /** Tells running handlers to end, and gives back what was not begun. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#end.ring();
    this.#news.ring();
    await this.#loop;
    await Promise.all(this.#running.values());
    clearInterval(this.#heartbeat);
    await this.#finishing;
    try {
      await this.#deps.queue.release(this.#queue, this.#claimed);
      if (this.#done.length > 0) await this.#deps.queue.finish(this.#queue, this.#done);
    } catch (error) {
      this.#deps.logger.warn({ err: error, subscriber: this.#subscriber.name }, 'claimed events were not given back');
    }
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #work(): Promise<void> {
    const concurrency = this.#subscriber.concurrency ?? DEFAULT_CONCURRENCY;
    let away_ms: number = AWAY_MS[0];
    while (!this.#stopped) {
      if (this.#running.size >= concurrency) {
        await this.#slot.promise;
        continue;
      }
      const next = this.#claimed.shift();
      if (next) {
        this.#begin(next);
        continue;
      }
      const pause_ms = this.#paused_until - performance.now();
      if (pause_ms > 0) {
        await this.#end.wait(pause_ms);
        continue;
      }
      try {
        this.#news.silence();
        this.#claimed = await this.#deps.queue.claim(this.#queue, this.#subscriber.batch ?? DEFAULT_BATCH);
        this.#deps.onRoom(this.#scope.org_id);
        away_ms = AWAY_MS[0];
        if (this.#claimed.length === 0) await this.#untilDue();
      } catch (error) {
        this.#deps.logger.warn({ err: error, subscriber: this.#subscriber.name }, 'the event queue cannot be read');
        await this.#end.wait(away_ms);
        away_ms = Math.min(away_ms * 2, AWAY_MS[1]);
      }
    }
  }

  async #untilDue(): Promise<void> {
    const due_ms = await this.#deps.queue.nextDue_ms(this.#queue);
    // One more: a timer may end a moment early.
    const wait_ms = due_ms === undefined ? this.#deps.poll_ms : Math.min(due_ms + 1, this.#deps.poll_ms);
    if (!this.#stopped) await this.#news.wait(wait_ms);
  }

  #begin(job: ClaimedJob): void {
    const run = this.#deliver(job).finally(() => {
      this.#running.delete(job);
      this.#slot.resolve();
      this.#slot = Promise.withResolvers();
    });
    this.#running.set(job, run);
  }

  async #deliver(job: ClaimedJob): Promise<void> {
    const delivery = await this.#persist(() => this.#read(job));
    if (delivery === undefined) return;
    const crashes = crashesOf(job, delivery);
    if (crashes > MAX_CRASHES) return await this.#buryKiller(job, delivery, crashes);
    const began_ms = this.#deps.clock.now();
    const began = performance.now();
    const attempt = (delivery.attempts.at(-1)?.attempt ?? 0) + 1;
    const result = await runHandler((signal) => this.#handle(delivery.event, attempt, signal), {
      timeout_ms: this.#subscriber.timeout_ms ?? this.#deps.timeout_ms(this.#scope),
      stop: this.#stop.signal,
    });
    const kind = kindOf(this.#subscriber.name);
    if (result.state !== 'interrupted') this.#deps.observer?.handled(kind, (performance.now() - began) / 1000);
    switch (result.state) {
      case 'interrupted':
        this.#claimed.push(job);
        return;
      case 'done':
        this.#count();
        this.#deps.observer?.delivered(kind);
        return delivery.replay ? await this.#resolve(delivery.replay) : await this.#finish(job);
      case 'not_tried': {
        if (!delivery.replay) return await this.#pause(job, result.again_in_ms);
        // Who replays is told that it did not go.
        const failed = { at_ms: began_ms, duration_ms: performance.now() - began, failure: result.failure };
        return await this.#fail(job, delivery, failed);
      }
      case 'failed': {
        this.#failed_attempts += 1;
        if (result.abandoned) this.#given_up += 1;
        const failed = { at_ms: began_ms, duration_ms: performance.now() - began, failure: result.failure };
        return await this.#fail(job, delivery, failed);
      }
    }
  }

  /** Gives back what is claimed, with the places it had, and claims nothing for a while. */
  async #pause(job: ClaimedJob, again_in_ms: number): Promise<void> {
    this.#paused_until = performance.now() + Math.min(again_in_ms, MAX_PAUSE_MS);
    const back = [job, ...this.#claimed.splice(0)];
    await this.#persist(() => this.#deps.queue.release(this.#queue, back));
  }

  async #handle(event: EventEnvelope, attempt: number, signal: AbortSignal): Promise<void> {
    await this.#subscriber.handle(event, {
      scope: this.#scope,
      subscriber: this.#subscriber.name,
      attempt,
      signal,
      once: async (work) => {
        signal.throwIfAborted();
        const effect = { subscriber: this.#subscriber.name, event_id: event.id };
        return await doOnce(this.#deps.database, this.#scope, effect, async (tx) => {
          await work(tx);
          // A handler whose time is over has failed: what it does after that must not count.
          signal.throwIfAborted();
        });
      },
    });
  }

  /** Undefined when a replay was overtaken by something else: its letter is gone. */
  async #read(job: ClaimedJob): Promise<Delivery | undefined> {
    const { data } = job;
    if (data.kind === 'event') return { event: data.event, attempts: data.attempts, replay: undefined };
    const [letter] = await this.#deps.database.withScope(this.#scope, (tx) =>
      tx.sql<LetterRow>(
        `SELECT event_id, event_type, user_id, event_actor, event_created_at, coalesce(edited_payload, payload) AS payload,
           attempts FROM archon_event_failures WHERE org_id = $1 AND id = $3 AND replay_id = $2`,
        [this.#scope.org_id, job.id, data.dead_letter_id],
      ),
    );
    if (letter === undefined) {
      await this.#finish(job);
      return undefined;
    }
    const event = {
      id: String(letter.event_id),
      org_id: this.#scope.org_id,
      type: letter.event_type,
      user_id: letter.user_id,
      actor: letter.event_actor,
      payload: letter.payload,
      created_at: letter.event_created_at,
    };
    return { event, attempts: letter.attempts, replay: { ...job, data } };
  }

  async #fail(job: ClaimedJob, delivery: Delivery, failed: { at_ms: number; duration_ms: number; failure: Failure }) {
    const { settlement, logger, observer } = this.#deps;
    const { name } = this.#subscriber;
    const told = { subscriber: name, event_id: delivery.event.id, error: failed.failure.message };
    const { replay } = delivery;
    if (replay) {
      await this.#persist(() => settlement.replayFailed(this.#scope, name, replay, delivery.attempts, failed));
      observer?.died(kindOf(name));
      logger.warn(told, 'a dead letter failed again');
      return;
    }
    const policy = { ...this.#deps.retry(this.#scope), ...this.#subscriber.retry };
    const outcome = await this.#persist(() => settlement.failed(this.#scope, name, job, delivery, failed, policy));
    if (outcome === 'postponed') observer?.postponed(kindOf(name));
    if (outcome === 'dead') observer?.died(kindOf(name));
    if (outcome === 'dead') logger.warn(told, 'an event failed for the last time and is a dead letter now');
    // It may be due before anything else happens.
    this.#news.ring();
  }

  async #buryKiller(job: ClaimedJob, delivery: Delivery, crashes: number): Promise<void> {
    const message = `the process ended ${crashes} times while it handled this event`;
    const failed = {
      at_ms: this.#deps.clock.now(),
      duration_ms: 0,
      failure: { name: 'ProcessEnded', message, stack: null },
    };
    const { settlement, retry, observer } = this.#deps;
    const { name } = this.#subscriber;
    await this.#persist(async () => {
      if (delivery.replay) await settlement.replayFailed(this.#scope, name, delivery.replay, delivery.attempts, failed);
      else await settlement.failed(this.#scope, name, job, delivery, failed, retry(this.#scope), { final: true });
    });
    observer?.died(kindOf(name));
  }

  async #resolve(job: ReplayJob): Promise<void> {
    await this.#persist(() => this.#deps.settlement.replayed(this.#scope, this.#subscriber.name, job));
  }

  /** Those that are done while a statement is under way end together in the next one; nobody waits unless many are. */
  async #finish(job: ClaimedJob): Promise<void> {
    this.#done.push(job);
    this.#finishDone();
    if (this.#done.length >= MAX_DONE) await this.#finishing;
  }

  #finishDone(): void {
    if (this.#finishing !== undefined || this.#done.length === 0) return;
    this.#finishing = this.#finishAll().finally(() => {
      this.#finishing = undefined;
      // One may have been done while the last statement ended.
      if (!this.#stopped) this.#finishDone();
    });
  }

  async #finishAll(): Promise<void> {
    while (this.#done.length > 0) {
      const jobs = [...this.#done];
      const ended = await this.#persist(async () => {
        await this.#deps.queue.finish(this.#queue, jobs);
        return true;
      });
      if (!ended) return;
      this.#done = this.#done.filter((job) => !jobs.includes(job));
    }
  }

  /** Until the database takes it, or the engine stops: then the event comes again. */
  async #persist<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let away_ms: number = AWAY_MS[0]; ; away_ms = Math.min(away_ms * 2, AWAY_MS[1])) {
      try {
        return await work();
      } catch (error) {
        this.#deps.logger.warn(
          { err: error, subscriber: this.#subscriber.name },
          'the end of a delivery was not noted',
        );
        if (this.#stopped) return undefined;
        await this.#end.wait(away_ms);
      }
    }
  }

  async #touch(): Promise<void> {
    try {
      await this.#deps.queue.touch(this.#queue, [...this.#running.keys(), ...this.#claimed, ...this.#done]);
    } catch (error) {
      this.#deps.logger.debug({ err: error, subscriber: this.#subscriber.name }, 'no sign of life was given');
    }
  }

  #count(): void {
    this.#delivered += 1;
    this.#minuteNow().count += 1;
  }

  #minuteNow(): { at: number; count: number; before: number } {
    const at = Math.floor(this.#deps.clock.now() / 60_000);
    if (at !== this.#minute.at) {
      this.#minute = { at, count: 0, before: at === this.#minute.at + 1 ? this.#minute.count : 0 };
    }
    return this.#minute;
  }
}

/** Every claim but the first counts; those after an attempt that failed are no fault of a process. A replay has one. */
function crashesOf(job: ClaimedJob, { replay, attempts }: Delivery): number {
  return job.retryCount - (replay ? 0 : (attempts.at(-1)?.attempt ?? 0));
}

interface LetterRow {
  event_id: number;
  event_type: string;
  user_id: string | null;
  event_actor: string;
  event_created_at: string;
  payload: JsonObject;
  attempts: DeliveryAttempt[];
}
