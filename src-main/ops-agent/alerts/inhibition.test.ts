import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEALTH_COMPONENTS,
  OPS_MONITORS,
  OPS_SIGNAL_NAMES,
  type OpsAlertState,
  type OpsLabels,
  type OpsSignalName,
  RESILIENT_SERVICES,
} from '../../../src-contract/index.ts';
import { causesOf, inhibits } from './inhibition.ts';

const FIRES: OpsAlertState = { state: 'firing', since: '2026-11-30T12:00:00.000Z' };
const alert = (id: string, signal: OpsSignalName, labels: OpsLabels = {}, given: object = {}) => ({
  id,
  signal,
  labels,
  notify: true,
  state: FIRES,
  ...given,
});
const database = alert('database', 'component_status', { component: 'database', node: 'a' });
const postgres = alert('postgres', 'breaker_open_seconds', { breaker: 'postgres', node: 'a' });
const redis = alert('redis', 'breaker_open_seconds', { breaker: 'redis', node: 'a' });
const sessions = alert('sessions', 'component_status', { component: 'sessions', node: 'a' });
const breakers = alert('breakers', 'component_status', { component: 'breakers', node: 'a' });
const lag = alert('lag', 'event_lag_seconds');
const late = alert('late', 'worker_overdue_seconds', { worker: 'cleanup' });
const disk = alert('disk', 'disk_percent', { node: 'a' });

describe('a consequence', () => {
  it('of the database that is away is all that needs it', () => {
    const causes = causesOf([database, lag, late, disk]);
    expect([...causes]).toEqual([
      ['lag', 'database'],
      ['late', 'database'],
    ]);
  });

  it('is named after what is nobody’s consequence itself', () => {
    expect([...causesOf([database, lag, postgres, breakers])]).toEqual([
      ['database', 'postgres'],
      ['lag', 'postgres'],
      ['breakers', 'postgres'],
    ]);
    expect([...causesOf([redis, sessions])]).toEqual([['sessions', 'redis']]);
  });

  it('is none of what does not fire, or what nobody is told of', () => {
    expect(causesOf([{ ...database, state: { ...FIRES, state: 'pending' as const } }, lag]).size).toBe(0);
    expect(causesOf([{ ...database, notify: false }, lag]).size).toBe(0);
    expect(
      causesOf([{ ...database, state: { state: 'clearing', since: FIRES.since, clear_since: FIRES.since } }, lag]).size,
    ).toBe(1);
  });

  it('is none of what another node sees', () => {
    const elsewhere = alert('delivery', 'component_status', { component: 'delivery', node: 'b' });
    expect(causesOf([database, elsewhere]).size).toBe(0);
    expect(causesOf([database, { ...elsewhere, labels: { component: 'delivery', node: 'a' } }]).size).toBe(1);
  });
});

/** Any alert there can be. */
const anyAlert = fc
  .record({
    signal: fc.constantFrom(...OPS_SIGNAL_NAMES),
    component: fc.constantFrom(...HEALTH_COMPONENTS),
    breaker: fc.constantFrom(...RESILIENT_SERVICES),
    monitor: fc.constantFrom(...OPS_MONITORS),
  })
  .map(({ signal, ...labels }) => ({ signal, labels }));

describe('consequences', () => {
  it('never are the cause of what is their cause', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyAlert, { minLength: 2, maxLength: 12 }), (given) => {
        const alerts = given.map(({ signal, labels }, index) => alert(String(index), signal, labels));
        for (const first of alerts) {
          // Along any chain of causes nobody comes back to where they began.
          const seen = new Set<string>();
          let reached = alerts.filter((other) => inhibits(first, other));
          while (reached.length > 0) {
            expect(reached.map(({ id }) => id)).not.toContain(first.id);
            for (const { id } of reached) seen.add(id);
            const from = reached;
            reached = alerts
              .filter(({ id }) => !seen.has(id))
              .filter((one) => from.some((cause) => inhibits(cause, one)));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('always leave somebody who is told of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyAlert, { minLength: 1, maxLength: 12 }), (given) => {
        const alerts = given.map(({ signal, labels }, index) => alert(String(index), signal, labels));
        const causes = causesOf(alerts);
        expect(causes.size).toBeLessThan(alerts.length);
        for (const cause of causes.values()) expect(causes.has(cause)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
