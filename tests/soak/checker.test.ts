/** A checker that cannot fail is worth nothing: each kind of damage, done to a run that is good. */
import { describe, expect, it } from 'vitest';
import { checkSoak, type Promises, type SoakEvidence, type StruckFault, wellAgain } from './checker.ts';
import type { Sample, ServiceSaid } from './health-watch.ts';
import type { Tally } from './soak-client.ts';

const promises: Promises = {
  request_seconds: 10,
  look_seconds: 2,
  slack_seconds: 1,
  recovery_seconds: 60,
  blind_seconds: 3,
  breaker_seconds: 20,
};
const WELL: ServiceSaid = { healthy: true, closed: true, waiting: 0 };
const AWAY: ServiceSaid = { healthy: false, closed: false, waiting: 3 };

const tally = (damage: Partial<Tally> = {}): Tally => ({
  answered: 9,
  queued: 1,
  refused: 2,
  broken: 0,
  mistaken: 0,
  unanswered: 0,
  worst_ms: 9000,
  ...damage,
});
const sampleAt = (seconds: number, postgres: ServiceSaid, redis: ServiceSaid = WELL): Sample => ({
  asked_ms: seconds * 1000,
  told_ms: seconds * 1000 + 100,
  said: { postgres, redis },
});
const refusedFor30s: StruckFault = {
  kind: 'refuse',
  services: ['postgres'],
  began_ms: 10_000,
  ended_ms: 40_000,
  well_ms: 52_000,
};

/** PostgreSQL is away from second 10 to second 40, and said to be well from second 52. */
function goodRun(): SoakEvidence {
  return {
    promises,
    acknowledged: [
      { mark: 'a', place: 'working', ordered: false, how: 'queued' },
      { mark: 'm1', place: 'talk', ordered: true, how: 'done' },
      { mark: 'm2', place: 'talk', ordered: true, how: 'done' },
    ],
    // What was not acknowledged may be stored: its answer was lost.
    stored: new Map([
      ['working', ['b', 'a']],
      ['talk', ['m1', 'unanswered', 'm2']],
    ]),
    told: new Map(['a', 'b', 'm1', 'm2', 'unanswered'].map((mark) => [mark, 1])),
    tallies: new Map([['context', tally()]]),
    faults: [refusedFor30s],
    samples: [sampleAt(5, WELL), sampleAt(11, WELL), sampleAt(35, AWAY), sampleAt(45, AWAY), sampleAt(52, WELL)],
    refused: [],
    troubles: [],
  };
}

const faultsOf = (damage: Partial<SoakEvidence>) => checkSoak({ ...goodRun(), ...damage }).faults;

