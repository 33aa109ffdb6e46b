import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Breaker, HEALTH_COMPONENTS, HEALTH_STATUSES } from '../../../../../src-contract/index.ts';
import { sampleBreaker, sampleDeepHealth, sampleJournal } from '../../../../../tests/support/health-samples.ts';
import { at, SAMPLE_NOW_MS } from '../../../../../tests/support/worker-samples.ts';
import { clock } from '../../../../ui/format.ts';
import { alertsOf, type HealthFacts } from './alerts.ts';
import type { Freshness } from './freshness.ts';
import { statusSentence } from './status-sentence.ts';

const CURRENT: Freshness = { kind: 'current', read_ms: SAMPLE_NOW_MS };
const MINUTE_MS = 60_000;
const time = (offset_ms: number): string => clock(at(offset_ms));

const say = (facts: Partial<HealthFacts>, freshness: Freshness = CURRENT) => {
  const all = { health: sampleDeepHealth(), breakers: [sampleBreaker()], journal: sampleJournal(), ...facts };
  return statusSentence(all.health, alertsOf(all), freshness, SAMPLE_NOW_MS);
};

const redisAway: Partial<HealthFacts> = {
  health: sampleDeepHealth({ sessions: { status: 'unhealthy', since: at(-4 * MINUTE_MS) } }),
  journal: sampleJournal({
    sessions: { waiting: 3, oldest_at: at(-1000), away_since: at(-4 * MINUTE_MS), error: 'refused' },
  }),
};

