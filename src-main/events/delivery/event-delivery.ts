/**
 * Durable delivery: who subscribes, in every organisation this node works for.
 *
 * One loop moves events from the log to the queues when there is a reason to; a worker per subscriber takes them from
 * there. While nobody subscribes, the queues are not even opened.
 */
import type { Logger } from 'pino';
import type { EventSubscriber } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import { judgeDatabase } from '../../storage/storage-errors.ts';
import { Bell } from '../bell.ts';
import type { EventFeed } from '../event-feed.ts';
import { SettledEvents } from '../settled-events.ts';
import type { DeliveryObserver } from './delivery-observer.ts';
import type { DeliverySettings } from './delivery-settings.ts';
import type { DurableSubscriber } from './durable-subscriber.ts';
import { JobQueue, type QueueCounts, type QueueTuning, queueOf } from './job-queue.ts';
import { QueueWorker, type WorkerDeps } from './queue-worker.ts';
import { Relay } from './relay.ts';
import { Settlement } from './settlement.ts';
import { ensureSubscriber, listSubscribers, oldestBehind } from './subscriber-rows.ts';
import { webhookOf } from './webhooks/webhook-names.ts';

/** Subscribers that are not in code: an organisation's own. */
export interface SubscriberSource {
  list(scope: Scope): Promise<DurableSubscriber[]>;
}

/** Milliseconds. */
export interface DeliveryTuning extends QueueTuning {
  /** Between looks at the log and the queues while nobody tells of anything. */
  poll: number;
  /** Between rounds of the relay at least, however much is written. */
  gap: number;
  /** Before looking again at writers that are waited for: doubles from the first to the last. */
  recheck: readonly [number, number];
  /** Between looks for subscribers that came or went elsewhere. */
  refresh: number;
  /** Before trying again while the database is away: doubles from the first to the last. */
  away: readonly [number, number];
}

const TUNING = { gap: 4, recheck: [4, 200], away: [200, 10_000] } as const;
/** Alone on the database everything is told of; the looks are for what nobody thought of. */
const POLLS = { shared: { poll: 3000, refresh: 10_000 }, alone: { poll: 30_000, refresh: 60_000 } };

interface DeliveryDeps {
  database: Database;
  feed: Pick<EventFeed, 'onNews' | 'onSettingsChanged'>;
  clock: Clock;
  logger: Logger;
  /** Other nodes may work on the same database. */
  shared: boolean;
  /** Organisations this node works for. */
  organisations(): Iterable<string>;
  settings(scope: Scope): DeliverySettings;
  tuning?: Partial<DeliveryTuning> | undefined;
  observer?: DeliveryObserver | undefined;
}

const ACTOR = 'delivery';

