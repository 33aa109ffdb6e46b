import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchonClient, Inputs } from '../../src-contract/index.ts';
import { TestClock } from '../../tests/support/test-clock.ts';
import { appRoot } from '../app-files.ts';
import { readDemoFiles } from './demo-files.ts';
import { loadDemo } from './load-demo.ts';

type Link = Pick<Inputs['memories']['link'], 'from_id' | 'to_id' | 'relation'>;

/** An Archon that holds memories and links, and forgets all else. */
class FakeArchon {
  readonly memories: { id: string; user_id: string; metadata: object; deleted_at: null }[] = [];
  readonly links: Link[] = [];
  /** Links that are stored before the next one fails. */
  links_until_away = Number.POSITIVE_INFINITY;

  readonly client = {
    sessions: { create: async () => undefined },
    working: { list: async () => ({ items: [], next_cursor: null }), createBatch: async () => undefined },
    longterm: {
      list: async ({ user_id }: { user_id: string }) => ({
        items: this.memories.filter((memory) => memory.user_id === user_id),
        next_cursor: null,
      }),
      createBatch: async ({ items }: Inputs['longterm']['createBatch']) => ({
        items: items.map(({ user_id, metadata }) => this.#add(user_id, metadata)),
      }),
      supersede: async ({ id, metadata }: Inputs['longterm']['supersede']) =>
        this.#add(this.memories.find((memory) => memory.id === id)?.user_id ?? '', metadata),
    },
    memories: {
      history: async ({ id }: { id: string }) => ({ links: this.links.filter(({ from_id }) => from_id === id) }),
      link: async (link: Link) => {
        if (this.links.length >= this.links_until_away) throw new Error('the database is away');
        this.links.push(link);
      },
    },
  } as unknown as ArchonClient;

  #add(user_id: string, metadata: object = {}) {
    const memory = { id: `memory ${this.memories.length}`, user_id, metadata, deleted_at: null };
    this.memories.push(memory);
    return memory;
  }
}

describe('loading the demo', () => {
  const files = readDemoFiles(join(appRoot, 'resources', 'demo'));
  const clock = new TestClock('2026-06-01T12:00:00.000Z');
  const wanted = files.memories.reduce(
    (count, memory) => count + (memory.layer === 'longterm' ? (memory.links?.length ?? 0) : 0),
    0,
  );

  it('adds the links that are missing when it was broken off among them, and none twice', async () => {
    const archon = new FakeArchon();
    archon.links_until_away = 3;
    await expect(loadDemo(archon.client, files, clock)).rejects.toThrow('the database is away');
    archon.links_until_away = Number.POSITIVE_INFINITY;
    const repaired = await loadDemo(archon.client, files, clock);
    expect(archon.links).toHaveLength(wanted);
    expect(repaired.links).toBe(wanted - 3);
    expect(await loadDemo(archon.client, files, clock)).toMatchObject({ longterm: 0, links: 0 });
    expect(new Set(archon.links.map((link) => JSON.stringify(link))).size).toBe(wanted);
  });
});
