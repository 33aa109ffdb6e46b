import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsRemediation } from '../../../src-contract/index.ts';
import { type Attempt, decide, LONGEST_PAUSE_MS, pauseMs, type Sight } from './decide.ts';

const remediation = (given: Partial<OpsRemediation> = {}): OpsRemediation => ({
  remediator: 'worker-restart',
  ask: false,
  cool_down_seconds: 300,
  max_attempts: 3,
  max_per_hour: 6,
  ...given,
});

const sight = (given: Partial<Sight> = {}): Sight => ({
  mode: 'automatic',
  paused: false,
  remediation: remediation(),
  held: false,
  inhibited: false,
  attempts: [],
  waited_ms: Number.POSITIVE_INFINITY,
  busy: false,
  last_hour: { rule: 0, all: 0 },
  most_per_hour: 20,
  ...given,
});

const ended = (...states: Attempt['state'][]): Attempt[] => states.map((state) => ({ state, fired_since: false }));

describe('what is done about an alert', () => {
  it('is the first attempt, at once', () => {
    expect(decide(sight())).toEqual({ do: 'act', attempt: 1 });
  });

  it('is asked for where the mode or the rule says so', () => {
    expect(decide(sight({ mode: 'approval' }))).toEqual({ do: 'ask', attempt: 1 });
    expect(decide(sight({ remediation: remediation({ ask: true }) }))).toEqual({ do: 'ask', attempt: 1 });
  });

  it('is said once in a dry run', () => {
    expect(decide(sight({ mode: 'dry_run' }))).toEqual({ do: 'tell', attempt: 1 });
    expect(decide(sight({ mode: 'dry_run', attempts: ended('dry_run') }))).toEqual({ do: 'nothing', why: 'told' });
  });

  it('begins after a dry run as if nothing had been', () => {
    expect(decide(sight({ attempts: ended('dry_run') }))).toEqual({ do: 'act', attempt: 1 });
  });

  it.each([
    ['held', { held: true }],
    ['inhibited', { inhibited: true }],
    ['paused', { paused: true }],
    ['busy', { busy: true }],
    ['rule_limit', { last_hour: { rule: 6, all: 6 } }],
    ['limit', { last_hour: { rule: 0, all: 20 } }],
    ['limit', { most_per_hour: 0 }],
    ['under_way', { attempts: ended('did_not_help', 'running') }],
    ['under_way', { attempts: ended('waiting_approval') }],
    ['rejected', { attempts: ended('rejected') }],
    ['cool_down', { attempts: ended('did_not_help'), waited_ms: 299_999 }],
    ['cool_down', { attempts: ended('failed', 'interrupted'), waited_ms: 599_999 }],
  ] satisfies [string, Partial<Sight>][])('is nothing: %s (%j)', (why, given) => {
    expect(decide(sight(given))).toEqual({ do: 'nothing', why });
  });

  it('comes again after the pause', () => {
    expect(decide(sight({ attempts: ended('did_not_help'), waited_ms: 300_000 }))).toEqual({ do: 'act', attempt: 2 });
  });

  it('ends when the attempts are used up, also while it is paused', () => {
    const attempts = ended('did_not_help', 'failed', 'interrupted');
    expect(decide(sight({ attempts }))).toEqual({ do: 'give_up' });
    expect(decide(sight({ attempts, paused: true }))).toEqual({ do: 'give_up' });
  });

  it('counts what helped and left the alert firing, and not what helped until it fired again', () => {
    const helped = (fired_since: boolean): Attempt => ({ state: 'helped', fired_since });
    expect(decide(sight({ attempts: [helped(false), helped(false), helped(false)] }))).toEqual({ do: 'give_up' });
    expect(decide(sight({ attempts: [helped(true), helped(true), helped(true)] }))).toEqual({ do: 'act', attempt: 1 });
  });
});

const OUTCOMES = ['helped', 'did_not_help', 'failed', 'interrupted', 'expired', 'skipped', 'rejected'] as const;