describe('the checker of a soak', () => {
  it('finds nothing wrong with a good run', () => {
    expect(checkSoak(goodRun())).toMatchObject({
      acknowledged: { done: 2, queued: 1 },
      found: 3,
      lost: 0,
      duplicated: 0,
      misplaced: 0,
      mistold: 0,
      recoveries_seconds: [12],
      untrue: { health: { called_well: 0, called_away: 0 }, breakers: { called_well: 0, called_away: 0 } },
      faults: [],
    });
  });

  it('reports what was acknowledged and is not stored, or in another place', () => {
    const stored = new Map([
      ['working', ['m2']],
      ['talk', ['m1']],
    ]);
    expect(faultsOf({ stored })).toEqual([
      'a was acknowledged (queued) and is not in working: lost',
      'm2 was acknowledged (done) and is not in talk: lost',
    ]);
  });

  it('reports what is stored twice, whether it was acknowledged or not', () => {
    const stored = new Map([
      ['working', ['a', 'b', 'b']],
      ['talk', ['m1', 'm2', 'm1']],
    ]);
    expect(faultsOf({ stored })).toEqual(expect.arrayContaining(['b is in working 2 times', 'm1 is in talk 2 times']));
  });

  it('reports messages that are not in the order of their answers', () => {
    const stored = new Map([
      ['working', ['a', 'b']],
      ['talk', ['m2', 'm1']],
    ]);
    expect(checkSoak({ ...goodRun(), stored })).toMatchObject({
      misplaced: 1,
      faults: ['m2 is before what was acknowledged before it in talk'],
    });
  });

  it('reports what no event tells of, or more than one', () => {
    const told = new Map(Object.entries({ a: 2, m1: 1, m2: 1, unanswered: 1 }));
    expect(checkSoak({ ...goodRun(), told })).toMatchObject({ mistold: 2 });
  });

  it.each([
    [{ broken: 1 }, '1 answers of 5xx'],
    [{ mistaken: 2 }, '2 answers of 4xx'],
    [{ unanswered: 3 }, '3 requests without an answer'],
    [{ worst_ms: 11_500 }, 'an answer took 11.5 s'],
  ])('reports requests that were not answered as promised: %j', (damage, words) => {
    expect(faultsOf({ tallies: new Map([['context', tally(damage)]]) })).toEqual([expect.stringContaining(words)]);
  });

  it('has another promise for looks than for requests', () => {
    expect(faultsOf({ tallies: new Map([['deep health', tally({ worst_ms: 4000 })]]) })).toHaveLength(1);
  });

  it('reports what came back too late or not at all; of what was struck again the last time counts', () => {
    const struck = (well_ms: StruckFault['well_ms']) => faultsOf({ faults: [{ ...refusedFor30s, well_ms }] });
    expect(struck(101_000)).toEqual(['postgres, refuse: well after 61 s']);
    expect(struck('never')).toEqual(['postgres, refuse: not well after 60 s']);
    expect(struck(undefined)).toEqual([]);
  });

  it('reports health that calls a store well that has been away for some time', () => {
    expect(faultsOf({ samples: [sampleAt(14, { ...WELL, closed: false })] })).toEqual([
      'health: 1 samples call a store well that was away',
    ]);
    // One that is only slow is not away.
    const slow: StruckFault = { ...refusedFor30s, kind: 'delay' };
    expect(faultsOf({ faults: [slow], samples: [sampleAt(14, WELL)] })).toEqual([]);
  });

  it('reports a breaker that stays closed while its store is away, and gives it more time', () => {
    const closed = { ...AWAY, closed: true };
    expect(faultsOf({ samples: [sampleAt(14, closed)] })).toEqual([]);
    expect(faultsOf({ samples: [sampleAt(31, closed)] })).toEqual([
      'breakers: 1 samples call a store well that was away',
    ]);
    // A store without a breaker says nothing.
    expect(faultsOf({ samples: [sampleAt(31, { ...AWAY, closed: undefined })] })).toEqual([]);
  });

  it('reports health and breakers that call a store away that has been there for long', () => {
    expect(faultsOf({ samples: [sampleAt(5, AWAY), sampleAt(90, AWAY), sampleAt(101, AWAY)] })).toEqual([
      'health: 2 samples call a store away that was there',
      'breakers: 2 samples call a store away that was there',
    ]);
    // The other one was not struck at all.
    expect(faultsOf({ samples: [sampleAt(35, AWAY, AWAY)] })).toHaveLength(2);
  });

  it('reports writes that were taken and refused in the end, and whatever else went wrong', () => {
    expect(faultsOf({ refused: ['one was refused'], troubles: ['the server ended'] })).toEqual([
      'the server ended',
      'one was refused',
    ]);
  });
});

describe('a store that was struck', () => {
  const fault = { services: ['postgres', 'redis'] as const, ended_ms: 40_000 };

  it('is well when it is healthy, its breaker is closed and nothing waits, of all that were struck', () => {
    const almost = [{ healthy: false }, { closed: false }, { waiting: 1 }].map((damage, at) =>
      sampleAt(41 + at, { ...WELL, ...damage }),
    );
    expect(wellAgain([sampleAt(39, WELL), ...almost, sampleAt(50, WELL, AWAY)], fault)).toBeUndefined();
    expect(wellAgain([...almost, sampleAt(51, { ...WELL, closed: undefined })], fault)).toBe(51_100);
  });
});
