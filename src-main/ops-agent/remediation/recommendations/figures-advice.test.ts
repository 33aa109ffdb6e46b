import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outputs } from '../../../../src-contract/index.ts';
import { TestClock } from '../../../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../../../app-files.ts';
import { LOCAL_ORG_ID } from '../../../identity/scope.ts';
import { type Config, defaultConfig } from '../../../settings/config-schema.ts';
import { LiveSettings } from '../../../settings/live-settings.ts';
import { HistoryStore } from '../../../storage/history-store.ts';
import type { OpsSources } from '../../deps.ts';
import { RoundLog } from '../../records/round-log.ts';
import type { Advised, Advisor } from './advisor.ts';
import { failingSubscriber } from './failing-subscriber.ts';
import { lateWorkers } from './late-workers.ts';
import { poolWaiting } from './pool-waiting.ts';
import { slowContexts } from './slow-contexts.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };
const MINUTE_MS = 60_000;

describe('advice by what was measured', () => {
  let folder: string;
  let history: HistoryStore;
  const clock = new TestClock('2026-11-30T12:00:00.000Z');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-advice-'));
    history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  });
  afterAll(() => {
    history.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const look = async (advisor: Advisor, sources: object, config: Partial<Config> = {}) => {
    const about: Advised = {
      scope,
      sources: { embedded: false, ...sources } as OpsSources,
      settings: new LiveSettings({ ...defaultConfig(folder), ...config }),
      clock,
      rounds: new RoundLog(history.db),
      node: 'here:1',
      insight: () => Promise.reject(new Error('nobody asks the database')),
    };
    return await advisor.look(about);
  };
  type Line = Outputs['metrics']['series']['lines'][number];
  const line = (series: Line['series'], name: string, values: (number | null)[]): Line => ({
    series,
    line: name,
    unit: 'count',
    min: null,
    max: null,
    values,
  });
  const metrics = (...lines: Line[]) => ({ metrics: { series: async () => ({ lines }) } });

  describe('on the pool of connections', () => {
    const waiting = (values: (number | null)[]) => metrics(line('database_pool', 'waiting', values));
    const hour = (waited: number) => Array.from({ length: 60 }, (_, minute) => (minute < waited ? 3 : 0));

    it('asks for more where calls waited in a tenth of the hour', async () => {
      expect(await look(poolWaiting, waiting(hour(6)), { 'database.pool_size': 10 })).toMatchObject([
        { id: 'pool-waiting', statement: 'archon config set database.pool_size 20', apply: null },
      ]);
    });

    it('asks for none where they seldom waited, nothing was measured, there are enough, or more do not help', async () => {
      expect(await look(poolWaiting, waiting(hour(5)))).toEqual([]);
      expect(await look(poolWaiting, waiting([null, null]))).toEqual([]);
      expect(await look(poolWaiting, metrics())).toEqual([]);
      expect(await look(poolWaiting, waiting(hour(60)), { 'database.pool_size': 200 })).toEqual([]);
      expect(await look(poolWaiting, { ...waiting(hour(60)), embedded: true })).toEqual([]);
    });

    it('never asks for more than the setting allows', async () => {
      expect(await look(poolWaiting, waiting(hour(60)), { 'database.pool_size': 150 })).toMatchObject([
        { statement: 'archon config set database.pool_size 200' },
      ]);
    });
  });

  describe('on contexts', () => {
    const contexts = (p95: number, tokens: number) =>
      metrics(
        line('context_assembly', 'p95', [null, p95, p95]),
        line('context_tokens', 'mean', [null, tokens, tokens]),
      );
    const config = { 'memory.max_tokens': 8000 };

    it('asks for smaller ones where they are large and slow', async () => {
      expect(await look(slowContexts, contexts(0.5, 6000), config)).toMatchObject([
        { id: 'slow-contexts', statement: 'archon config set memory.max_tokens 4000', apply: null },
      ]);
    });

    it('says nothing where they are quick, small, as small as they can be, or none was made', async () => {
      expect(await look(slowContexts, contexts(0.1, 6000), config)).toEqual([]);
      expect(await look(slowContexts, contexts(0.5, 1000), config)).toEqual([]);
      expect(await look(slowContexts, contexts(0.5, 900), { 'memory.max_tokens': 1000 })).toEqual([]);
      expect(await look(slowContexts, metrics(), config)).toEqual([]);
    });
  });

  describe('on subscribers', () => {
    const letters = (...open: [string, number][]) => ({
      delivery: {
        deadLetters: {
          open: async () =>
            open.map(([subscriber, dead]) => ({ subscriber, dead, oldest_dead_at: '2026-11-30T11:00:00.000Z' })),
        },
      },
    });

    it('names the one that nearly all dead letters are of, and offers to replay its letters', async () => {
      expect(await look(failingSubscriber, letters(['webhook:a', 80], ['webhook:b', 20]))).toMatchObject([
        {
          id: 'failing-subscriber:webhook:a',
          apply: { remediator: 'event-replay', target: { subscriber: 'webhook:a' } },
        },
      ]);
    });

    it('names none where there are few, or they are of many', async () => {
      expect(await look(failingSubscriber, letters(['webhook:a', 19]))).toEqual([]);
      expect(await look(failingSubscriber, letters(['webhook:a', 79], ['webhook:b', 21]))).toEqual([]);
      expect(await look(failingSubscriber, letters())).toEqual([]);
    });
  });

  it('on workers tells of those that are late in a third of the day, and of no others', async () => {
    const rounds = new RoundLog(history.db);
    for (let quarter = 1; quarter <= 40; quarter += 1) {
      const late = quarter % 3 === 0 ? 300 : 0;
      rounds.add(LOCAL_ORG_ID, {
        at_ms: clock.now() - quarter * 15 * MINUTE_MS,
        covered_ms: MINUTE_MS,
        failed: [],
        observations: [
          { signal: 'worker_overdue_seconds', labels: { worker: 'cleanup' }, value: late },
          { signal: 'worker_overdue_seconds', labels: { worker: 'retention' }, value: quarter % 5 === 0 ? 300 : 0 },
          ...(quarter < 6
            ? [{ signal: 'worker_overdue_seconds' as const, labels: { worker: 'consolidation' }, value: 900 }]
            : []),
        ],
      });
    }
    expect(await look(lateWorkers, {}, { 'workers.concurrency': 4 })).toMatchObject([
      { id: 'late-workers:cleanup', statement: 'archon config set workers.concurrency 8', apply: null },
    ]);
  });
});
