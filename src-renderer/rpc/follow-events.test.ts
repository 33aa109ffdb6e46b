import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../src-contract/index.ts';
import { followEvents } from './follow-events.ts';

const event = (id: string) => ({ id }) as EventEnvelope;

/** Follows streams that hold these events each, and break after them. */
async function follow(streams: readonly (readonly string[] | 'refused')[]): Promise<string[]> {
  const told: string[] = [];
  const left = [...streams];
  const end = new AbortController();
  await followEvents(
    {
      open: async ({ after_id }) => {
        const ids = left.shift() ?? [];
        told.push(`open ${after_id ?? 'now'}`);
        if (ids === 'refused') throw new Error('nobody there');
        return (async function* () {
          for (const id of ids) yield event(id);
          throw new Error('the connection broke');
        })();
      },
      onEvent: ({ id }) => told.push(id),
      onGap: () => told.push('gap'),
      pause: async () => {
        if (left.length === 0) end.abort();
      },
    },
    end.signal,
  );
  return told;
}

describe('following events', () => {
  it('tells at the beginning that something may have changed before it', async () => {
    expect(await follow([['1', '2']])).toEqual(['open now', 'gap', '1', '2']);
  });

  it('goes on after the last event without a gap', async () => {
    expect(await follow([['1'], 'refused', ['2']])).toEqual(['open now', 'gap', '1', 'open 1', 'open 1', '2']);
  });

  it('tells of a gap when the ids begin again', async () => {
    expect(await follow([['8', '9'], ['3', '4'], ['10']])).toEqual([
      'open now',
      'gap',
      '8',
      '9',
      'open 9',
      'gap',
      '3',
      '4',
      'open 4',
      '10',
    ]);
  });

  it('tells of a gap when it does not know where it was', async () => {
    expect(await follow(['refused', [], []])).toEqual(['open now', 'open now', 'gap', 'open now', 'gap']);
  });
});