export class EventDelivery {
  readonly queue: JobQueue;
  readonly #deps: DeliveryDeps;
  readonly #tuning: Omit<DeliveryTuning, keyof QueueTuning>;
  readonly #relay: Relay;
  readonly #log: SettledEvents;
  readonly #workerDeps: WorkerDeps;
  readonly #registered = new Map<string, DurableSubscriber>();
  readonly #sources: SubscriberSource[] = [];
  /** By organisation and name. */
  readonly #workers = new Map<string, Map<string, QueueWorker>>();
  readonly #news = new Bell();
  readonly #end = new Bell();
  readonly #due = new Set<string>();
  /** Organisations whose events could not be moved though the database answers, and until when they are left alone. */
  readonly #putOff = new Map<string, { away_ms: number; until: number }>();
  readonly #watched_since: string;
  #recheck_ms: number;
  #refresh_at = 0;
  /** Those who wait until subscribers were looked for. */
  readonly #asking: (() => void)[] = [];
  #loop: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: DeliveryDeps) {
    const { database, logger, clock, shared, tuning } = deps;
    this.#deps = deps;
    this.#tuning = { ...TUNING, ...POLLS[shared ? 'shared' : 'alone'], ...tuning };
    this.#recheck_ms = this.#tuning.recheck[0];
    this.queue = new JobQueue({ database, logger, shared, tuning });
    this.#relay = new Relay({ database, queue: this.queue });
    this.#log = new SettledEvents(database);
    this.#watched_since = isoTime(clock.now());
    const automatic = (scope: Scope) => deps.settings(scope).automatic;
    this.#workerDeps = {
      database,
      clock,
      logger,
      queue: this.queue,
      settlement: new Settlement({ database, queue: this.queue, clock, automatic }),
      retry: (scope) => deps.settings(scope).retry,
      timeout_ms: (scope) => deps.settings(scope).timeout_ms,
      poll_ms: this.#tuning.poll,
      onRoom: (org_id) => {
        if (this.#due.has(org_id)) this.#news.ring();
      },
      observer: deps.observer,
    };
  }

  /** A subscriber of every organisation. */
  subscribe(subscriber: DurableSubscriber): void {
    if (!/^[\w.-]{1,100}$/.test(subscriber.name)) throw new Error(`not the name of a subscriber: ${subscriber.name}`);
    if (this.#registered.has(subscriber.name)) throw new Error(`there is a subscriber ${subscriber.name} already`);
    this.#registered.set(subscriber.name, subscriber);
    void this.refresh();
  }

  addSource(source: SubscriberSource): void {
    this.#sources.push(source);
  }

  /** Begins in the background. */
  start(): void {
    this.#deps.feed.onNews((org_id) => this.#onNews(org_id));
    // Webhooks are told of like settings.
    this.#deps.feed.onSettingsChanged(() => void this.refresh());
    this.#loop = this.#watch();
  }

  /** Looks for subscribers that came or went. Resolves when that is done. */
  async refresh(): Promise<void> {
    this.#refresh_at = 0;
    this.#news.ring();
    if (!this.#stopped) await new Promise<void>((resolve) => this.#asking.push(resolve));
  }

  /** Whether a worker of this node serves the subscriber: what is put into its queue is handled. */
  serves(scope: Scope, subscriber: string): boolean {
    return this.#workers.get(scope.org_id)?.has(subscriber) ?? false;
  }

  /** The subscribers that {@link serves} says yes to. */
  served(scope: Scope): string[] {
    return [...(this.#workers.get(scope.org_id)?.keys() ?? [])];
  }

  /** How many subscribers this node serves, and since when the event waits for one of them that waits longest. */
  async waiting(scope: Scope): Promise<{ subscribers: number; oldest_waiting_at: string | null }> {
    const names = this.served(scope);
    if (names.length === 0) return { subscribers: 0, oldest_waiting_at: null };
    const counts = await this.queue.counts(names.map((name) => queueOf(scope.org_id, name)));
    const times = [...counts.values()].flatMap(({ oldest_waiting_at }) => oldest_waiting_at ?? []);
    return { subscribers: names.length, oldest_waiting_at: times.sort()[0] ?? null };
  }

  /**
   * Since when the event waits that waits longest for a subscriber, in its queue or before it in the log. Of all
   * subscribers, whichever node serves them.
   */
  async oldestWaiting(scope: Scope): Promise<string | null> {
    const { names, behind_since } = await oldestBehind(this.#deps.database, scope);
    const queued_since = await this.queue.oldestReady(names.map((name) => queueOf(scope.org_id, name)));
    return [queued_since, behind_since].filter((at) => at !== null).sort()[0] ?? null;
  }

  /** Something was put into the queue of a subscriber. */
  wake(scope: Scope, subscriber: string): void {
    this.#workers.get(scope.org_id)?.get(subscriber)?.wake();
  }

  /** Ends a subscriber for good, with all that waits for it. */
  async drop(scope: Scope, subscriber: string): Promise<void> {
    const workers = this.#workers.get(scope.org_id);
    await workers?.get(subscriber)?.stop();
    workers?.delete(subscriber);
    if (await this.queue.isStarted()) await this.queue.remove(queueOf(scope.org_id, subscriber));
  }

  /** Up to where the log is settled now: a subscriber that begins there gets everything committed from now on. */
  async settledNow(): Promise<number> {
    const log = new SettledEvents(this.#deps.database);
    let recheck_ms: number = this.#tuning.recheck[0];
    for (;;) {
      const { settled } = await log.look();
      if (settled !== undefined) return settled;
      if (await this.#end.wait(recheck_ms)) throw new Error('the engine stops');
      recheck_ms = Math.min(recheck_ms * 2, this.#tuning.recheck[1]);
    }
  }

  /** Ends running handlers; what they had not finished comes again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#news.ring();
    this.#end.ring();
    await this.#loop;
    for (const resolve of this.#asking.splice(0)) resolve();
    await Promise.all([...this.#workers.values()].flatMap((workers) => [...workers.values()].map((w) => w.stop())));
    this.#workers.clear();
    await this.queue.stop();
  }

  async list(scope: Scope): Promise<EventSubscriber[]> {
    const rows = await listSubscribers(this.#deps.database, scope);
    const counts = (await this.queue.isStarted())
      ? await this.queue.counts(rows.map(({ name }) => queueOf(scope.org_id, name)))
      : new Map<string, QueueCounts>();
    return rows.map(({ cursor, ...row }) => {
      const webhook_id = webhookOf(row.name);
      const figures = this.#workers.get(scope.org_id)?.get(row.name)?.figures();
      return {
        ...row,
        kind: webhook_id === null ? 'built-in' : 'webhook',
        webhook_id,
        ...(counts.get(queueOf(scope.org_id, row.name)) ?? NOTHING_WAITS),
        cursor: String(cursor),
        ...(figures ?? NO_FIGURES),
      };
    });
  }

  #onNews(org_id: string | undefined): void {
    if (org_id === undefined) {
      // The server may be another process than before.
      this.#log.reset();
      for (const org of this.#workers.keys()) this.#due.add(org);
      this.#refresh_at = 0;
    } else if (this.#workers.has(org_id)) this.#due.add(org_id);
    // An organisation that this node has not worked for yet: its subscribers are looked for.
    else if (this.#registered.size > 0) this.#refresh_at = 0;
    else return;
    this.#news.ring();
  }

  async #watch(): Promise<void> {
    const { poll, gap, away } = this.#tuning;
    let away_ms: number = away[0];
    while (!this.#stopped) {
      this.#news.silence();
      try {
        if (performance.now() >= this.#refresh_at) await this.#findSubscribers();
        const again_ms = await this.#relayDue();
        away_ms = away[0];
        if (again_ms !== undefined) await this.#end.wait(again_ms);
        else if (await this.#news.wait(this.#untilRefresh(poll))) await this.#end.wait(gap);
        else for (const org_id of this.#workers.keys()) this.#due.add(org_id);
      } catch (error) {
        if (this.#stopped) return;
        this.#log.reset();
        this.#refresh_at = 0;
        for (const org_id of this.#workers.keys()) this.#due.add(org_id);
        this.#deps.logger.warn({ err: error }, 'events are not delivered at the moment; it is tried again');
        await this.#end.wait(away_ms);
        away_ms = Math.min(away_ms * 2, away[1]);
      }
    }
  }

  #untilRefresh(poll: number): number {
    return Math.max(1, Math.min(poll, this.#refresh_at - performance.now()));
  }

  /** Moves events of the organisations that are due. @returns after how many milliseconds to go on, if soon */
  async #relayDue(): Promise<number | undefined> {
    if (this.#due.size === 0 || this.#workers.size === 0) {
      this.#due.clear();
      return undefined;
    }
    const { settled, open } = await this.#log.look();
    const due = [...this.#due];
    this.#due.clear();
    let more = false;
    for (const org_id of due) {
      if (open || this.#isPutOff(org_id)) this.#due.add(org_id);
      if (this.#isPutOff(org_id)) continue;
      try {
        if (await this.#relayOne(org_id, settled)) more = true;
        this.#putOff.delete(org_id);
      } catch (error) {
        // The database being away is no fault of one of them.
        if (judgeDatabase(error) !== 'answered') throw error;
        this.#putOffAfter(org_id, error);
      }
    }
    if (more) return 0;
    if (!open) {
      this.#recheck_ms = this.#tuning.recheck[0];
      return undefined;
    }
    const wait_ms = this.#recheck_ms;
    this.#recheck_ms = Math.min(wait_ms * 2, this.#tuning.recheck[1]);
    return wait_ms;
  }

  /** @returns whether there is more to move at once */
  async #relayOne(org_id: string, settled: number | undefined): Promise<boolean> {
    const workers = this.#workers.get(org_id);
    if (workers === undefined) return false;
    let more = false;
    if (settled !== undefined) {
      const round = await this.#relay.round({ org_id, actor: ACTOR }, [...workers.keys()], settled);
      if (round.more || round.held) this.#due.add(org_id);
      more = round.more;
    }
    // Also those that got nothing from us: another node may have been first.
    for (const worker of workers.values()) worker.wake();
    return more;
  }

  #isPutOff(org_id: string): boolean {
    return performance.now() < (this.#putOff.get(org_id)?.until ?? 0);
  }

  #putOffAfter(org_id: string, error: unknown): void {
    const [first, last] = this.#tuning.away;
    const away_ms = Math.min((this.#putOff.get(org_id)?.away_ms ?? first / 2) * 2, last);
    this.#putOff.set(org_id, { away_ms, until: performance.now() + away_ms });
    this.#due.add(org_id);
    this.#deps.logger.warn({ err: error, org_id }, 'events of an organisation are not delivered at the moment');
  }

  async #findSubscribers(): Promise<void> {
    this.#refresh_at = performance.now() + this.#tuning.refresh;
    const asking = this.#asking.splice(0);
    try {
      for (const org_id of new Set(this.#deps.organisations())) {
        const scope = { org_id, actor: ACTOR };
        const lists = await Promise.all(this.#sources.map((source) => source.list(scope)));
        await this.#keepWorkers(scope, lists.flat());
      }
    } catch (error) {
      this.#asking.unshift(...asking);
      throw error;
    }
    for (const resolve of asking) resolve();
  }

  async #keepWorkers(scope: Scope, found: readonly DurableSubscriber[]): Promise<void> {
    const wanted = [...this.#registered.values(), ...found];
    const workers = this.#workers.get(scope.org_id) ?? new Map<string, QueueWorker>();
    const names = new Set(wanted.map(({ name }) => name));
    for (const [name, worker] of workers) {
      if (names.has(name)) continue;
      workers.delete(name);
      await worker.stop();
    }
    const missing = wanted.filter(({ name }) => !workers.has(name));
    if (missing.length > 0) {
      await this.queue.start();
      await this.#ensureRows(
        scope,
        missing.filter(({ name }) => this.#registered.has(name)),
      );
      for (const subscriber of missing) {
        await this.queue.ensure(queueOf(scope.org_id, subscriber.name));
        const worker = new QueueWorker(scope, subscriber, this.#workerDeps);
        workers.set(subscriber.name, worker);
        worker.start();
      }
      this.#due.add(scope.org_id);
    }
    if (workers.size > 0) this.#workers.set(scope.org_id, workers);
    else this.#workers.delete(scope.org_id);
  }

  /** Of subscribers in code: a source makes and removes the rows of its own, with what they belong to. */
  async #ensureRows(scope: Scope, subscribers: readonly DurableSubscriber[]): Promise<void> {
    if (subscribers.length === 0) return;
    const begin = { settled: await this.settledNow(), watched_since: this.#watched_since };
    for (const subscriber of subscribers) {
      await this.#deps.database.withScope(scope, (tx) => ensureSubscriber(tx, scope, subscriber, begin));
    }
  }
}

const NOTHING_WAITS = { waiting: 0, delayed: 0, running: 0, oldest_waiting_at: null };
const NO_FIGURES = { delivered: 0, failed_attempts: 0, given_up: 0, delivered_per_minute: 0 };
