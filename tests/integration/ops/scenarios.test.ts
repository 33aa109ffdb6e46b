/** The rules of the roadmap from end to end: a fault of a real service, found, healed or escalated, told of, and over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpsAction, OpsAlert } from '../../../src-contract/index.ts';
import { untilSo } from '../../support/fault-world.ts';
import { OPERATOR, type OpsWorld, startOpsWorld } from '../../support/ops-world.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';
import { Receiver } from '../../support/ui-webhook-receiver.ts';

const PATIENCE = { timeout: 90_000, interval: 200 };
const stateOf = (alerts: readonly OpsAlert[]) => alerts.map(({ state }) => state.state);
const endOf = (actions: readonly OpsAction[]) => actions.map(({ state }) => state.state).reverse();

describe.runIf(postgresAvailable && redisAvailable)('the ops agent', () => {
  let stage: OpsWorld;
  const healed: { rule: string; fired_after_s: number; over_after_s: number }[] = [];
  beforeAll(async () => {
    stage = await startOpsWorld({
      'events.retry_attempts': 1,
      'resilience.redis.reset_seconds': 3600,
    });
    await stage.round();
  });
  afterAll(async () => {
    for (const { rule, fired_after_s, over_after_s } of healed) {
      console.info(`${rule}: fired ${fired_after_s} s after the first sign, over after ${over_after_s} s`);
    }
    await stage?.stop();
  });

  /** Everybody was told that it fires, and that it is over. */
  async function expectTold(rule_name: string, states: readonly ('firing' | 'resolved')[]) {
    const about = (all: readonly string[]) => all.filter((one) => one.includes(rule_name)).length;
    await expect
      .poll(() => [about(stage.mails), about(stage.slack), about(stage.hooks)], PATIENCE)
      .toEqual([states.length, states.length, states.length]);
  }

  function note(alert: OpsAlert | undefined) {
    if (alert?.ended_at == null || alert.state.state !== 'resolved' || alert.state.since === null) {
      throw new Error(`not over: ${JSON.stringify(alert)}`);
    }
    const since = (at: string) => (Date.parse(at) - Date.parse(alert.started_at)) / 1000;
    healed.push({ rule: alert.rule_id, fired_after_s: since(alert.state.since), over_after_s: since(alert.ended_at) });
  }

  it('tells nothing while everything is well', async () => {
    await stage.round();
    const { items } = await stage.ops.alerts.list(OPERATOR, { limit: 50 });
    expect(items).toEqual([]);
    expect([stage.mails, stage.slack, stage.hooks]).toEqual([[], [], []]);
  });

  it('replays dead letters once their receiver takes them, and tells when there are very many', async () => {
    const receiver = await Receiver.start(() => ({ status: 422, body: 'not now' }));
    try {
      const { services } = stage.world.server.engine;
      await stage.world.server.call('POST', '/api/webhooks', {
        body: JSON.stringify({ name: 'Billing', url: receiver.url, types: ['memory.session.created'] }),
      });
      for (let n = 0; n < 510; n += 1) {
        await stage.world.call('POST', '/api/memory/sessions', { session_id: `s-${n}`, user_id: 'mira' });
      }
      const dead = async () => (await services.delivery.deadLetters.stats(OPERATOR)).dead;
      await expect.poll(dead, PATIENCE).toBe(510);
      await stage.round();
      expect(stateOf(await stage.alerts('dead-letters'))).toEqual(['firing']);
      expect(stateOf(await stage.alerts('dead-letters-many'))).toEqual(['firing']);
      await expectTold('Very many dead letters', ['firing']);

      receiver.answer = () => ({ status: 200, body: 'thanks' });
      await stage.roundsUntil(async () => (await dead()) === 0, 90);
      await stage.roundsUntil(async () => stateOf(await stage.alerts('dead-letters'))[0] === 'resolved', 10);
      expect(endOf(await stage.actions('dead-letters')).at(-1)).toBe('helped');
      await expectTold('Very many dead letters', ['firing', 'resolved']);
      note((await stage.alerts('dead-letters'))[0]);
      note((await stage.alerts('dead-letters-many'))[0]);
    } finally {
      await receiver.stop();
    }
  });

  it('tries a service whose breaker stays open, names why, and uses it again once it answers', async () => {
    const { world } = stage;
    await world.proxies.redis.refuse();
    await untilSo(async () => {
      await world.call('GET', '/api/memory/session/talk');
      return world.breaker('redis').state.state === 'open';
    });
    await stage.roundsUntil(async () => stateOf(await stage.alerts('breaker-open'))[0] === 'firing', 8);
    await stage.round();
    const [alert] = await stage.alerts('breaker-open');
    expect(alert?.cause).toMatch(/Redis/);
    expect(endOf(await stage.actions('breaker-open'))).toEqual(['did_not_help']);
    await expectTold('Circuit breaker open', ['firing']);

    await world.proxies.redis.heal();
    await stage.roundsUntil(async () => world.breaker('redis').state.state === 'closed', 12);
    await stage.roundsUntil(async () => stateOf(await stage.alerts('breaker-open'))[0] === 'resolved', 8);
    expect(endOf(await stage.actions('breaker-open'))).toEqual(['did_not_help', 'helped']);
    await expectTold('Circuit breaker open', ['firing', 'resolved']);
    note((await stage.alerts('breaker-open'))[0]);
  });

  it('restarts a worker that fails again and again, escalates, and says what else would help', async () => {
    const { world } = stage;
    const { database, services } = world.server.engine;
    const rename = (from: string, to: string) =>
      database.transaction((tx) => tx.sql(`ALTER TABLE ${from} RENAME TO ${to}`));
    await rename('archon_idempotency_keys', 'archon_idempotency_keys_gone');
    const crashes = async () => (await services.workers.get(OPERATOR, 'cleanup')).counts.failures;
    const before = await crashes();
    try {
      for (let n = 1; n <= 4; n += 1) {
        await services.workers.restart(OPERATOR, 'cleanup');
        await expect.poll(crashes, PATIENCE).toBeGreaterThanOrEqual(before + n);
      }
      await stage.roundsUntil(async () => stateOf(await stage.alerts('worker-crashes'))[0] === 'firing', 3);
      await stage.roundsUntil(async () => (await stage.alerts('worker-crashes'))[0]?.severity === 'high', 60);
      expect(endOf(await stage.actions('worker-crashes')).slice(0, 2)).toEqual(['did_not_help', 'did_not_help']);
      expect((await stage.alerts('worker-crashes'))[0]?.advice).toContain('more nodes');
    } finally {
      await rename('archon_idempotency_keys_gone', 'archon_idempotency_keys');
    }
    await services.workers.restart(OPERATOR, 'cleanup');
    await stage.roundsUntil(async () => stateOf(await stage.alerts('worker-crashes'))[0] === 'resolved', 90);
    note((await stage.alerts('worker-crashes'))[0]);
  });
});
