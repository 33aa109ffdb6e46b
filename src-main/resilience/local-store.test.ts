import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sqliteMigrationsFolder } from '../app-files.ts';
import { HistoryStore } from '../storage/history-store.ts';
import { KEPT_EVENTS, KEPT_TRANSITIONS, LocalStore } from './local-store.ts';

const OURS = '00000000-0000-7000-8000-000000000001';
const THEIRS = '00000000-0000-7000-8000-0000000000b2';

describe('the local store of breakers', () => {
  let folder: string;
  let history: HistoryStore;
  let store: LocalStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-local-store-'));
    history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
    // Of thousands of writes none has to be safe.
    history.db.pragma('synchronous = OFF');
    store = new LocalStore(history);
  });
  afterEach(() => {
    history.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const waiting = (n: number, org_id = OURS) => ({
    source_id: `test/${n}`,
    org_id,
    actor: 'ada',
    at: '2026-03-01T12:00:00.000Z',
    event: { type: 'settings.changed' as const, user_id: null, payload: { keys: [`key ${n}`] } },
  });
  const change = (breaker: string, n: number, org_id = OURS) =>
    store.addTransition(
      {
        id: uuidv7(),
        org_id,
        breaker,
        service: 'redis',
        from: 'closed',
        to: 'open',
        at: '2026-03-01T12:00:00.000Z',
        failures: n,
        error: 'refused',
        reason: null,
        by: null,
      },
      waiting(n, org_id),
    );

  it('keeps the last changes of each breaker, whatever another one does', () => {
    const all = history.db.transaction(() => {
      change('postgres', 0);
      for (let n = 1; n <= KEPT_TRANSITIONS + 5; n += 1) change('redis', n);
    });
    all();
    const kept = store.transitions([OURS, OURS], { breaker: 'redis', limit: 5000 });
    expect(kept).toHaveLength(KEPT_TRANSITIONS);
    expect([kept[0]?.failures, kept.at(-1)?.failures]).toEqual([KEPT_TRANSITIONS + 5, 6]);
    expect(store.transitions([OURS, OURS], { breaker: 'postgres', limit: 5 })).toHaveLength(1);
  });

  it('shows a change to those whose it is, and those of the process to everybody', () => {
    change('redis', 1);
    change('webhook:1', 2, THEIRS);
    expect(store.transitions([OURS, OURS], { limit: 5 }).map(({ breaker }) => breaker)).toEqual(['redis']);
    expect(store.transitions([OURS, THEIRS], { limit: 5 }).map(({ breaker }) => breaker)).toEqual([
      'webhook:1',
      'redis',
    ]);
    expect(JSON.stringify(store.transitions([OURS, THEIRS], { limit: 5 }))).not.toContain(THEIRS);
  });

  it('keeps waiting events in their order, and only so many', () => {
    const all = history.db.transaction(() => {
      for (let n = 1; n <= KEPT_EVENTS + 3; n += 1) store.addEvent(waiting(n));
    });
    all();
    const [first, second] = store.waitingEvents(2);
    expect(first).toMatchObject(waiting(4));
    store.removeEvents(second?.position ?? 0);
    expect(store.waitingEvents(1)).toMatchObject([waiting(6)]);
    expect(history.db.prepare('SELECT count(*) FROM waiting_events').pluck().get()).toBe(KEPT_EVENTS - 2);
  });

  it('writes a setting with what belongs to it, or neither', () => {
    const fail = () => {
      throw new Error('no');
    };
    store.write('a', { n: 1 }, () => store.addEvent(waiting(1)));
    expect(() => store.write('a', { n: 2 }, fail)).toThrow('no');
    expect(store.read('a', z.object({ n: z.number() }))).toEqual({ n: 1 });
    expect(store.waitingEvents(5)).toHaveLength(1);
    history.setSetting('a', 'no json');
    expect(store.read('a', z.object({ n: z.number() }))).toBeUndefined();
  });
});
