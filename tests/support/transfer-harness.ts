/** Import and export on fakes: a folder, a history database in memory, two organisations. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import pino from 'pino';
import type { ImportJob, ImportKind, TransferJob } from '../../src-contract/index.ts';
import type { Clock } from '../../src-main/clock.ts';
import { LOCAL_ORG_ID, type Scope } from '../../src-main/identity/scope.ts';
import { TransferJobs, type TransferTuning } from '../../src-main/transfer/transfer-jobs.ts';
import { TestClock } from './test-clock.ts';
import { FakeMemoryTransfer } from './transfer-fake-memory.ts';
import { FakeSessionStore } from './transfer-fake-sessions.ts';

export const ORG: Scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
export const OTHER_ORG: Scope = { org_id: '00000000-0000-7000-8000-0000000000ff', actor: 'test' };

/** One "token" per word: quick, and different for different texts. */
export const countWords = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

export class TransferHarness {
  readonly clock: TestClock;
  readonly sessions = new FakeSessionStore();
  readonly memory = new FakeMemoryTransfer();
  readonly folder: string;
  readonly db: BetterSqlite3.Database;
  jobs: TransferJobs;
  /** As is this: the time memory is read at, when it is another than now. */
  moment: Clock | undefined;
  /** Takes effect with the next restart. */
  store_identity = 'stores';
  readonly #tuning: Partial<TransferTuning>;

  private constructor(folder: string, db: BetterSqlite3.Database, tuning: Partial<TransferTuning>, clock: TestClock) {
    this.folder = folder;
    this.db = db;
    this.clock = clock;
    this.#tuning = tuning;
    this.jobs = this.#newJobs();
  }

  static async create(tuning: Partial<TransferTuning> = {}, clock = new TestClock('2026-06-01T12:00:00.000Z')) {
    const folder = await mkdtemp(join(tmpdir(), 'archon-transfer-'));
    const db = new BetterSqlite3(':memory:');
    const schema = new URL('../../migrations/sqlite/0001_foundation.sql', import.meta.url);
    db.exec(await readFile(schema, 'utf8'));
    const harness = new TransferHarness(folder, db, { retry_delays_ms: [1, 1], ...tuning }, clock);
    await harness.jobs.start();
    return harness;
  }

  /** A process that took over the data folder after the one before was killed. */
  async restart(): Promise<void> {
    this.jobs = this.#newJobs();
    await this.jobs.start();
  }

  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  async import(
    path: string,
    options: { format?: ImportKind | 'auto'; user_id?: string; scope?: Scope } = {},
  ): Promise<ImportJob> {
    const { format = 'auto', user_id = 'alice', scope = ORG } = options;
    const started = await this.jobs.startImport(scope, { source: { kind: 'file', path }, format, user_id });
    return asImport(await this.jobs.finished(scope, started.job_id));
  }

  async dispose(): Promise<void> {
    await this.jobs.stop();
    this.db.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #newJobs(): TransferJobs {
    return new TransferJobs({
      db: this.db,
      folder: this.folder,
      sessions: this.sessions,
      memory: this.memory,
      clock: this.clock,
      ...(this.moment ? { moment: this.moment } : {}),
      logger: pino({ level: 'silent' }),
      countTokens: countWords,
      language: () => 'english',
      appVersion: '0.1.0',
      store_identity: this.store_identity,
      tuning: this.#tuning,
    });
  }
}

export function asImport(job: TransferJob): ImportJob {
  if (job.kind !== 'import') throw new Error('an export');
  return job;
}