/** A round: how much time passed, what the world is like, and how what is begun in it ends. */
const round = fc.record({
  elapsed_ms: fc.integer({ min: 0, max: 120_000 }),
  mode: fc.constantFrom('automatic', 'approval', 'dry_run'),
  paused: fc.boolean(),
  held: fc.boolean(),
  inhibited: fc.boolean(),
  busy: fc.boolean(),
  outcome: fc.constantFrom(...OUTCOMES),
  fired_since: fc.boolean(),
});
const limits = fc.record({
  cool_down_seconds: fc.integer({ min: 0, max: 600 }),
  max_attempts: fc.integer({ min: 1, max: 20 }),
  max_per_hour: fc.integer({ min: 1, max: 10 }),
  most_per_hour: fc.integer({ min: 0, max: 10 }),
});

describe('over any sequence of rounds', () => {
  it('keeps every limit, never acts while it must not, and gives up for good', () => {
    fc.assert(
      fc.property(limits, fc.array(round, { maxLength: 200 }), ({ most_per_hour, ...given }, rounds) => {
        const rule = remediation(given);
        const attempts: Attempt[] = [];
        const begun: number[] = [];
        let now_ms = 0;
        let last_ms = Number.NEGATIVE_INFINITY;
        let given_up = false;
        for (const { elapsed_ms, outcome, fired_since, ...world } of rounds) {
          now_ms += elapsed_ms;
          const inHour = () => begun.filter((at) => now_ms - at < 3_600_000).length;
          const decision = decide({
            ...world,
            remediation: rule,
            attempts,
            waited_ms: now_ms - last_ms,
            last_hour: { rule: inHour(), all: inHour() },
            most_per_hour,
          });
          const failures = attempts.filter(
            ({ state, fired_since: again }) =>
              ['did_not_help', 'failed', 'interrupted', 'expired'].includes(state) || (state === 'helped' && !again),
          ).length;
          given_up ||= decision.do === 'give_up';
          if (decision.do === 'nothing' || decision.do === 'give_up') continue;
          expect(given_up).toBe(false);
          expect(world.paused || world.held || world.inhibited).toBe(false);
          expect(failures).toBeLessThan(rule.max_attempts);
          expect(attempts.some(({ state }) => state === 'rejected')).toBe(false);
          if (decision.do === 'tell') {
            expect(world.mode).toBe('dry_run');
            expect(attempts.some(({ state }) => state === 'dry_run')).toBe(false);
            attempts.push({ state: 'dry_run', fired_since: false });
            continue;
          }
          expect(world.busy).toBe(false);
          expect(world.mode).not.toBe('dry_run');
          expect(now_ms - last_ms).toBeGreaterThanOrEqual(pauseMs(rule, failures));
          begun.push(now_ms);
          last_ms = now_ms;
          expect(inHour()).toBeLessThanOrEqual(Math.min(rule.max_per_hour, most_per_hour));
          attempts.push({ state: outcome, fired_since });
        }
      }),
    );
  });

  it('waits longer after each attempt that did not help, and never for ever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 604_800 }),
        fc.integer({ min: 0, max: 20 }),
        (cool_down_seconds, failures) => {
          const rule = remediation({ cool_down_seconds });
          const [before, after] = [pauseMs(rule, failures), pauseMs(rule, failures + 1)];
          expect(after).toBeGreaterThanOrEqual(before);
          expect(after).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
          if (failures > 0 && after < LONGEST_PAUSE_MS) expect(after).toBe(2 * before);
        },
      ),
    );
  });

  it('counts an attempt that was interrupted like one that failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (max_attempts) => {
        const attempts = ended(...Array.from({ length: max_attempts }, () => 'interrupted' as const));
        expect(decide(sight({ remediation: remediation({ max_attempts }), attempts }))).toEqual({ do: 'give_up' });
      }),
    );
  });
});
