/** The services this process depends on, each behind its policies, and what a person may see and do about them. */
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import {
  type Breaker,
  type BreakerProbe,
  type BreakerTransition,
  type NewEvent,
  type Outputs,
  type ParsedInputs,
  RESILIENT_SERVICES,
  type ResilientService,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../memory/cursor.ts';
import type { Config } from '../settings/config-schema.ts';
import type { Database } from '../storage/database.ts';
import type { HistoryStore } from '../storage/history-store.ts';
import { BreakerSettingsStore } from './breaker-settings.ts';
import { withinDeadline } from './deadline.ts';
import { Dependency } from './dependency.ts';
import { Isolations } from './isolations.ts';
import { LocalEvents } from './local-events.ts';
import { LocalStore } from './local-store.ts';
import type { WatchTuning } from './ping-watch.ts';
import { policyOf } from './policies.ts';
import { TransitionLog } from './transition-log.ts';
import { SHARED_ORG_ID, WebhookDependencies, webhookOf } from './webhook-dependencies.ts';

type Inputs = ParsedInputs['resilience'];
type TransitionListener = (transition: BreakerTransition) => void;

export interface ResilienceOptions {
  config: Config;
  history: HistoryStore;
  clock: Clock;
  logger: Logger;
  /** Connections to the database at most. */
  database_pool: number;
  watch?: Partial<WatchTuning> | undefined;
}

const CURSOR = 'breaker transitions';
const place = z.strictObject({ position: z.int().positive() });

export class Resilience {
  readonly webhooks: WebhookDependencies;
  readonly #options: ResilienceOptions;
  readonly #store: LocalStore;
  readonly #log: TransitionLog;
  readonly #settings: BreakerSettingsStore;
  readonly #isolations: Isolations;
  readonly #services: Map<ResilientService, Dependency>;
  readonly #inUse = new Set<ResilientService>(['postgres', 'webhook']);
  readonly #listeners = new Set<TransitionListener>();
  #events: LocalEvents | undefined;

  constructor(options: ResilienceOptions) {
    this.#options = options;
    this.#store = new LocalStore(options.history);
    this.#log = new TransitionLog({ store: this.#store, logger: options.logger });
    this.#settings = new BreakerSettingsStore(options.config, this.#store);
    this.#isolations = new Isolations(this.#store);
    this.#services = new Map(
      RESILIENT_SERVICES.map((service) => [service, this.#make(service, service, SHARED_ORG_ID)]),
    );
    this.webhooks = new WebhookDependencies((name, org_id) => {
      const dependency = this.#make('webhook', name, org_id);
      this.#isolations.restore(name, dependency);
      return dependency;
    });
    this.webhooks.onRemoved((name) => this.#isolations.forget(name));
  }

  /** The service that calls are to pass; of webhooks each has its own. */
  dependency(service: Exclude<ResilientService, 'webhook'>): Dependency {
    this.#inUse.add(service);
    return this.#service(service);
  }

  /**
   * Begins to record events, also those that the last run left, and isolates what a person isolated before.
   *
   * @param database undefined where nothing may be written: then events wait
   */
  start(database: Pick<Database, 'atOnce'> | undefined): void {
    if (database) this.#events = new LocalEvents({ store: this.#store, database, logger: this.#options.logger });
    this.#events?.start();
    for (const [service, dependency] of this.#services) this.#isolations.restore(service, dependency);
    for (const { name, org_id } of this.#isolations.names()) {
      const webhook_id = webhookOf(name);
      if (webhook_id !== undefined) this.webhooks.of({ org_id, actor: 'archon' }, webhook_id);
    }
  }

  /** Resolves when events told of so far are in the log, or could not be brought. */
  async flush(): Promise<void> {
    await this.#events?.flush();
  }

  async stop(): Promise<void> {
    for (const dependency of [...this.#services.values(), ...this.webhooks.all()]) dependency.stop();
    const events = this.#events;
    this.#events = undefined;
    await events?.stop();
  }

  /** Answers a request within the time that is configured, or refuses. */
  async withinDeadline<T>(work: () => Promise<T>): Promise<T> {
    return await withinDeadline(this.#options.config['resilience.deadline_seconds'] * 1000, work);
  }

  /** Calls the listener with every change of state, trials that failed among them. @returns a function that ends it */
  onTransition(listener: TransitionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How the services of this process are. */
  states(): Breaker[] {
    return [...this.#services].map(([service, dependency]) => this.#tell(service, service, dependency));
  }

  list(scope: Scope): Breaker[] {
    const webhooks = this.webhooks.told(scope);
    return [...this.states(), ...webhooks.map(({ name, dependency }) => this.#tell(name, 'webhook', dependency))];
  }

  history(scope: Scope, { breaker, cursor, limit }: Inputs['history']): Outputs['resilience']['history'] {
    const before = cursor === undefined ? undefined : decodeCursor(CURSOR, cursor, place).position;
    const found = this.#store.transitions([SHARED_ORG_ID, scope.org_id], { breaker, before, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map(({ position: _position, ...transition }) => transition),
      next_cursor: last ? encodeCursor(CURSOR, { position: last.position }) : null,
    };
  }

  async probe(scope: Scope, name: string): Promise<BreakerProbe> {
    const { service, dependency } = this.#find(scope, name);
    const outcome = await dependency.test().then(
      (answer) => ({ kind: 'answered', ...answer }) as const,
      (error: unknown) => {
        if (error instanceof ArchonError && error.code === 'CONFLICT') throw error;
        return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) } as const;
      },
    );
    return { outcome, breaker: this.#tell(name, service, dependency) };
  }

  reset(scope: Scope, name: string): Breaker {
    const { service, dependency } = this.#find(scope, name);
    dependency.reset({ by: scope.actor, reason: 'reset by hand' });
    return this.#tell(name, service, dependency);
  }

  isolate(scope: Scope, { breaker: name, reason }: Inputs['isolate']): Breaker {
    const { service, dependency } = this.#find(scope, name);
    this.#isolations.begin(name, scope.org_id, dependency, { by: scope.actor, reason });
    return this.#tell(name, service, dependency);
  }

  release(scope: Scope, name: string): Breaker {
    const { service, dependency } = this.#find(scope, name);
    this.#isolations.end(name, dependency, { by: scope.actor, reason: 'released' });
    return this.#tell(name, service, dependency);
  }

  update(scope: Scope, input: Inputs['update']): Breaker {
    const { service } = input;
    const changed = this.#settings.set(input, (names) => {
      const keys = names.map((name) => `resilience.${service}.${name}`);
      this.#keepEvent(scope, { type: 'settings.changed', user_id: null, payload: { keys } });
    });
    if (changed.length > 0) {
      this.#events?.told();
      const hand = { by: scope.actor, reason: `settings changed: ${changed.join(', ')}` };
      this.#service(service).settingsChanged(hand);
      if (service === 'webhook') for (const one of this.webhooks.all()) one.settingsChanged(hand);
    }
    return this.#tell(service, service, this.#service(service));
  }

  #make(service: ResilientService, name: string, org_id: string): Dependency {
    const { clock, watch, database_pool } = this.#options;
    return new Dependency({
      ...policyOf(service, { database_pool }),
      settings: () => this.#settings.of(service),
      clock,
      ...(watch ? { watch } : {}),
      onChange: (change) => this.#changed({ ...change, id: uuidv7(), breaker: name, service }, org_id),
    });
  }

  #changed(transition: BreakerTransition, org_id: string): void {
    this.#log.add(transition, org_id);
    this.#events?.told();
    for (const listener of this.#listeners) this.#tellListener(listener, transition);
  }

  /** Whoever only listens must not keep a breaker from doing its work. */
  #tellListener(listener: TransitionListener, transition: BreakerTransition): void {
    try {
      listener(transition);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a listener to breakers failed');
    }
  }

  /** Notes for the log of events that settings of this computer were changed by hand. */
  noteSettings(scope: Scope, keys: string[]): void {
    this.#keepEvent(scope, { type: 'settings.changed', user_id: null, payload: { keys } });
    this.#events?.told();
  }

  #keepEvent({ org_id, actor }: Scope, event: NewEvent): void {
    const at = isoTime(this.#options.clock.now());
    this.#store.addEvent({ source_id: `local/${uuidv7()}`, org_id, actor, at, event });
  }

  #tell(name: string, service: ResilientService, dependency: Dependency): Breaker {
    return {
      name,
      service,
      in_use: this.#inUse.has(service),
      ...this.#settings.of(service),
      state: dependency.state,
      changed: this.#settings.changed(service),
      probe: dependency.canBeTested,
      counts: dependency.counts,
      calls: dependency.calls,
    };
  }

  #service(service: ResilientService): Dependency {
    const found = this.#services.get(service);
    if (!found) throw new Error(`no service ${service}`);
    return found;
  }

  /** @throws ArchonError NOT_FOUND, CONFLICT for `webhook` alone */
  #find(scope: Scope, name: string): { service: ResilientService; dependency: Dependency } {
    if (name === 'webhook') {
      throw new ArchonError('CONFLICT', 'Every webhook has a breaker of its own: name it as "webhook:" and its id.');
    }
    const service = RESILIENT_SERVICES.find((one) => one === name);
    if (service) return { service, dependency: this.#service(service) };
    const webhook = this.webhooks.find(scope, name);
    if (!webhook) throw notFound('breaker', name);
    return { service: 'webhook', dependency: webhook.dependency };
  }
}
