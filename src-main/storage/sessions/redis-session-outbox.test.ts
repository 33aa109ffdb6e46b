/** Which lanes of a Cluster are taken from, and when. */
import { Cluster } from 'ioredis';
import { expect, it } from 'vitest';
import type { RedisConnection } from './redis-connection.ts';
import { outboxKey } from './redis-keys.ts';
import { RedisSessionOutbox } from './redis-session-outbox.ts';
import { SLOTS } from './redis-slots.ts';
import type { OutboxBatch } from './session-outbox.ts';
import { SessionStoreUnavailableError } from './session-store.ts';

type Entry = [position: string, values: string[]];

/** A Cluster whose lanes hold so many entries each; a lane for which `away` answers true is not reached. */
class FakeCluster {
  readonly lanes = new Map<string, Entry[]>();
  away = (_lane: string): boolean => false;
  readonly #client = Object.assign(Object.create(Cluster.prototype), {
    outboxTake: async (lane: string, _taker: string, _process: string, _ms: number, most: number) => {
      if (this.away(lane)) throw new SessionStoreUnavailableError('away');
      return this.lanes.get(lane)?.slice(0, most) ?? [];
    },
    outboxRemove: async (lane: string, after: string) => {
      const left = this.lanes
        .get(lane)
        ?.filter(([position]) => Number.parseInt(position, 10) > Number.parseInt(after, 10));
      this.lanes.set(lane, left ?? []);
    },
  });
  readonly connection = {
    client: this.#client,
    run: (send: (client: unknown) => Promise<unknown>) => send(this.#client),
  } as unknown as RedisConnection;

  fill(slot: number, count: number): void {
    const entry = (n: number): Entry => {
      const origin = { source_id: `${slot}-${n}`, org_id: 'o', session_id: `s${slot}`, actor: 'a', at_ms: n };
      return [`${n}-0`, ['origin', JSON.stringify(origin), 'change', 'updated', 'user_id', 'ada', 'about', '']];
    };
    this.lanes.set(
      outboxKey('p:', slot),
      Array.from({ length: count }, (_, n) => entry(n + 1)),
    );
  }
}

const sourcesOf = (batches: readonly OutboxBatch[]) =>
  batches.flatMap(({ entries }) => entries.map(({ source_id }) => source_id));

it('takes so many at once and no more, and the other lanes next, until a thorough look has seen all', async () => {
  const cluster = new FakeCluster();
  for (let slot = 0; slot < SLOTS; slot += 4) cluster.fill(slot, 3);
  const outbox = new RedisSessionOutbox(cluster.connection, 'p:', {});
  const seen = new Map<string, number[]>();
  for (let thorough = true; ; thorough = false) {
    const { batches } = await outbox.take({ thorough });
    if (batches.length === 0) break;
    expect(sourcesOf(batches).length).toBeLessThan(4000);
    for (const batch of batches) {
      const positions = batch.entries.map(({ at_ms }) => at_ms);
      seen.set(batch.lane, [...(seen.get(batch.lane) ?? []), ...positions]);
      await outbox.remove(batch);
    }
  }
  expect(seen.size).toBe(SLOTS / 4);
  for (const positions of seen.values()) expect(positions).toEqual([1, 2, 3]);
});

it('takes from the others while a part is away, and from that once it is back', async () => {
  const cluster = new FakeCluster();
  cluster.fill(1, 1);
  cluster.fill(2, 1);
  const outbox = new RedisSessionOutbox(cluster.connection, 'p:', {});
  cluster.away = (lane) => lane === outboxKey('p:', 1);
  const { batches } = await outbox.take({ thorough: true });
  expect(sourcesOf(batches)).toEqual(['2-1/updated']);
  for (const batch of batches) await outbox.remove(batch);
  await expect(outbox.take({ thorough: false })).rejects.toThrow(SessionStoreUnavailableError);
  cluster.away = () => false;
  expect(sourcesOf((await outbox.take({ thorough: false })).batches)).toEqual(['1-1/updated']);
});
