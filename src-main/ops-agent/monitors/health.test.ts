import { describe, expect, it } from 'vitest';
import type { Breaker, BreakerTransition, OpsSignalName } from '../../../src-contract/index.ts';
import { SteadyTestClock } from '../../../tests/support/steady-test-clock.ts';
import { healthMonitor } from './health.ts';
import { observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const scope = { org_id: 'a', actor: 'test' };

/** What the monitor says of a signal when its sources are these. */
function start(sources: object, settings: object = {}) {
  const clock = new SteadyTestClock(NOW);
  const listeners: ((transition: BreakerTransition) => void)[] = [];
  const monitor = healthMonitor({
    clock,
    node: 'here',
    settings: { device: { 'backup.interval_hours': 24, ...settings }, of: () => ({ 'ops.interval_seconds': 60 }) },
    sources: {
      data_dir: '/nowhere',
      ...sources,
      resilience: {
        onTransition: (listener: (transition: BreakerTransition) => void) => listeners.push(listener),
        ...('resilience' in sources ? (sources.resilience as object) : {}),
      },
    },
  } as unknown as MonitorsDeps);
  const ask = async (signal: OpsSignalName) => {
    const look = monitor.looks.find(({ signals }) => signals.includes(signal));
    return (await look?.ask(scope))?.filter((told) => told.signal === signal);
  };
  return {
    clock,
    ask,
    transition: (change: object) => listeners.forEach((tell) => void tell(change as BreakerTransition)),
  };
}

describe('the monitor of health', () => {
  it('tells how each component is, and what is wrong with those that are not well', async () => {
    const components = [
      { component: 'database', status: 'healthy', detail: 'PostgreSQL 18' },
      { component: 'delivery', status: 'degraded', detail: 'slow' },
      { component: 'sessions', status: 'unhealthy', detail: 'refused' },
    ];
    const { ask } = start({ health: { deep: async () => ({ components }) } });
    expect(await ask('component_status')).toEqual([
      observed('component_status', 0, { component: 'database', node: 'here' }),
      observed('component_status', 1, { component: 'delivery', node: 'here' }, 'slow'),
      observed('component_status', 2, { component: 'sessions', node: 'here' }, 'refused'),
    ]);
  });

  it('tells for how long breakers that are in use are open, and what they failed with', async () => {
    const states: Record<string, Breaker['state']> = {
      redis: { state: 'open', since: NOW, until: NOW, error: 'no answer' },
      postgres: { state: 'closed', failures: 0 },
      webhook: { state: 'isolated', since: NOW, by: 'ana', reason: 'upkeep' },
    };
    const list = () => [
      ...Object.entries(states).map(([name, state]) => ({ name, in_use: true, state })),
      { name: 'smtp', in_use: false, state: states.redis },
    ];
    const { ask, clock, transition } = start({ resilience: { list } });
    transition({ breaker: 'redis', to: 'open', error: 'refused' });
    clock.advance({ minutes: 1 });
    transition({ breaker: 'redis', to: 'open', error: 'no answer' });
    const of = (breaker: string, value: number, detail: string | null = null) =>
      observed('breaker_open_seconds', value, { breaker, node: 'here' }, detail);
    expect(await ask('breaker_open_seconds')).toEqual([
      of('redis', 60, 'no answer'),
      of('postgres', 0),
      of('webhook', 0),
    ]);
  });

  it('tells how long events wait, and that none does', async () => {
    let oldest: string | null = '2026-03-01T11:55:00.000Z';
    let oldest_ms: number | undefined = Date.parse('2026-03-01T11:59:00.000Z');
    const { ask } = start({
      delivery: { events: { oldestWaiting: async () => oldest } },
      sessions: { outbox: { waiting: async () => ({ events: 1, oldest_ms }) } },
    });
    expect(await ask('event_lag_seconds')).toEqual([observed('event_lag_seconds', 300)]);
    expect(await ask('session_outbox_lag_seconds')).toEqual([observed('session_outbox_lag_seconds', 60)]);
    oldest = null;
    oldest_ms = undefined;
    expect(await ask('event_lag_seconds')).toEqual([observed('event_lag_seconds', 0)]);
    expect(await ask('session_outbox_lag_seconds')).toEqual([observed('session_outbox_lag_seconds', 0)]);
  });

  it('tells how many writes wait in the journal for either store, and how many more they have become', async () => {
    let waiting = [1, 2];
    const figures = () => ({ bytes: 9, writes: waiting.map((each) => ({ waiting: each, refused: 5 })) });
    const { ask, clock } = start({ writes: { figures } });
    expect(await ask('journal_writes')).toEqual([observed('journal_writes', 3, { node: 'here' })]);
    clock.advance({ minutes: 1 });
    waiting = [10, 20];
    expect(await ask('journal_growth')).toEqual([observed('journal_growth', 27, { node: 'here' })]);
  });

  it('tells how old the newest backup is, where backups are made by themselves', async () => {
    const files = ['2026-03-02T00:00:00.000Z', '2026-03-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
    const folder = { list: () => files.map((at) => ({ created_ms: Date.parse(at) })) };
    const backups = { possible: true, folder };
    // The first is of a time that has not come yet: the clock was wrong.
    const half_a_day = observed('backup_age_seconds', 43_200, { node: 'here' });
    expect(await start({ backups }).ask('backup_age_seconds')).toEqual([half_a_day]);
    expect(await start({ backups }, { 'backup.interval_hours': 0 }).ask('backup_age_seconds')).toEqual([]);
    expect(await start({ backups: { possible: false, folder } }).ask('backup_age_seconds')).toEqual([]);
    const none = { possible: true, folder: { list: () => [] } };
    expect(await start({ backups: none }).ask('backup_age_seconds')).toEqual([]);
  });
});
