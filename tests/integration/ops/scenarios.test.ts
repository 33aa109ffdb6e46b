/** The rules of the roadmap from end to end: a fault of a real service, found, healed or escalated, told of, and over. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventType, OpsAction, OpsAlert, OpsLabels } from '../../../src-contract/index.ts';
import { untilSo } from '../../support/fault-world.ts';
import { OPERATOR, type OpsWorld, startOpsWorld } from '../../support/ops-world.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { Receiver } from '../../support/ui-webhook-receiver.ts';
import { OTHER_ORG_ID } from '../server/support/test-server.ts';

// Lower limits than come with Archon, so that less has to go wrong: what is told apart is the same.
const LIMITS = {
  'alerts.dead_letters_above': 10,
  'alerts.dead_letters_critical_above': 50,
  'alerts.latency_p95_ms': 200,
};
const LETTERS = 60;
const DISK_MB = 64;
const disk = postgresAvailable && redisAvailable ? mountSmallDisk(DISK_MB) : undefined;
if (disk === undefined) console.warn('skipped: a disk that is nearly full (run it as root on Linux)');

const REDIS = { breaker: 'redis' };
const PATIENCE = { timeout: 90_000, interval: 200 };
const stateOf = (alerts: readonly OpsAlert[]) => alerts.map(({ state }) => state.state);
const endOf = (actions: readonly OpsAction[]) => actions.map(({ state }) => state.state).reverse();

describe.runIf(postgresAvailable && redisAvailable)('the ops agent', () => {
  let stage: OpsWorld;
  let receiver: Receiver | undefined;
  const healed: { rule: string; fired_after_s: number; over_after_s: number }[] = [];
  beforeAll(async () => {
    stage = await startOpsWorld({
      ...LIMITS,
      'events.retry_attempts': 1,
      'resilience.redis.reset_seconds': 3600,
      ...(disk ? { data_dir: disk.path } : {}),
    });
    const { workers } = stage.world.server.engine.services;
    for (const org_id of [OPERATOR.org_id, OTHER_ORG_ID]) {
      await untilSo(async () => (await workers.health({ ...OPERATOR, org_id })).nodes.live > 0);
    }
    await stage.round();
  });
  afterAll(async () => {
    for (const { rule, fired_after_s, over_after_s } of healed) {
      console.info(`${rule}: fired ${fired_after_s} s after the first sign, over after ${over_after_s} s`);
    }
    await stage?.stop();
    await receiver?.stop();
    disk?.remove();
  });

  const WAYS = ['email', 'slack', 'webhook'];
  /** Everybody was told, once of each. */
  async function expectTold(about: readonly ('firing' | 'resolved')[], rule: string, labels?: OpsLabels) {
    const find = async () => (await stage.alerts(rule, labels))[0];
    const wanted = WAYS.flatMap((way) => about.map((one) => `${way} ${one}`));
    // What is told of together is told of again only after a pause.
    for (let n = 0; n < 10 && (await stage.told(await find())).length < wanted.length; n += 1) await stage.round();
    await expect.poll(async () => stage.told(await find()), PATIENCE).toEqual(wanted);
    const { rule_name = rule, id } = (await find()) ?? {};
    for (const received of [stage.mails, stage.slack, stage.hooks]) {
      expect(received.some((one) => one.includes(rule_name))).toBe(true);
      expect(received.some((one) => one.includes(`https://archon.example.org/ops-agent/alerts?alert=${id}`))).toBe(
        true,
      );
    }
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
    const billing = await Receiver.start(() => ({ status: 422, body: 'not now' }));
    receiver = billing;
    const { services } = stage.world.server.engine;
    const types: EventType[] = ['memory.session.created'];
    await services.delivery.webhooks.create(OPERATOR, {
      name: 'Billing',
      url: billing.url,
      types,
      enabled: true,
    });
    for (let n = 0; n < LETTERS; n += 1) {
      await stage.world.call('POST', '/api/memory/sessions', { session_id: `s-${n}`, user_id: 'mira' });
    }
    const letters = async () => {
      const { dead, replaying, resolved } = await services.delivery.deadLetters.stats(OPERATOR);
      return { dead, replaying, resolved };
    };
    await expect.poll(letters, PATIENCE).toEqual({ dead: LETTERS, replaying: 0, resolved: 0 });
    await stage.round();
    expect(stateOf(await stage.alerts('dead-letters'))).toEqual(['firing']);
    expect(stateOf(await stage.alerts('dead-letters-many'))).toEqual(['firing']);
    await expectTold(['firing'], 'dead-letters-many');

    // They are refused again, and those that are left are taken back.
    await expect.poll(() => billing.received.length, PATIENCE).toBeGreaterThan(LETTERS);
    await expect.poll(letters, PATIENCE).toEqual({ dead: LETTERS, replaying: 0, resolved: 0 });
    const ends = async () => endOf(await stage.actions('dead-letters'));
    await stage.roundsUntil(async () => (await ends())[0] === 'did_not_help', 10);

    billing.answer = () => ({ status: 200, body: 'thanks' });
    await stage.roundsUntil(async () => (await ends())[1] === 'verifying', 10);
    await expect.poll(letters, PATIENCE).toEqual({ dead: 0, replaying: 0, resolved: LETTERS });
    await stage.roundsUntil(async () => stateOf(await stage.alerts('dead-letters'))[0] === 'resolved', 10);
    await stage.roundsUntil(async () => (await ends())[1] !== 'verifying', 5);
    expect(await ends()).toEqual(['did_not_help', 'helped']);
    await expectTold(['firing', 'resolved'], 'dead-letters-many');
    note((await stage.alerts('dead-letters'))[0]);
    note((await stage.alerts('dead-letters-many'))[0]);
  });

  it('tries a service whose breaker stays open, names why, and uses it again once it answers', async () => {
    const { world } = stage;
    await world.proxies.redis.refuse();
    await untilSo(async () => {
      await world.call('GET', '/api/memory/session/talk');
      return world.breaker('redis').state.state === 'open';
    });
    await stage.roundsUntil(async () => stateOf(await stage.alerts('breaker-open', REDIS))[0] === 'firing', 8);
    await stage.round();
    const [alert] = await stage.alerts('breaker-open', REDIS);
    expect(alert?.cause).toMatch(/Redis/);
    expect(endOf((await stage.actions('breaker-open')).filter(({ target }) => target.breaker === 'redis'))).toEqual([
      'did_not_help',
    ]);
    await expectTold(['firing'], 'breaker-open', REDIS);

    await world.proxies.redis.heal();
    // Whoever asks it first sees that it answers: a health check, or the agent once its cool-down is over.
    await stage.roundsUntil(async () => world.breaker('redis').state.state === 'closed', 12);
    await stage.roundsUntil(async () => stateOf(await stage.alerts('breaker-open', REDIS))[0] === 'resolved', 8);
    await expectTold(['firing', 'resolved'], 'breaker-open', REDIS);
    note((await stage.alerts('breaker-open', REDIS))[0]);
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

  it('empties caches when answers are slow, and looks for what an index would mend', async () => {
    const { world, ops } = stage;
    // There is something to forget.
    await world.call('POST', '/api/memory/context', { user_id: 'mira', query: 'apples' });
    world.proxies.postgres.delay_ms = 110;
    try {
      for (let n = 0; stateOf(await stage.alerts('api-slow'))[0] !== 'firing'; n += 1) {
        if (n > 8) throw new Error('slow answers are not noticed');
        await Promise.all(Array.from({ length: 12 }, () => world.call('GET', '/api/memory/working?user_id=mira')));
        await stage.measuredRound();
      }
      expect((await stage.alerts('api-slow'))[0]?.value).toBeGreaterThan(LIMITS['alerts.latency_p95_ms']);
    } finally {
      world.proxies.postgres.delay_ms = 0;
    }
    await stage.roundsUntil(async () => stateOf(await stage.alerts('api-slow'))[0] === 'resolved', 15);
    expect(endOf(await stage.actions('api-slow'))).toContain('helped');
    await expectTold(['firing', 'resolved'], 'api-slow');
    expect((await ops.actions.recommendations(OPERATOR)).looked_at).not.toBeNull();
    note((await stage.alerts('api-slow'))[0]);
  });

  it.runIf(disk)('makes room on a disk that is nearly full, and calls for more where nothing can go', async () => {
    if (disk === undefined) throw new Error('no disk');
    const leave = (name: string) => writeFileSync(join(disk.path, name), Buffer.alloc(DISK_MB * 0.85 * 1024 ** 2, 1));
    // Of a process that is there no more, and of somebody else.
    leave('restoring-4194303');
    await stage.roundsUntil(async () => stateOf(await stage.alerts('disk-full'))[0] === 'firing', 6);
    await stage.roundsUntil(async () => stateOf(await stage.alerts('disk-full'))[0] === 'resolved', 15);
    expect(endOf(await stage.actions('disk-full'))).toEqual(['helped']);
    expect(existsSync(join(disk.path, 'restoring-4194303'))).toBe(false);
    await expectTold(['firing', 'resolved'], 'disk-full');
    note((await stage.alerts('disk-full'))[0]);

    leave('films');
    await stage.roundsUntil(async () => stateOf(await stage.alerts('disk-full'))[0] === 'firing', 6);
    await stage.roundsUntil(async () => (await stage.alerts('disk-full'))[0]?.severity === 'critical', 90);
    const since = (await stage.alerts('disk-full'))[0]?.id;
    const tried = (await stage.actions('disk-full')).filter(
      ({ origin }) => origin.kind === 'rule' && origin.alert_id === since,
    );
    expect(endOf(tried)).toEqual(['did_not_help', 'did_not_help', 'did_not_help']);
    rmSync(join(disk.path, 'films'));
    await stage.roundsUntil(async () => stateOf(await stage.alerts('disk-full'))[0] === 'resolved', 6);
  });

  it('tells of all of it in the report of the day', async () => {
    const { data } = await stage.ops.reports.create(OPERATOR);
    const rules = new Set(data.alerts.map(({ rule_name }) => rule_name));
    for (const name of ['Dead letters', 'Circuit breaker open', 'Worker crashes', 'Slow answers']) {
      expect(rules).toContain(name);
    }
    expect(data.actions.length).toBeGreaterThan(4);
    const sessions = data.components.find(({ component }) => component === 'sessions');
    expect(sessions?.outages).toBe(1);
    expect(sessions?.mttr_seconds).toBeGreaterThan(300);
  });
});
