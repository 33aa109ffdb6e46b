import { describe, expect, it } from 'vitest';
import { sampleBreaker, sampleDeepHealth, sampleJournal } from '../../../../../tests/support/health-samples.ts';
import { at } from '../../../../../tests/support/worker-samples.ts';
import { alertOver, alertPast, alertPerfect, alertsOf, alertTitle, type HealthFacts } from './alerts.ts';

const OPEN = { state: 'open', since: at(-200_000), until: at(5000), error: 'connect ECONNREFUSED' } as const;
const postgres = sampleBreaker({ name: 'postgres', service: 'postgres' });

const alerts = (facts: Partial<HealthFacts>) =>
  alertsOf({ health: sampleDeepHealth(), breakers: [postgres, sampleBreaker()], journal: sampleJournal(), ...facts });

describe('the warnings there are', () => {
  it('are none while all is well', () => {
    expect(alerts({})).toEqual([]);
  });

  it('tell of a store that is away once, whatever else says so: its breaker, the journal, what needs it', () => {
    const away = { status: 'unhealthy', since: at(-240_000) } as const;
    const found = alerts({
      health: sampleDeepHealth({
        sessions: away,
        session_outbox: { status: 'unhealthy' },
        breakers: { status: 'degraded', detail: 'redis open' },
      }),
      breakers: [postgres, sampleBreaker({ state: OPEN })],
      journal: sampleJournal({
        sessions: { waiting: 3, oldest_at: at(-1000), away_since: at(-230_000), error: 'refused' },
      }),
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      key: 'component:sessions',
      severity: 'bad',
      since: at(-240_000),
      effects: ['contexts are without sessions', '3 writes wait'],
      error: 'connection refused',
      advice: 'Start it.',
      place: { kind: 'component', component: 'sessions' },
    });
    expect(found.map(alertTitle)).toEqual(['Redis is away']);
    expect(found.map(alertPerfect)).toEqual(['Redis has been away']);
    expect(found.map(alertPast)).toEqual(['Redis was away']);
  });

  it('are the same trouble while the store comes back, so that it is told of once', () => {
    const stages = [
      sampleBreaker({ state: OPEN }),
      sampleBreaker({ state: { state: 'half_open', since: at(0) } }),
      sampleBreaker({ state: { state: 'isolated', since: at(0), by: 'ada', reason: 'moved' } }),
    ];
    for (const breaker of stages) {
      expect(alerts({ breakers: [postgres, breaker] }).map(({ key }) => key)).toEqual(['component:sessions']);
    }
    const draining = sampleJournal({
      sessions: { waiting: 3, oldest_at: at(-9000), away_since: at(-9000), error: 'READONLY' },
    });
    expect(alerts({ journal: draining })).toMatchObject([
      { key: 'component:sessions', severity: 'warn', state: 'taking no writes', since: at(-9000) },
    ]);
  });

  it('say who isolated a service and why, before what else is wrong with it', () => {
    const breaker = sampleBreaker({ state: { state: 'isolated', since: at(-1000), by: 'ada', reason: 'moved' } });
    const health = sampleDeepHealth({ sessions: { status: 'unhealthy', since: at(0) } });
    const [found] = alerts({ health, breakers: [breaker] });
    // Redis itself answers, but nobody asks it: what needs it is not well.
    const alone = alerts({
      health: sampleDeepHealth({ session_outbox: { status: 'unhealthy' } }),
      breakers: [breaker],
    });
    expect(alone.map(({ key }) => key)).toEqual(['component:sessions']);
    expect(found).toMatchObject({ state: 'isolated by a person', since: at(-1000), error: 'ada: moved' });
  });

  it('put what is bad first, the database before all, and then what is wrong for longest', () => {
    const found = alerts({
      health: sampleDeepHealth({
        database: { status: 'unhealthy', since: at(-1000) },
        sessions: { status: 'unhealthy', since: at(-9000) },
        data_folder: { status: 'degraded', since: at(-99_000) },
        workers: { status: 'unhealthy', since: at(-999_000) },
      }),
      journal: sampleJournal({ refused: 2, bytes: 850 }),
    });
    expect(found.map(alertTitle)).toEqual([
      'PostgreSQL is away',
      'Redis is away',
      '2 refused writes are waiting to be looked at',
      'The data folder is degraded',
      'The journal is 85 % full',
    ]);
  });

  it('call what is part of Archon by what it is', () => {
    const breakers = [sampleBreaker({ in_use: false }), { ...postgres, in_use: false }];
    const health = sampleDeepHealth({ database: { status: 'unhealthy' }, sessions: { status: 'degraded' } });
    expect(alerts({ health, breakers }).map(alertTitle)).toEqual([
      'The embedded database is out of order',
      'The built-in sessions are degraded',
    ]);
  });

  it('tell of the breakers as a whole while nobody knows how each of them is', () => {
    const health = sampleDeepHealth({ breakers: { status: 'degraded', detail: 'redis is isolated' } });
    expect(alerts({ health }).map(alertTitle)).toEqual([]);
    expect(alerts({ health, breakers: undefined }).map(alertTitle)).toEqual(['The circuit breakers are degraded']);
  });

  it('say in plain words that they are over', () => {
    const found = alerts({
      health: sampleDeepHealth({ sessions: { status: 'unhealthy' } }),
      journal: sampleJournal({ refused: 2, bytes: 990 }),
    });
    expect(found.map(alertOver)).toEqual([
      'It is over: Redis was away',
      'The journal has room again',
      'No refused writes are left',
    ]);
  });

  it('tell of a webhook whose receiver is away', () => {
    const name = 'webhook:0197a4c2-0000-7000-8000-00000000abcd';
    const found = alerts({ breakers: [sampleBreaker({ name, service: 'webhook', state: OPEN })] });
    expect(found.map(alertTitle)).toEqual(['The receiver of webhook …abcd is away']);
    expect(found[0]?.place).toEqual({ kind: 'breaker', breaker: name });
    const named = alertsOf(
      {
        health: sampleDeepHealth(),
        breakers: [sampleBreaker({ name, service: 'webhook', state: OPEN })],
        journal: undefined,
      },
      () => 'chat',
    );
    expect(named.map(alertTitle)).toEqual(['The receiver of chat is away']);
  });
});
