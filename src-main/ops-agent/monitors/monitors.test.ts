import { describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import { type Monitor, observed } from './monitor.ts';
import { Monitors, type MonitorsDeps } from './monitors.ts';

const OTHER_ORG_ID = '00000000-0000-7000-8000-0000000000b2';

const clock = new TestClock('2026-03-01T00:00:00.000Z');
/** The monitors are given: nothing else of an engine is asked for. */
const monitorsOf = (...monitors: Partial<Monitor>[]) =>
  new Monitors(
    { clock, node: 'here' } as unknown as MonitorsDeps,
    monitors.map((monitor) => ({ monitor: 'resources', title: 'Some', timeout_ms: 20, looks: [], ...monitor })),
  );
const never = () => new Promise<never>(() => {});

const well: Monitor['looks'][number] = { signals: ['disk_percent'], ask: () => [observed('disk_percent', 40)] };

describe('the monitors', () => {
  it('are asked at once, and tell what they saw and that none failed', async () => {
    const order: string[] = [];
    const slow = Promise.withResolvers<void>();
    const monitors = monitorsOf(
      {
        monitor: 'dlq',
        timeout_ms: 60_000,
        looks: [
          {
            signals: ['dead_letters'],
            ask: async () => {
              order.push('first asked');
              await slow.promise;
              return [observed('dead_letters', 3)];
            },
          },
        ],
      },
      {
        monitor: 'worker',
        timeout_ms: 60_000,
        looks: [
          {
            signals: ['worker_nodes_lost'],
            ask: async () => {
              order.push('second asked');
              slow.resolve();
              return [observed('worker_nodes_lost', 0)];
            },
          },
        ],
      },
    );
    expect(monitors.monitors().map(({ state }) => state)).toEqual(['not_yet', 'not_yet']);
    const seen = await monitors.observe(LOCAL_ORG_ID);
    expect(order).toEqual(['first asked', 'second asked']);
    expect(seen).toEqual({
      at_ms: clock.now(),
      failed: [],
      observations: [
        observed('dead_letters', 3),
        observed('worker_nodes_lost', 0),
        observed('monitor_failed', 0, { monitor: 'dlq', node: 'here' }),
        observed('monitor_failed', 0, { monitor: 'worker', node: 'here' }),
      ],
    });
    expect(monitors.monitors()).toMatchObject([
      { monitor: 'dlq', title: 'Some', state: 'ok', at: '2026-03-01T00:00:00.000Z', error: null, observations: 1 },
      { monitor: 'worker', state: 'ok' },
    ]);
  });

  it('that fail in part tell the rest, and what is wrong once', async () => {
    const monitors = monitorsOf({
      looks: [
        well,
        {
          signals: ['memory_percent'],
          ask: () => {
            throw new Error('at once');
          },
        },
        { signals: ['database_bytes'], ask: () => Promise.reject(new Error('away')) },
        { signals: ['table_bloat_percent', 'sequential_scan_percent'], ask: () => Promise.reject(new Error('away')) },
      ],
    });
    const { observations, failed } = await monitors.observe(LOCAL_ORG_ID);
    const error = 'memory_percent: at once; database_bytes, table_bloat_percent, sequential_scan_percent: away';
    expect(observations).toEqual([
      observed('disk_percent', 40),
      observed('monitor_failed', 1, { monitor: 'resources', node: 'here' }, error),
    ]);
    expect(failed).toEqual(['resources']);
    expect(monitors.monitors()).toMatchObject([{ state: 'failed', error, observations: 1 }]);
  });

  it('that hang are not waited for, nor asked again before they have answered', async () => {
    const answers: PromiseWithResolvers<void>[] = [];
    const monitors = monitorsOf({
      looks: [
        well,
        {
          signals: ['database_bytes'],
          ask: async () => {
            const answer = Promise.withResolvers<void>();
            answers.push(answer);
            await answer.promise;
            return [observed('database_bytes', 7)];
          },
        },
      ],
    });
    for (let round = 0; round < 3; round += 1) {
      const { observations, failed } = await monitors.observe(LOCAL_ORG_ID);
      expect(observations[0]).toEqual(observed('disk_percent', 40));
      expect(observations[1]?.value).toBe(1);
      expect(failed).toEqual(['resources']);
      expect(monitors.monitors()).toMatchObject([
        { state: 'timed_out', error: expect.stringMatching(/^database_bytes: no answer for \d+ s$/) },
      ]);
    }
    expect(answers).toHaveLength(1);
    answers[0]?.resolve();
    // Answered between two rounds: it is asked anew, and this one answers in its time.
    await expect
      .poll(async () => {
        const seen = monitors.observe(LOCAL_ORG_ID);
        answers.at(-1)?.resolve();
        return (await seen).failed;
      })
      .toEqual([]);
    expect(answers).toHaveLength(2);
  });

  it('ask for each organisation alone: one that hangs for one is asked for another', async () => {
    const asked: string[] = [];
    const monitors = monitorsOf({
      monitor: 'dlq',
      looks: [
        {
          signals: ['dead_letters'],
          ask: ({ org_id }: Scope) => {
            asked.push(org_id);
            return org_id === LOCAL_ORG_ID ? never() : [observed('dead_letters', 1)];
          },
        },
      ],
    });
    expect((await monitors.observe(LOCAL_ORG_ID)).failed).toEqual(['dlq']);
    expect(await monitors.observe(OTHER_ORG_ID)).toMatchObject({
      failed: [],
      observations: [observed('dead_letters', 1)],
    });
    expect(asked).toEqual([LOCAL_ORG_ID, OTHER_ORG_ID]);
    // How they are is told of those of the operator.
    expect(monitors.monitors()).toMatchObject([{ state: 'timed_out' }]);
  });

  it('tell other organisations nothing but what is theirs', async () => {
    const asked: string[] = [];
    const look = (...told: ReturnType<typeof observed>[]) => ({
      signals: told.map(({ signal }) => signal),
      ask: () => {
        asked.push(...told.map(({ signal }) => signal));
        return told;
      },
    });
    const monitors = monitorsOf(
      { monitor: 'health', looks: [look(observed('journal_writes', 1)), look(observed('event_lag_seconds', 2))] },
      { monitor: 'worker', looks: [look(observed('worker_nodes_lost', 3), observed('disk_percent', 4))] },
      { monitor: 'metrics', looks: [look(observed('cpu_percent', 5))] },
    );
    expect((await monitors.observe(OTHER_ORG_ID)).observations).toEqual([
      observed('event_lag_seconds', 2),
      observed('worker_nodes_lost', 3),
    ]);
    expect(asked).toEqual(['event_lag_seconds', 'worker_nodes_lost', 'disk_percent']);
  });

  it('tell nothing that is no number', async () => {
    const numbers = [Number.NaN, Number.POSITIVE_INFINITY, 1];
    const monitors = monitorsOf({
      looks: [{ signals: ['disk_percent'], ask: () => numbers.map((value) => observed('disk_percent', value)) }],
    });
    const { observations } = await monitors.observe(LOCAL_ORG_ID);
    expect(observations.filter(({ signal }) => signal === 'disk_percent')).toEqual([observed('disk_percent', 1)]);
  });
});
