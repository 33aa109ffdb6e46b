/**
 * Which of the nodes that share a database acts for an organisation: the one that has its lease.
 *
 * While the database is away the one that led goes on, for nobody else can take its lease, and one that follows goes on
 * following; when the database is back it leaves the one that led the time of a lease to come back too. A node that has never known who leads acts for itself: told twice is better than not at all. After a parting of
 * the network two may lead; the one that lost its lease hears of it at its next contact and steps down.
 */
import type { Logger } from 'pino';
import { ArchonError } from '../../errors.ts';
import { type Round, Rounds } from '../../events/rounds.ts';
import type { LeaseHolder, LeaseTable } from './lease-table.ts';

/** How this node stands for an organisation. */
export type Standing =
  /** It has not been in contact yet. */
  | { state: 'unknown' }
  | { state: 'leads' }
  /** It never was in contact: it acts for itself. */
  | { state: 'alone' }
  | { state: 'follows'; leader: LeaseHolder };

/** What is asked of it; where nobody shares the database this node always leads. */
export interface Leadership {
  leads(org_id: string): boolean;
  /** As people know it; null while it is not known. */
  leader(org_id: string): string | null;
  /** Asks the database now. Never rejects. */
  contact(org_id: string): Promise<void>;
  /** Is told when this node begins or ceases to lead. */
  onChange(listener: (org_id: string, leads: boolean) => void): void;
  start(): void;
  /** Gives every lease back. */
  stop(): Promise<void>;
}

/** Milliseconds. */
export interface LeaseTuning {
  lease: number;
  renew: number;
  /** Before another attempt while the database is away: doubles from the first to the last. */
  retry: readonly [number, number];
}

const DEFAULT_TUNING: LeaseTuning = { lease: 30_000, renew: 10_000, retry: [500, 10_000] };
const STOP_WITHIN_MS = 2000;

export interface LeasesDeps {
  table: LeaseTable;
  claimant: LeaseHolder;
  organisations(): Iterable<string>;
  logger: Logger;
  /** Milliseconds of a clock that only grows. */
  monotonic_ms?: () => number;
  tuning?: Partial<LeaseTuning>;
}

export class Leases implements Leadership {
  readonly #deps: LeasesDeps;
  readonly #tuning: LeaseTuning;
  readonly #standings = new Map<string, Standing>();
  readonly #listeners = new Set<(org_id: string, leads: boolean) => void>();
  #rounds: Rounds | undefined;
  readonly #monotonic_ms: () => number;
  #is_away = false;
  /** When the database was back last. */
  #returned_ms = Number.NEGATIVE_INFINITY;

  constructor(deps: LeasesDeps) {
    this.#deps = deps;
    this.#tuning = { ...DEFAULT_TUNING, ...deps.tuning };
    this.#monotonic_ms = deps.monotonic_ms ?? (() => performance.now());
  }

  standing(org_id: string): Standing {
    return this.#standings.get(org_id) ?? { state: 'unknown' };
  }

  leads(org_id: string): boolean {
    const { state } = this.standing(org_id);
    return state === 'leads' || state === 'alone';
  }

  leader(org_id: string): string | null {
    const standing = this.standing(org_id);
    if (standing.state === 'follows') return standing.leader.node;
    return standing.state === 'unknown' ? null : this.#deps.claimant.node;
  }

  onChange(listener: (org_id: string, leads: boolean) => void): void {
    this.#listeners.add(listener);
  }

  async contact(org_id: string): Promise<void> {
    await (this.#rounds?.alone(() => this.#guarded([org_id])) ?? Promise.resolve());
  }

  start(): void {
    if (this.#rounds) return;
    this.#rounds = new Rounds({
      round: () => this.#guarded(this.#deps.organisations()),
      retry_ms: this.#tuning.retry,
      look_ms: this.#tuning.renew,
      stop_within_ms: STOP_WITHIN_MS,
    });
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    const rounds = this.#rounds;
    this.#rounds = undefined;
    const led = [...this.#standings].filter(([, { state }]) => state === 'leads').map(([org_id]) => org_id);
    await rounds?.stop(() => this.#release(led));
    for (const org_id of [...this.#standings.keys()]) this.#set(org_id, { state: 'unknown' });
  }

  async #guarded(organisations: Iterable<string>): Promise<Round> {
    for (const org_id of organisations) {
      try {
        await this.#claim(org_id);
        this.#is_away = false;
      } catch (error) {
        this.#missed(org_id, error);
      }
    }
    return this.#is_away ? 'later' : 'idle';
  }

  async #claim(org_id: string): Promise<void> {
    const { table, claimant } = this.#deps;
    const scope = { org_id, actor: 'archon' };
    if (this.standing(org_id).state === 'follows' && this.#isJustBack) {
      // After an outage the lease of the one that led is over too: it may not have been back yet.
      const leader = await table.holder(scope);
      if (this.#is_away) this.#returned_ms = this.#monotonic_ms();
      if (leader && leader.holder !== claimant.holder) return this.#set(org_id, { state: 'follows', leader });
    }
    const held = await table.take(scope, claimant, this.#tuning.lease);
    this.#set(org_id, held.holder === claimant.holder ? { state: 'leads' } : { state: 'follows', leader: held });
  }

  get #isJustBack(): boolean {
    return this.#is_away || this.#monotonic_ms() - this.#returned_ms < this.#tuning.lease;
  }

  #missed(org_id: string, error: unknown): void {
    const isAway = error instanceof ArchonError && error.code === 'STORAGE_UNAVAILABLE';
    if (!this.#is_away && !isAway) {
      this.#deps.logger.error({ err: error }, 'the lease of the ops agent could not be had');
    }
    this.#is_away = true;
    if (this.standing(org_id).state === 'unknown') this.#set(org_id, { state: 'alone' });
  }

  async #release(organisations: readonly string[]): Promise<void> {
    const { table, claimant, logger } = this.#deps;
    for (const org_id of organisations) {
      try {
        await table.release({ org_id, actor: 'archon' }, claimant.holder);
      } catch (error) {
        logger.debug({ err: error }, 'the lease of the ops agent was not given back: it ends by itself');
      }
    }
  }

  #set(org_id: string, standing: Standing): void {
    const before = this.leads(org_id);
    this.#standings.set(org_id, standing);
    const leads = this.leads(org_id);
    if (before === leads) return;
    this.#deps.logger.info({ org_id, leads }, leads ? 'the ops agent acts here' : 'the ops agent does not act here');
    for (const listener of this.#listeners) listener(org_id, leads);
  }
}

/** On the embedded database there is one node. */
export class SoleLeader implements Leadership {
  readonly #node: string;

  constructor(node: string) {
    this.#node = node;
  }

  leads(): boolean {
    return true;
  }

  leader(): string {
    return this.#node;
  }

  async contact(): Promise<void> {}

  onChange(): void {}

  start(): void {}

  async stop(): Promise<void> {}
}
