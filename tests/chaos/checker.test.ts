/** A checker that cannot fail is worth nothing: each kind of damage, done to a run that is good. */
import { describe, expect, it } from 'vitest';
import { check, type Evidence, type SubscriberEvidence } from './checker.ts';

/** Events 1–4, of which 3 is poison to the subscriber; 2 came twice. */
function goodSubscriber(): SubscriberEvidence {
  return {
    name: 'one',
    cursor: 4,
    effects: new Map([
      ['1', 1],
      ['2', 2],
      ['4', 1],
    ]),
    letters: [{ event_id: '3', state: 'dead', error_name: 'PoisonedError' }],
    queued: [],
    isPoison: (user_id) => user_id === 'poison',
    error_name: 'PoisonedError',
    once: false,
  };
}

function goodRun(): Evidence {
  return {
    acknowledged: ['a', 'b', 'c'],
    log: [
      { id: '1', keys: ['a'], user_id: 'ana' },
      { id: '2', keys: ['b', 'b2'], user_id: 'ana' },
      { id: '3', keys: ['c'], user_id: 'poison' },
      { id: '4', keys: [], user_id: null },
    ],
    outbox: 0,
    open_runs: 0,
    subscribers: [goodSubscriber()],
  };
}

const withSubscriber = (damage: Partial<SubscriberEvidence>): Evidence => ({
  ...goodRun(),
  subscribers: [{ ...goodSubscriber(), ...damage }],
});
const withoutEffectOf = (id: string) => new Map([...goodSubscriber().effects].filter(([one]) => one !== id));

describe('the checker of a chaos run', () => {
  it('finds nothing wrong with a good run, in which an event may come twice', () => {
    expect(check(goodRun())).toEqual({
      acknowledged: 3,
      found: 3,
      events: 4,
      lost: 0,
      limbo: 0,
      subscribers: [{ name: 'one', delivered: 3, repeated: 1, poisoned: 1, dead: 1, limbo: 0, lost: 0 }],
      faults: [],
    });
  });

  it('reports an acknowledged write that is not in the log as lost', () => {
    const verdict = check({ ...goodRun(), acknowledged: ['a', 'b', 'c', 'd'] });
    expect(verdict).toMatchObject({ lost: 1, limbo: 0, acknowledged: 4, found: 3 });
    expect(verdict.faults).toEqual(['d was acknowledged and is not in the log: lost']);
  });

  it('reports an event that left the log and had no effect as lost', () => {
    const verdict = check(withSubscriber({ effects: withoutEffectOf('4') }));
    expect(verdict).toMatchObject({ lost: 1, limbo: 0, subscribers: [{ delivered: 2, lost: 1 }] });
    expect(verdict.faults).toEqual(['one: event 4 had no effect and is not a dead letter: lost']);
  });

  it('reports a poisoned event without a dead letter as lost', () => {
    const verdict = check(withSubscriber({ letters: [] }));
    expect(verdict).toMatchObject({ lost: 1, subscribers: [{ poisoned: 1, dead: 0 }] });
  });

  it('reports an event that never left the log, or lies in the queue, as in limbo', () => {
    const behind = check(withSubscriber({ effects: withoutEffectOf('4'), cursor: 3 }));
    expect(behind).toMatchObject({ lost: 0, limbo: 1, faults: ['one: event 4 never left the log: limbo'] });
    const queued = check(withSubscriber({ effects: withoutEffectOf('4'), queued: ['4'] }));
    expect(queued).toMatchObject({ lost: 0, limbo: 1, faults: ['one: event 4 is still in the queue: limbo'] });
    // Also one that had its effect: its job should be gone.
    expect(check(withSubscriber({ queued: ['1'] }))).toMatchObject({ lost: 0, limbo: 1 });
  });

  it('reports what never came from the session store, and runs of workers without an end, as in limbo', () => {
    expect(check({ ...goodRun(), outbox: 2 })).toMatchObject({ limbo: 2, faults: [expect.stringContaining('limbo')] });
    expect(check({ ...goodRun(), open_runs: 1 })).toMatchObject({
      limbo: 1,
      faults: [expect.stringContaining('limbo')],
    });
  });

  it('reports a dead letter of an event that is not poisoned', () => {
    const letters = [...goodSubscriber().letters, { event_id: '4', state: 'dead', error_name: 'Error' }];
    const verdict = check(withSubscriber({ letters, effects: withoutEffectOf('4') }));
    expect(verdict).toMatchObject({ lost: 0, limbo: 0, subscribers: [{ poisoned: 1, dead: 2 }] });
    expect(verdict.faults).toEqual(['one: event 4 is a dead letter (Error) and not poisoned']);
  });

  it('reports a dead letter that is on its way, or was kept under another error', () => {
    const letter = { event_id: '3', state: 'dead', error_name: 'PoisonedError' };
    expect(check(withSubscriber({ letters: [{ ...letter, state: 'replaying' }] })).faults).toEqual([
      'one: event 3 is a dead letter that is replaying',
    ]);
    expect(check(withSubscriber({ letters: [{ ...letter, error_name: 'ProcessEnded' }] })).faults).toEqual([
      'one: event 3 failed with ProcessEnded, not PoisonedError',
    ]);
  });

  it('reports an effect of a poisoned event, a second effect where there must be one, and what is in no log', () => {
    expect(check(withSubscriber({ effects: new Map([...goodSubscriber().effects, ['3', 1]]) })).faults).toEqual([
      'one: event 3 is poisoned and had an effect',
    ]);
    expect(check(withSubscriber({ once: true })).faults).toEqual(['one: event 2 had its effect 2 times']);
    expect(check(withSubscriber({ effects: new Map([...goodSubscriber().effects, ['9', 1]]) })).faults).toEqual([
      'one: event 9 was delivered and is not in the log',
    ]);
  });
});
