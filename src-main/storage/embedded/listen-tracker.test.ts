import { describe, expect, it } from 'vitest';
import type { ListenStatement } from './listen-statements.ts';
import { ListenTracker } from './listen-tracker.ts';
import type { TransactionStatus } from './wire-frames.ts';

const listen = (channel: string): ListenStatement => ({ kind: 'listen', channel });

/** Plays one unit: what it announced, the tags that came (or an error), and the status at its end. */
function play(
  tracker: ListenTracker,
  status: TransactionStatus,
  tags: readonly string[],
  listens: ListenStatement[] = [],
) {
  tracker.announce(listens);
  for (const tag of tags) {
    if (tag === 'ERROR') tracker.fail();
    else tracker.complete(tag);
  }
  return tracker.ready(status);
}

describe('a LISTEN', () => {
  it('counts at once outside a transaction', () => {
    expect(play(new ListenTracker(), 'I', ['LISTEN'], [listen('a')])).toEqual([listen('a')]);
  });

  it('counts when its transaction commits', () => {
    const tracker = new ListenTracker();
    expect(play(tracker, 'T', ['BEGIN'])).toEqual([]);
    expect(play(tracker, 'T', ['LISTEN'], [listen('a')])).toEqual([]);
    expect(play(tracker, 'I', ['COMMIT'])).toEqual([listen('a')]);
  });

  it('does not count when its transaction is rolled back', () => {
    const tracker = new ListenTracker();
    play(tracker, 'T', ['BEGIN', 'LISTEN'], [listen('a')]);
    expect(play(tracker, 'I', ['ROLLBACK'])).toEqual([]);
    expect(play(tracker, 'I', ['SELECT 1'])).toEqual([]);
  });

  it('does not count when a later statement of the same unit fails', () => {
    expect(play(new ListenTracker(), 'I', ['LISTEN', 'ERROR'], [listen('a')])).toEqual([]);
  });

  it('does not count when COMMIT finds the transaction failed', () => {
    const tracker = new ListenTracker();
    play(tracker, 'T', ['BEGIN', 'LISTEN'], [listen('a')]);
    play(tracker, 'E', ['ERROR']);
    expect(play(tracker, 'I', ['ROLLBACK'])).toEqual([]);
  });

  it('survives ROLLBACK TO SAVEPOINT', () => {
    const tracker = new ListenTracker();
    play(tracker, 'T', ['BEGIN', 'LISTEN', 'SAVEPOINT'], [listen('a')]);
    play(tracker, 'E', ['ERROR']);
    play(tracker, 'T', ['ROLLBACK']);
    expect(play(tracker, 'I', ['COMMIT'])).toEqual([listen('a')]);
  });

  it('after a ROLLBACK in the same unit counts', () => {
    const tracker = new ListenTracker();
    play(tracker, 'T', ['BEGIN', 'LISTEN'], [listen('a')]);
    expect(play(tracker, 'I', ['ROLLBACK', 'LISTEN'], [listen('b')])).toEqual([listen('b')]);
  });
});
