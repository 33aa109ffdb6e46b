import { beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import type { Check, Finding } from './component-check.ts';
import { HealthChecks } from './health-checks.ts';

let clock: TestClock;
/** Milliseconds of the steady clock. */
let elapsed_ms: number;

beforeEach(() => {
  clock = new TestClock('2026-03-01T00:00:00.000Z');
  elapsed_ms = 0;
});

const later = (ms: number): void => {
  clock.advance({ ms });
  elapsed_ms += ms;
};

const healthOf = (...checks: Partial<Check>[]) =>
  new HealthChecks({
    checks: checks.map((check) => ({
      component: 'database',
      advice: 'Start it.',
      ask: () => ({ status: 'healthy', detail: 'well' }),
      ...check,
    })),
    clock,
    version: '1.2.3',
    elapsed: () => elapsed_ms,
    tuning: { limit: 30 },
  });

const first = async (health: HealthChecks) => (await health.deep()).components[0];

describe('deep health', () => {
  it('asks once for a hundred who poll, and again when the answer is a second old', async () => {
    let asked = 0;
    const answer = Promise.withResolvers<void>();
    const health = healthOf({
      ask: async () => {
        asked += 1;
        await answer.promise;
        return { status: 'healthy', detail: String(asked) };
      },
    });
    const polls = Array.from({ length: 100 }, () => health.deep());
    answer.resolve();
    const answers = await Promise.all(polls);
    expect(new Set(answers).size).toBe(1);
    await health.deep();
    expect(asked).toBe(1);
    later(1000);
    expect(await first(health)).toMatchObject({ detail: '2' });
  });

  it('says since when a component is how it is, through all polls, and what was wrong last', async () => {
    let finding: Finding = { status: 'healthy', detail: 'well' };
    const health = healthOf({ ask: () => finding });
    const began = (await first(health))?.since;
    later(5000);
    expect(await first(health)).toMatchObject({ since: began, last_error: null, advice: null });
    finding = { status: 'degraded', detail: 'slow' };
    later(5000);
    const changed = new Date(clock.now()).toISOString();
    expect(await first(health)).toMatchObject({ since: changed, advice: 'Start it.' });
    finding = { status: 'degraded', detail: 'slower' };
    later(5000);
    const worst = new Date(clock.now()).toISOString();
    expect(await first(health)).toMatchObject({ since: changed, last_error: { message: 'slower', at: worst } });
    finding = { status: 'healthy', detail: 'well' };
    later(5000);
    expect(await first(health)).toMatchObject({
      status: 'healthy',
      since: new Date(clock.now()).toISOString(),
      last_error: { message: 'slower', at: worst },
      advice: null,
    });
  });

  it('does not wait for a component that does not answer, nor asks it again before it has', async () => {
    let asked = 0;
    const answer = Promise.withResolvers<Finding>();
    const health = healthOf(
      {
        ask: () => {
          asked += 1;
          return answer.promise;
        },
      },
      { component: 'sessions' },
    );
    for (let i = 0; i < 3; i += 1, later(1000)) {
      const { status, components } = await health.deep();
      expect(status).toBe('unhealthy');
      expect(components[0]).toMatchObject({
        status: 'unhealthy',
        latency_ms: null,
        detail: expect.stringContaining('no answer'),
      });
      expect(components[1]).toMatchObject({ component: 'sessions', status: 'healthy' });
    }
    expect(asked).toBe(1);
    answer.resolve({ status: 'healthy', detail: 'well' });
    await answer.promise;
    expect(await first(health)).toMatchObject({ status: 'healthy' });
  });

  it('takes whatever a check throws, at once or later, for what is wrong', async () => {
    let broken = true;
    const health = healthOf(
      {
        ask: () => {
          if (broken) throw new Error('at once');
          return { status: 'healthy', detail: 'well' };
        },
      },
      { component: 'sessions', ask: async () => Promise.reject('later') },
    );
    expect((await health.deep()).components.map(({ detail }) => detail)).toEqual(['at once', 'later']);
    broken = false;
    later(1000);
    expect(await first(health)).toMatchObject({ status: 'healthy' });
  });

  it('is unhealthy without the database, degraded without anything else', async () => {
    const down = { ask: (): Finding => ({ status: 'unhealthy', detail: 'away' }) };
    const limp = { ask: (): Finding => ({ status: 'degraded', detail: 'slow' }) };
    const overall = async (...checks: Partial<Check>[]) => (await healthOf(...checks).deep()).status;
    expect(await overall({}, { component: 'sessions' })).toBe('healthy');
    expect(await overall(limp)).toBe('degraded');
    expect(await overall({}, { component: 'sessions', ...down })).toBe('degraded');
    expect(await overall(down, { component: 'sessions' })).toBe('unhealthy');
  });

  it('has a part for memory and one for events, each with a status of its own', async () => {
    const down = (): Finding => ({ status: 'unhealthy', detail: 'away' });
    const health = healthOf(
      {},
      { component: 'sessions', ask: down },
      { component: 'delivery' },
      { component: 'event_log' },
    );
    const memory = await health.memory();
    expect([memory.status, memory.components.map(({ component }) => component)]).toEqual([
      'degraded',
      ['database', 'sessions'],
    ]);
    const events = await health.events();
    expect([events.status, events.components.map(({ component }) => component)]).toEqual([
      'healthy',
      ['database', 'delivery', 'event_log'],
    ]);
  });

  it('leaves out nothing of what answers at once: alive is alive', () => {
    expect(healthOf({ ask: () => Promise.reject(new Error('away')) }).live()).toEqual({
      status: 'ok',
      version: '1.2.3',
    });
  });
});
