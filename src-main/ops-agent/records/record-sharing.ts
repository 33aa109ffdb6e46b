/**
 * Brings the notes of this node to the others, and theirs here: what is unsaved is pushed, and what changed since the last
 * look is pulled. At each round, when a note is written here, when another node says so, and every few seconds for what
 * nobody told of. While the database is away both wait on the disk.
 */
import type { Logger } from 'pino';
import { ArchonError } from '../../errors.ts';
import { Bell } from '../../events/bell.ts';
import { type Round, Rounds } from '../../events/rounds.ts';
import type { OpsRecords, SharedRecord } from './ops-records.ts';
import type { SharedTable } from './shared-table.ts';

/** Milliseconds, and notes at a time. */
export interface SharingTuning {
  /** Between looks while nobody tells of anything. */
  look: number;
  /** Before another attempt while the database is away: doubles from the first to the last. */
  retry: readonly [number, number];
  page: number;
}

const DEFAULT_TUNING: SharingTuning = { look: 15_000, retry: [500, 15_000], page: 200 };
const STOP_WITHIN_MS = 2000;

export interface RecordSharingDeps {
  records: OpsRecords;
  table: SharedTable;
  organisations(): Iterable<string>;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now_ms(): number;
  tuning?: Partial<SharingTuning>;
}

export class RecordSharing {
  readonly #deps: RecordSharingDeps;
  readonly #page: number;
  readonly #rounds: Rounds;
  /** Up to where each organisation was read. From the beginning at each start: the database may be another one. */
  readonly #read_to = new Map<string, number>();
  #unlisten: (() => void) | undefined;
  #away_since_ms: number | undefined;

  constructor(deps: RecordSharingDeps) {
    this.#deps = deps;
    const { look, retry, page } = { ...DEFAULT_TUNING, ...deps.tuning };
    this.#page = page;
    this.#rounds = new Rounds({
      round: () => this.#round(),
      retry_ms: retry,
      look_ms: look,
      stop_within_ms: STOP_WITHIN_MS,
    });
  }

  /** Since when the database does not take part. */
  get away_since_ms(): number | undefined {
    return this.#away_since_ms;
  }

  start(): void {
    this.#unlisten = this.#deps.records.onChange(({ own }) => {
      if (own) this.#rounds.ring();
    });
    this.#rounds.start();
  }

  /** What was written last is brought, if the database takes it in a moment. */
  async stop(): Promise<void> {
    this.#unlisten?.();
    await this.#rounds.stop(() => this.#round());
  }

  /** Another node wrote something. */
  ring(): void {
    this.#rounds.ring();
  }

  /** The agents of the other nodes are to look at once. Never rejects: they look by themselves too. */
  async ringOthers(org_id: string): Promise<void> {
    try {
      await this.#deps.table.ring({ org_id, actor: 'archon' });
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'the agents of other nodes were not told to look');
    }
  }

  /** Resolves when this organisation is up to date, or that could not be had in the time given. Never rejects. */
  async sync(org_id: string, within_ms: number): Promise<void> {
    const late = new Bell();
    const work = this.#rounds.alone(() => this.#guarded(() => this.#share(org_id)));
    await Promise.race([work, late.wait(within_ms)]);
    late.ring();
  }

  async #round(): Promise<Round> {
    return await this.#guarded(async () => {
      for (const org_id of this.#deps.organisations()) await this.#share(org_id);
    });
  }

  async #guarded(work: () => Promise<void>): Promise<Round> {
    try {
      await work();
    } catch (error) {
      this.#tellOfFailure(error);
      return 'later';
    }
    this.#away_since_ms = undefined;
    return 'idle';
  }

  #tellOfFailure(error: unknown): void {
    const isNew = this.#away_since_ms === undefined;
    this.#away_since_ms ??= this.#deps.now_ms();
    const isAway = error instanceof ArchonError && error.code === 'STORAGE_UNAVAILABLE';
    if (!isNew) return;
    if (!isAway) this.#deps.logger.error({ err: error }, 'notes of the ops agent could not be shared');
    else this.#deps.logger.info('notes of the ops agent wait on this computer: the database is away');
  }

  /** Pushed before pulled, so that the database has decided what holds. */
  async #share(org_id: string): Promise<void> {
    await this.#push(org_id);
    await this.#pull(org_id);
  }

  async #push(org_id: string): Promise<void> {
    const { records, table } = this.#deps;
    for (;;) {
      const versions = records.unsaved(org_id, this.#page);
      if (versions.length === 0) return;
      await table.push({ org_id, actor: 'archon' }, versions, versions.some(isWorthTelling));
      records.saved(org_id, versions);
      if (versions.length < this.#page) return;
    }
  }

  async #pull(org_id: string): Promise<void> {
    const { records, table, logger } = this.#deps;
    for (;;) {
      const after = this.#read_to.get(org_id) ?? 0;
      const { versions, up_to, more, last } = await table.changes({ org_id, actor: 'archon' }, after, this.#page);
      if (last < after) {
        logger.warn('the database has fewer notes of the ops agent than it had: they are brought anew');
        this.#read_to.set(org_id, 0);
        records.forgetSaved(org_id);
        this.#rounds.ring();
        continue;
      }
      records.merge(org_id, versions);
      this.#read_to.set(org_id, up_to);
      if (!more) return;
    }
  }
}

/** What a node says of itself in each round is found by the next look of whoever leads. */
const isWorthTelling = ({ kind }: SharedRecord): boolean => kind !== 'node';
