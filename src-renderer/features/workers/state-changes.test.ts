import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import { PAGES, type ReadPage, readStateChanges, SHOWN } from './state-changes.ts';

const change = (id: number, worker = 'decay'): EventEnvelope => ({
  id: String(id),
  type: 'worker.state.changed',
  created_at: '2026-01-01T00:00:00.000Z',
  org_id: 'org',
  user_id: null,
  actor: 'user',
  payload: { worker, from: 'in_service', to: 'paused', reason: null },
});

/** A log of such pages, and the cursors it was asked with. */
function logOf(pages: readonly (readonly EventEnvelope[])[]): { read: ReadPage; asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const read: ReadPage = async (cursor) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return { items: pages[at] ?? [], next_cursor: at + 1 < pages.length ? String(at + 1) : null };
  };
  return { read, asked };
}
const idsOf = ({ changes }: Awaited<ReturnType<typeof readStateChanges>>) => changes.map(({ event_id }) => event_id);

describe('the changes of the state of a worker', () => {
  it('are looked for on the pages after one that has none', async () => {
    const { read, asked } = logOf([[], [change(7, 'decay-two')], [change(5), change(4)]]);
    const found = await readStateChanges('decay', read);
    expect(idsOf(found)).toEqual(['5', '4']);
    expect(found.isWhole).toBe(true);
    expect(asked).toEqual([undefined, '1', '2']);
  });

  it('are none only when the whole log was read', async () => {
    expect(await readStateChanges('decay', logOf([[], []]).read)).toEqual({ changes: [], isWhole: true });
    const long = logOf(Array.from({ length: PAGES + 1 }, () => []));
    expect(await readStateChanges('decay', long.read)).toEqual({ changes: [], isWhole: false });
    expect(long.asked).toHaveLength(PAGES);
  });

  it('are looked for no further when there are enough', async () => {
    const page = Array.from({ length: SHOWN }, (_, at) => change(100 - at));
    const { read, asked } = logOf([page, [change(1)]]);
    expect(await readStateChanges('decay', read)).toMatchObject({ isWhole: false });
    expect(asked).toEqual([undefined]);
  });
});