describe('the sentence on top', () => {
  it('says what is wrong, since when, and what it means', () => {
    expect(say(redisAway)).toEqual({
      tone: 'bad',
      sentence: `Redis has been away since ${time(-4 * MINUTE_MS)} (4 min): contexts are without sessions, 3 writes wait.`,
    });
  });

  it('says that all is well, and since when', () => {
    const health = sampleDeepHealth({ sessions: { since: at(-12 * MINUTE_MS) } });
    expect(say({ health })).toEqual({
      tone: 'ok',
      sentence: `All is well: no component has had trouble since ${time(-12 * MINUTE_MS)} (12 min).`,
    });
  });

  it('counts time as the engine does, whatever the clock of the browser says', () => {
    const { health } = redisAway;
    for (const ahead_ms of [90 * MINUTE_MS, -90 * MINUTE_MS]) {
      const now_ms = SAMPLE_NOW_MS + ahead_ms;
      const facts = { health: health ?? sampleDeepHealth(), breakers: [sampleBreaker()], journal: sampleJournal() };
      const freshness = { kind: 'current', read_ms: now_ms } as const;
      expect(statusSentence(facts.health, alertsOf(facts), freshness, now_ms).sentence).toContain('(4 min)');
    }
  });

  it('counts what else is wrong', () => {
    const journal = sampleJournal({ refused: 1, bytes: 990 });
    expect(say({ ...redisAway, journal }).sentence).toBe(
      `Redis has been away since ${time(-4 * MINUTE_MS)} (4 min): contexts are without sessions; 2 more warnings stand below.`,
    );
  });

  it('never speaks of now when it does not know', () => {
    const read_ms = SAMPLE_NOW_MS - MINUTE_MS;
    const offline = { kind: 'offline', since_ms: SAMPLE_NOW_MS - 30_000 } as const;
    expect(say({}, { ...offline, read_ms })).toEqual({
      tone: 'bad',
      sentence: `Archon has not been reachable since ${time(-30_000)} (30 s): what stands here is from ${time(-MINUTE_MS)} (1 min).`,
    });
    expect(say(redisAway, { ...offline, read_ms }).sentence).toContain('when Redis was away');
    expect(say({}, { ...offline, read_ms: undefined }).sentence).toContain('nothing is known');
    expect(say({}, { kind: 'late', read_ms })).toMatchObject({ tone: 'bad' });
    expect(say({}, { kind: 'paused', read_ms })).toEqual({
      tone: 'quiet',
      sentence: `Auto-refresh is off: this is how it was at ${time(-MINUTE_MS)} (1 min), when all was well.`,
    });
  });

  it('says the day of what was not today', () => {
    const health = sampleDeepHealth({ sessions: { status: 'unhealthy', since: at(-3 * 86_400_000) } });
    expect(say({ health }).sentence).toContain('7 Mar 2026, ');
  });

  const offset = fc.integer({ min: -90_000_000, max: 0 });
  const someHealth = fc
    .record(
      Object.fromEntries(
        HEALTH_COMPONENTS.map((component) => [
          component,
          fc.record({
            status: fc.constantFrom(...HEALTH_STATUSES),
            since: offset.map(at),
            // Whatever a component says of itself is not part of the sentence.
            detail: fc.string(),
            advice: fc.option(fc.string()),
          }),
        ]),
      ),
    )
    .map(sampleDeepHealth);
  const someState: fc.Arbitrary<Breaker['state']> = fc.oneof(
    fc.record({ state: fc.constant('closed' as const), failures: fc.nat(9) }),
    fc.record({
      state: fc.constant('open' as const),
      since: offset.map(at),
      until: offset.map(at),
      error: fc.string(),
    }),
    fc.record({ state: fc.constant('half_open' as const), since: offset.map(at) }),
    fc.record({
      state: fc.constant('isolated' as const),
      since: offset.map(at),
      by: fc.string(),
      reason: fc.string(),
    }),
  );
  const someBreakers = fc.option(
    fc
      .tuple(someState, someState, someState, fc.boolean())
      .map(([redis, postgres, webhook, in_use]) => [
        sampleBreaker({ state: redis, in_use }),
        sampleBreaker({ name: 'postgres', service: 'postgres', state: postgres, in_use }),
        sampleBreaker({ name: 'webhook:0197a4c2-0000-7000-8000-00000000abcd', service: 'webhook', state: webhook }),
      ]),
    { nil: undefined },
  );
  const someStore = fc.record({
    waiting: fc.nat(5000),
    oldest_at: fc.option(offset.map(at)),
    away_since: fc.option(offset.map(at)),
    error: fc.option(fc.string()),
  });
  const someJournal = fc.option(
    fc.record({ database: someStore, sessions: someStore, refused: fc.nat(3), bytes: fc.nat(1200) }).map(sampleJournal),
    { nil: undefined },
  );
  const someFacts = fc.record({ health: someHealth, breakers: someBreakers, journal: someJournal });
  const someFreshness: fc.Arbitrary<Freshness> = offset.chain((read) =>
    fc.constantFrom<Freshness>(
      CURRENT,
      { kind: 'late', read_ms: SAMPLE_NOW_MS + read },
      { kind: 'paused', read_ms: SAMPLE_NOW_MS + read },
      { kind: 'offline', since_ms: SAMPLE_NOW_MS + read, read_ms: SAMPLE_NOW_MS + read },
      { kind: 'offline', since_ms: SAMPLE_NOW_MS + read, read_ms: undefined },
    ),
  );

  it('is always one sentence, and is green only when it knows that all is well now', () => {
    fc.assert(
      fc.property(someFacts, someFreshness, (facts, freshness) => {
        const alerts = alertsOf(facts);
        const { tone, sentence } = statusSentence(facts.health, alerts, freshness, SAMPLE_NOW_MS);
        expect(sentence).toMatch(/^[A-Z0-9][^.!?\n]*\.$/);
        expect(tone === 'ok').toBe(alerts.length === 0 && freshness.kind === 'current');
      }),
      { numRuns: 500 },
    );
  });

  it('names the worst first', () => {
    fc.assert(
      fc.property(someFacts, (facts) => {
        const alerts = alertsOf(facts);
        const { sentence, tone } = statusSentence(facts.health, alerts, CURRENT, SAMPLE_NOW_MS);
        const [worst] = alerts;
        if (worst === undefined) return;
        expect(sentence.startsWith(worst.subject)).toBe(true);
        const isBad = alerts.some(({ severity }) => severity === 'bad');
        expect(tone).toBe(isBad ? 'bad' : 'warn');
        const isWithoutDatabase = alerts.some(
          ({ key, severity }) => key === 'component:database' && severity === 'bad',
        );
        if (isWithoutDatabase) expect(worst.key).toBe('component:database');
        expect(new Set(alerts.map(({ key }) => key)).size).toBe(alerts.length);
      }),
      { numRuns: 500 },
    );
  });
});
