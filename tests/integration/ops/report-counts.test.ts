/** What a report counts in the database, on every database the engine runs on. */
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { countDeadLetters, countMemories, countRuns } from '../../../src-main/ops-agent/reports/database-counts.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const START = Date.parse('2026-11-29T07:00:00.000Z');
const HOUR_MS = 3_600_000;
const period = { from_ms: START, to_ms: START + 24 * HOUR_MS };
const at = (hours: number | null) => (hours === null ? null : new Date(START + hours * HOUR_MS).toISOString());

describe.each(databaseKinds)('a report on $name', ({ available, open }) => {
  let opened: TestDatabase;
  let scope: Scope;
  beforeAll(async () => {
    if (!available) return;
    opened = await open();
    scope = await opened.newScope();
  });
  afterAll(async () => {
    if (available) await opened.remove();
  });

  const write = async (sql: string, rows: readonly (readonly unknown[])[], whose = scope) => {
    await opened.database.withScope(whose, async (tx) => {
      for (const row of rows) await tx.sql(sql, [whose.org_id, uuidv7(), ...row]);
    });
  };

  it.runIf(available)('counts memories that were added, and those that held at its ends', async () => {
    const working = `INSERT INTO archon_working_memory (org_id, id, user_id, memory_type, content, token_count,
      relevance_score, relevance_at, created_at, updated_at, expires_at, deleted_at, language)
      VALUES ($1, $2, 'mira', 'decision', '{"text": "x"}', 1, 1, $3, $3, $3, $4, $5, 'english')`;
    await write(working, [
      // Held all the time; ended in it; was deleted in it; came in it; came and went in it; is of later.
      [at(-5), at(500), null],
      [at(-5), at(3), null],
      [at(-5), at(500), at(4)],
      [at(5), at(500), null],
      [at(5), at(500), at(6)],
      [at(25), at(500), null],
    ]);
    const longterm = `INSERT INTO archon_longterm_memory (org_id, id, user_id, memory_type, content, token_count, provenance,
      importance_score, created_at, updated_at, valid_from, valid_to, language)
      VALUES ($1, $2, 'mira', 'fact', '{"text": "x"}', 1, '{}', 1, $3, $3, $3, $4, 'english')`;
    await write(longterm, [
      [at(-5), null],
      [at(-5), at(7)],
      [at(7), null],
      // The end belongs to the period, its beginning to the one before.
      [at(24), null],
      [at(0), null],
    ]);
    expect(await countMemories(opened.database, scope, period)).toEqual({ added: 4, before: 6, after: 6 });
    expect(await countMemories(opened.database, await opened.newScope(), period)).toEqual({
      added: 0,
      before: 0,
      after: 0,
    });
  });

  it.runIf(available)('counts dead letters by their first failure', async () => {
    const letter = `INSERT INTO archon_event_failures (org_id, id, subscriber, event_id, event_type, event_actor,
      event_created_at, payload, error_name, error_message, attempts, attempt_count, first_failed_at, failed_at, state, state_at,
      state_by) VALUES ($1, $2, 'log', $5, 'x', 'y', $3, '{}', 'E', 'm', '[]', 1, $3, $4, 'dead', $4, 'z')`;
    await write(letter, [
      [at(1), at(2), 1],
      [at(1), at(30), 2],
      // One of before that failed again.
      [at(-1), at(5), 3],
      [at(26), at(27), 4],
    ]);
    expect(await countDeadLetters(opened.database, scope, period)).toBe(2);
  });

  it.runIf(available)('counts runs of workers that ended in it, and says where older ones are gone', async () => {
    const run = `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned,
      node_id, queued_at, started_at, ended_at, resumes)
      VALUES ($1, $2, $3, $4, $5, 1, $6, false, 'n', $6, $6, $7, $8)`;
    await write(run, [
      ['cleanup', 'schedule', 'succeeded', at(-3), at(-2), null],
      ['cleanup', 'schedule', 'succeeded', at(1), at(2), null],
      ['cleanup', 'schedule', 'failed', at(3), at(6), null],
      ['cleanup', 'retry', 'succeeded', at(6), at(7), null],
      ['retention', 'schedule', 'interrupted', at(1), at(2), null],
      ['retention', 'schedule', 'succeeded', at(2), at(3), uuidv7()],
      ['retention', 'schedule', 'succeeded', at(25), at(26), null],
    ]);
    const cleanup = { worker: 'cleanup', runs: 3, failures: 1, restarts: 1, mean_ms: (5 / 3) * HOUR_MS };
    const retention = { worker: 'retention', runs: 2, failures: 1, restarts: 1, mean_ms: HOUR_MS };
    const counted = await countRuns(opened.database, scope, period, 3);
    expect(counted).toEqual([
      { ...cleanup, mean_ms: expect.closeTo(cleanup.mean_ms, 3), complete: true },
      { ...retention, complete: false },
    ]);
    const [, kept] = await countRuns(opened.database, scope, period, 4);
    expect(kept).toEqual({ ...retention, complete: true });
  });
});
