/** Work as usual on real services: nobody is told of anything, and nothing is done. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultWorld, startFaultWorld } from '../../support/fault-world.ts';
import { LONG } from '../../support/long.ts';
import { OPERATOR } from '../../support/ops-world.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';

/** Every night; a fifth of a minute otherwise. */
const LASTS_MS = LONG ? 600_000 : 12_000;
/** Agents that work at once, each with a breath between two calls. */
const AGENTS = 4;
const BREATH_MS = 50;

describe.runIf(postgresAvailable && redisAvailable)('while everything works', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await startFaultWorld({ 'ops.interval_seconds': 5 }, undefined, 'server');
  });
  afterAll(() => world?.stop());

  it('no alarm is raised, however much there is to do', { timeout: LASTS_MS + 120_000 }, async () => {
    const { ops } = world.server.engine.services;
    const until_ms = performance.now() + LASTS_MS;
    let calls = 0;
    await Promise.all(
      Array.from({ length: AGENTS }, async (_, agent) => {
        const user_id = `agent-${agent}`;
        const session_id = `talk-${agent}`;
        await world.call('POST', '/api/memory/sessions', { session_id, user_id });
        while (performance.now() < until_ms) {
          const text = `Apples of tree ${calls} were picked.`;
          await world.call('POST', '/api/memory/working', { user_id, memory_type: 'action', content: { text } });
          await world.call('POST', `/api/memory/session/${session_id}/messages`, {
            user_id,
            messages: [{ role: 'user', content: text }],
          });
          await world.call('POST', '/api/memory/context', { user_id, session_id, query: 'apples' });
          calls += 3;
          await pause(BREATH_MS);
        }
      }),
    );
    await ops.agent.run(OPERATOR);
    const { last_round } = ops.agent.status(OPERATOR);
    console.info(`${calls} calls; the last round took ${last_round?.duration_ms} ms`);
    expect(last_round?.error).toBeNull();
    const { items } = await ops.alerts.list(OPERATOR, { states: ['firing', 'clearing', 'resolved'], limit: 50 });
    expect(items.map(({ summary }) => summary)).toEqual([]);
    expect((await ops.actions.list(OPERATOR, { limit: 50 })).items).toEqual([]);
    expect((await ops.channels.deliveries(OPERATOR, { limit: 50 })).items).toEqual([]);
  });
});
