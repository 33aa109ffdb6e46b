import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { Uptime } from '../reports/uptime.ts';
import { EVERY_ROUND_KEPT_MS, type LoggedRound, type ObservedValue, ROUNDS_KEPT_MS, RoundLog } from './round-log.ts';

const START = Date.parse('2026-11-30T12:00:00Z');
const MINUTE = 60_000;
const ALL = { from_ms: 0, to_ms: Number.MAX_SAFE_INTEGER, limit: 100_000 };

const level = (value: number): ObservedValue => ({
  signal: 'component_status',
  labels: { component: 'database', node: 'here:1' },
  value,
});
const events = (value: number): ObservedValue => ({ signal: 'events_per_minute', labels: { node: 'here:1' }, value });
const disk = (value: number): ObservedValue => ({ signal: 'disk_percent', labels: { node: 'here:1' }, value });

function round(at_ms: number, given: Partial<LoggedRound> = {}): LoggedRound {
  return { at_ms, covered_ms: 5000, observations: [level(0)], failed: [], ...given };
}

let folder: string;
let store: HistoryStore;
let log: RoundLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-rounds-'));
  store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  log = new RoundLog(store.db);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const all = (org_id = LOCAL_ORG_ID) => log.read(org_id, ALL);

/** Thins all that is old enough, however many rounds there are. */
function tidy(now_ms: number): void {
  let before: number;
  do {
    before = all().length;
    for (let turn = 0; turn < 20; turn++) log.tidy(LOCAL_ORG_ID, now_ms);
  } while (all().length !== before);
}

describe('the log of rounds', () => {
  it('gives back what it took, without what this version does not know', () => {
    const told = round(START, { observations: [level(1), disk(91.5)], failed: ['dlq'] });
    log.add(LOCAL_ORG_ID, told);
    expect(all()).toEqual([told]);
    store.db
      .prepare('UPDATE ops_rounds SET observations = ?, failed = ?')
      .run('[["of_tomorrow",{},1],["toString",{},1],["disk_percent",{"node":"here:1"},3]]', '["stars","dlq"]');
    expect(all()).toEqual([round(START, { observations: [disk(3)], failed: ['dlq'] })]);
  });

  it('keeps each round for a day, then one of a minute, for nine days', () => {
    for (let at = START; at < START + 10 * MINUTE; at += 5000) log.add(LOCAL_ORG_ID, round(at));
    tidy(START + EVERY_ROUND_KEPT_MS);
    expect(all()).toHaveLength(120);
    tidy(START + EVERY_ROUND_KEPT_MS + 5 * MINUTE);
    expect(all()).toHaveLength(5 + 60);
    tidy(START + EVERY_ROUND_KEPT_MS + 10 * MINUTE);
    expect(all()).toHaveLength(10);
    tidy(START + ROUNDS_KEPT_MS + 5 * MINUTE);
    expect(all()).toHaveLength(5);
    expect(log.newest_ms(LOCAL_ORG_ID)).toBe(START + 10 * MINUTE - 5000);
    expect(log.newest_ms('00000000-0000-7000-8000-00000000000f')).toBeUndefined();
  });

  it('thins many in steps, those of one organisation alone', () => {
    const other = '00000000-0000-7000-8000-00000000000f';
    store.db.transaction(() => {
      for (let at = START; at < START + 100 * MINUTE; at += 5000) log.add(LOCAL_ORG_ID, round(at));
      for (let at = START; at < START + MINUTE; at += 5000) log.add(other, round(at));
    })();
    log.tidy(LOCAL_ORG_ID, START + 2 * EVERY_ROUND_KEPT_MS);
    expect(all().length).toBeGreaterThan(900);
    tidy(START + 2 * EVERY_ROUND_KEPT_MS);
    expect([all().length, all(other).length]).toEqual([100, 12]);
  });

  it('makes rates the mean of the time, and of the rest keeps the newest', () => {
    log.add(LOCAL_ORG_ID, round(START + 10_000, { covered_ms: 10_000, observations: [level(0), events(3), disk(1)] }));
    log.add(LOCAL_ORG_ID, round(START + 40_000, { covered_ms: 30_000, observations: [level(0), events(7), disk(2)] }));
    tidy(START + 2 * EVERY_ROUND_KEPT_MS);
    expect(all()).toEqual([
      round(START + 40_000, { covered_ms: 40_000, observations: [level(0), events(6), disk(2)] }),
    ]);
  });

  it('does not bridge what nobody saw, nor mix what monitors told and what they did not', () => {
    log.add(LOCAL_ORG_ID, round(START + 5000));
    log.add(LOCAL_ORG_ID, round(START + 20_000));
    log.add(LOCAL_ORG_ID, round(START + 25_000, { failed: ['dlq'] }));
    tidy(START + 2 * EVERY_ROUND_KEPT_MS);
    expect(all()).toHaveLength(3);
  });

  it('leaves reports of uptime and outages as they were', () => {
    const steps = fc.array(
      fc.record({
        after_ms: fc.constantFrom(2000, 5000, 5400, 60_000, 90_000),
        gap_ms: fc.constantFrom(0, 0, 0, 40, 30_000),
        level: fc.constantFrom(0, 0, 0, 2),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (given) => {
        store.db.prepare('DELETE FROM ops_rounds').run();
        log = new RoundLog(store.db);
        let at_ms = START;
        for (const { after_ms, gap_ms, level: value } of given) {
          at_ms += after_ms + gap_ms;
          log.add(LOCAL_ORG_ID, round(at_ms, { covered_ms: after_ms, observations: [level(value)] }));
        }
        const told = () => {
          const uptime = new Uptime({ from_ms: START, to_ms: at_ms });
          for (const one of all()) uptime.add(one);
          const { outages, mended_ms } = uptime.memory;
          return { outages, mended: mended_ms.length, down_ms: uptime.memory.down_ms, recorded_ms: uptime.recorded_ms };
        };
        const before = told();
        tidy(at_ms + 2 * EVERY_ROUND_KEPT_MS);
        const after = told();
        expect([after.outages, after.mended]).toEqual([before.outages, before.mended]);
        // A clock that is not exact leaves milliseconds between rounds that follow one another.
        const inexact_ms = given.length * 40;
        expect(Math.abs(after.down_ms - before.down_ms)).toBeLessThanOrEqual(inexact_ms);
        expect(Math.abs(after.recorded_ms - before.recorded_ms)).toBeLessThanOrEqual(inexact_ms);
      }),
      { numRuns: 40 },
    );
  });
});
