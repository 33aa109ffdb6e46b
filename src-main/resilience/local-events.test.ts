import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NewEvent } from '../../src-contract/index.ts';
import { silentLogger } from '../../tests/support/test-databases.ts';
import { ArchonError } from '../errors.ts';
import type { EventWrite } from '../storage/database.ts';
import { LocalEvents } from './local-events.ts';
import type { WaitingEvent } from './local-store.ts';

const away = new ArchonError('STORAGE_UNAVAILABLE', 'PostgreSQL is away');

/** A store and a log that are lists. */
class Lists {
  waiting: WaitingEvent[] = [];
  readonly logged: string[] = [];
  readonly counted: string[] = [];
  isAway = false;
  /** Batches that are written although their writer is told that they were not. */
  unheard = 0;
  #position = 0;

  tell(name: string, org_id = 'ours'): void {
    this.#position += 1;
    const event: NewEvent = { type: 'settings.changed', user_id: null, payload: { keys: [name] } };
    const at = '2026-03-01T12:00:00.000Z';
    this.waiting.push({ position: this.#position, source_id: `test/${name}`, org_id, actor: 'ada', at, event });
  }

  waitingEvents(limit: number): WaitingEvent[] {
    return this.waiting.slice(0, limit);
  }

  removeEvents(position: number): void {
    this.waiting = this.waiting.filter((event) => event.position > position);
  }

  async atOnce(_scope: unknown, queries: readonly EventWrite[]): Promise<[]> {
    if (this.isAway) throw away;
    for (const query of queries) {
      const sources = query.compile().parameters.filter((value) => String(value).startsWith('test/'));
      if (sources.includes('test/poison')) throw Object.assign(new Error('no such organisation'), { code: '23503' });
      for (const source of sources) if (!this.logged.includes(String(source))) this.logged.push(String(source));
    }
    if (this.unheard-- > 0) throw away;
    this.counted.push(...queries.flatMap(({ event_types }) => event_types));
    return [];
  }
}

describe('events of this computer', () => {
  let events: LocalEvents | undefined;
  afterEach(() => events?.stop());
  const begin = (lists: Lists) => {
    const database = { atOnce: lists.atOnce.bind(lists) } as never;
    events = new LocalEvents({ store: lists, database, logger: silentLogger, retry_ms: [5, 20] });
    events.start();
    return events;
  };
  const all = (lists: Lists, names: string[]) =>
    vi.waitFor(() => expect(lists.logged).toEqual(names.map((name) => `test/${name}`)), { timeout: 20_000 });

  it('wait while PostgreSQL is away, and are then in the log, in order', async () => {
    const lists = new Lists();
    lists.tell('left by the last run');
    lists.isAway = true;
    const local = begin(lists);
    for (const [name, org_id] of [['a'], ['b', 'theirs'], ['c']] as const) lists.tell(name, org_id);
    local.told();
    await local.flush();
    expect(lists.logged).toEqual([]);
    lists.isAway = false;
    await all(lists, ['left by the last run', 'a', 'b', 'c']);
    // Each is told of with its type, for the metrics.
    await vi.waitFor(() => expect(lists.counted).toEqual(Array(4).fill('settings.changed')), { timeout: 20_000 });
    await vi.waitFor(() => expect(lists.waiting).toEqual([]), { timeout: 20_000 });
  });

  it('are there once when the answer to their writing was lost', async () => {
    const lists = new Lists();
    lists.unheard = 2;
    lists.tell('a');
    lists.tell('b');
    begin(lists);
    await all(lists, ['a', 'b']);
    await vi.waitFor(() => expect(lists.waiting).toEqual([]), { timeout: 20_000 });
  });

  it('do not wait for one that the database will never take', async () => {
    const lists = new Lists();
    for (const name of ['a', 'poison', 'b']) lists.tell(name);
    begin(lists);
    await all(lists, ['a', 'b']);
    await vi.waitFor(() => expect(lists.waiting).toEqual([]), { timeout: 20_000 });
  });

  it('are brought at the end, unless that is not possible', async () => {
    const lists = new Lists();
    const local = begin(lists);
    await local.flush();
    lists.tell('last');
    await local.stop();
    expect(lists.logged).toEqual(['test/last']);
  });
});
