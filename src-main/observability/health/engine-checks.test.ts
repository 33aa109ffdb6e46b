import { describe, expect, it } from 'vitest';
import type { WorkersHealth } from '../../../src-contract/index.ts';
import { TestClock } from '../../../tests/support/test-clock.ts';
import type { Finding } from './component-check.ts';
import { type CheckSources, engineChecks } from './engine-checks.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const ago = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString();

/** What a component says when its sources are these. */
function ask(
  component: string,
  sources: Partial<CheckSources>,
  clock = new TestClock(NOW),
): Promise<Finding> | Finding {
  const sessions = { ping: async () => ({ latency_ms: 1, detail: 'Redis' }) };
  const all = { clock, organisations: () => ['a', 'b'], sessions, ...sources } as CheckSources;
  const check = engineChecks(all).find((each) => each.component === component);
  if (check === undefined) throw new Error(`no check of ${component}`);
  return check.ask();
}

const noLetters = { open: async () => [] };
const subscribers = (oldest_waiting_at: string | null) => ({
  waiting: async () => ({ subscribers: 1, oldest_waiting_at }),
});

describe('the checks of an engine', () => {
  it('tell of dead letters of every organisation, and of an event that waits too long', async () => {
    const letters = (dead: number) => [{ subscriber: 'picky', dead, oldest_dead_at: ago(500) }];
    const deadLetters = { open: async ({ org_id }: { org_id: string }) => letters(org_id === 'a' ? 2 : 1) };
    expect(await ask('delivery', { deadLetters, subscribers: subscribers(null) })).toMatchObject({
      status: 'degraded',
      detail: '3 events could not be delivered',
    });
    const waits = { deadLetters: noLetters, subscribers: subscribers(ago(61)) };
    expect(await ask('delivery', waits)).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining(ago(61)),
    });
    const well = { deadLetters: noLetters, subscribers: subscribers(ago(59)) };
    expect(await ask('delivery', well)).toEqual({ status: 'healthy', detail: '2 subscribers, no dead letters' });
  });

  it('tell of events of sessions that do not get into the log', async () => {
    const outbox = (oldest_ms: number | undefined, events: number) => ({
      waiting: async () => ({ events, oldest_ms }),
    });
    expect(await ask('session_outbox', { outbox: outbox(undefined, 0) })).toEqual({
      status: 'healthy',
      detail: '0 events wait',
    });
    expect(await ask('session_outbox', { outbox: outbox(Date.parse(ago(5)), 1) })).toMatchObject({ status: 'healthy' });
    expect(await ask('session_outbox', { outbox: outbox(Date.parse(ago(90)), 7) })).toMatchObject({
      status: 'degraded',
      detail: `7 events wait for the event log since ${ago(90)}`,
    });
  });

  it('tell whether other nodes are heard, where there can be some', async () => {
    const log = (listening: boolean | undefined) => ({ eventLog: { look: async () => {}, listening } });
    expect(await ask('event_log', log(undefined))).toMatchObject({ status: 'healthy' });
    expect(await ask('event_log', log(true))).toMatchObject({ status: 'healthy' });
    expect(await ask('event_log', log(false))).toMatchObject({ status: 'degraded' });
  });

  it('tell the worst of the workers, and give them a moment to begin', async () => {
    const health = (status: WorkersHealth['status'], live: number) =>
      ({
        status,
        detail: `${status}: could not read "secret of b"`,
        nodes: { live, lost: 0 },
        workers: [
          { name: 'archival', status: 'healthy', state: 'idle', detail: '' },
          { name: 'promotion', status, state: 'idle', detail: 'could not read "secret of b"' },
        ],
      }) as WorkersHealth;
    const workers = (other: WorkersHealth) => ({
      health: async ({ org_id }: { org_id: string }) => (org_id === 'a' ? health('healthy', 1) : other),
    });
    // Everybody with a token reads it: what went wrong in another organisation is not told.
    expect(await ask('workers', { workers: workers(health('degraded', 1)) })).toEqual({
      status: 'degraded',
      detail: 'promotion (1 node live, 0 lost): see /health/workers',
    });
    expect(await ask('workers', { workers: workers(health('healthy', 2)) })).toEqual({
      status: 'healthy',
      detail: '1 node live, 0 lost',
    });
    const clock = new TestClock(NOW);
    const all = {
      clock,
      organisations: () => ['b'],
      workers: workers(health('unhealthy', 0)),
    } as unknown as CheckSources;
    const check = engineChecks(all).find(({ component }) => component === 'workers');
    expect(await check?.ask()).toMatchObject({ status: 'healthy' });
    clock.advance({ ms: 15_000 });
    expect(await check?.ask()).toMatchObject({ status: 'unhealthy' });
  });

  it('fail for a data folder that is gone', async () => {
    await expect(ask('data_folder', { data_dir: '/nowhere/at/all' })).rejects.toThrow('/nowhere/at/all');
    expect(await ask('data_folder', { data_dir: '/' })).toMatchObject({ detail: expect.stringContaining('GiB free') });
  });
});
