import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { RoundLog } from '../records/round-log.ts';
import { recordedTime } from './recorded-time.ts';

const START = Date.parse('2026-11-30T07:00:00.000Z');
const MINUTE_MS = 60_000;
const signal = new AbortController().signal;

describe('the recorded time of a period', () => {
  let folder: string;
  let history: HistoryStore;
  let rounds: RoundLog;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-recorded-'));
    history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
    rounds = new RoundLog(history.db);
  });
  afterEach(() => {
    history.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const round = (minute: number, ...nodes: string[]) =>
    rounds.add(LOCAL_ORG_ID, {
      at_ms: START + minute * MINUTE_MS,
      covered_ms: MINUTE_MS,
      failed: [],
      observations: nodes.flatMap((node) => [
        { signal: 'api_requests_per_minute' as const, labels: { node }, value: 30 },
        { signal: 'api_error_percent' as const, labels: { node }, value: 10 },
        { signal: 'events_per_minute' as const, labels: { node }, value: 6 },
      ]),
    });
  const read = () => recordedTime(rounds, LOCAL_ORG_ID, { from_ms: START, to_ms: START + 10 * MINUTE_MS }, signal);

  it('leaves requests to the figures of the process, also where that was restarted', async () => {
    for (let minute = 1; minute <= 10; minute += 1) round(minute, minute <= 5 ? 'host:1' : 'host:2');
    const { shared, uptime } = await read();
    expect(shared).toBeUndefined();
    expect(uptime.recorded_ms).toBe(10 * MINUTE_MS);
  });

  it('adds up what several processes told of the same time', async () => {
    for (let minute = 1; minute <= 10; minute += 1) round(minute, 'host:1', 'other:7');
    const { shared } = await read();
    expect(shared?.requests).toBeCloseTo(600);
    expect(shared?.failed_requests).toBeCloseTo(60);
    expect(shared?.events).toBeCloseTo(120);
  });
});
