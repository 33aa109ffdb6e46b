import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { SecretBox } from '../../secrets/secret-box.ts';
import { defaultConfig } from '../../settings/config-schema.ts';
import { LiveSettings } from '../../settings/live-settings.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import type { AlertChange, Observed, Round } from '../parts.ts';
import { OpsRecords } from '../records/ops-records.ts';
import { RoundLog } from '../records/round-log.ts';
import { type Leadership, SoleLeader } from './leadership.ts';
import { type AgentDeps, OpsAgent } from './ops-agent.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };
const logger = pino({ level: 'silent' });
const NODE = 'here:1';
const observation = { signal: 'disk_percent' as const, labels: { node: NODE }, value: 91, detail: null };

let folder: string;
let store: HistoryStore;
let agents: OpsAgent[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-agent-'));
  store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  agents = [];
});
afterEach(async () => {
  for (const agent of agents) await agent.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

/** An agent with parts that do as they are told, and a time that is moved by hand. */
function agentOf(given: Partial<AgentDeps> = {}) {
  const clock = new TestClock('2026-11-30T12:00:00.000Z');
  const time = { monotonic: 1000 };
  const settings = new LiveSettings({ ...defaultConfig(folder), 'ops.interval_seconds': 60 });
  const records = new OpsRecords(store.db, { shared: false, clock });
  const rounds = new RoundLog(store.db);
  const seen: { rounds: Round[]; healed: { round: Round; changes: readonly AlertChange[] }[]; dispatched: Round[] } = {
    rounds: [],
    healed: [],
    dispatched: [],
  };
  const agent = new OpsAgent({
    records,
    rounds,
    settings,
    clock,
    logger,
    secrets: new SecretBox({ data_dir: folder, passphrase: null }),
    node: NODE,
    observer: {
      observe: async (): Promise<Observed> => ({ at_ms: clock.now(), observations: [observation], failed: [] }),
      monitors: () => [],
    },
    judge: {
      judge: (round) => {
        seen.rounds.push(round);
        return [];
      },
      active: () => [],
    },
    healer: {
      heal: async (round, changes) => void seen.healed.push({ round, changes }),
      start: () => {},
      stop: async () => {},
    },
    dispatcher: {
      dispatch: (round) => void seen.dispatched.push(round),
      sendReport: () => [],
      start: () => {},
      stop: async () => {},
    },
    reporter: { round: async () => {} },
    organisations: () => [LOCAL_ORG_ID],
    leadership: new SoleLeader(NODE),
    sharing: undefined,
    unavailable: null,
    always: false,
    monotonic_ms: () => time.monotonic,
    gap_ms: 0,
    ...given,
  });
  agents.push(agent);
  const pass = (ms: number, clock_ms = ms) => {
    time.monotonic += ms;
    clock.advance({ ms: clock_ms });
  };
  return { agent, clock, settings, records, rounds, seen, pass };
}

/** Started, with its first round over. */
async function running(given: Partial<AgentDeps> = {}) {
  const made = agentOf(given);
  made.agent.start();
  await expect.poll(() => made.agent.status(scope).last_round).not.toBeNull();
  await expect.poll(() => made.agent.status(scope).agent.state).toBe('waiting');
  return made;
}

describe('the ops agent', () => {
  it('looks, judges, heals and tells, and says so', async () => {
    const { agent, seen, rounds, clock } = await running();
    expect(seen.rounds).toHaveLength(1);
    expect(seen.healed).toHaveLength(1);
    expect(seen.dispatched).toHaveLength(1);
    const logged = rounds.read(LOCAL_ORG_ID, { from_ms: 0, to_ms: clock.now(), limit: 9 });
    expect(logged).toMatchObject([{ covered_ms: 0, observations: [{ signal: 'disk_percent', value: 91 }] }]);
    expect(agent.status(scope)).toMatchObject({
      agent: { state: 'waiting', next_round_at: '2026-11-30T12:01:00.000Z' },
      mode: 'automatic',
      paused: null,
      last_round: { trigger: 'interval', observations: 1, error: null },
      nodes: [{ node: NODE, leads: true }],
      storage: { shared: false, unsaved: 0, away_since: null },
    });
    expect(agent.signals(scope).items).toEqual([observation]);
  });

  it('counts the time a round stands for by a clock that only grows, and no more than two intervals of it', async () => {
    const { agent, seen, pass } = await running();
    pass(60_000);
    await agent.run(scope);
    // The clock of the computer goes back by a day, then it sleeps for an hour.
    pass(60_000, -86_400_000);
    await agent.run(scope);
    pass(3_600_000);
    await agent.run(scope);
    expect(seen.rounds.map(({ elapsed_ms }) => elapsed_ms)).toEqual([0, 60_000, 60_000, 120_000]);
  });

  it('lives on when its judge throws: what was begun is looked after, and nothing new is begun', async () => {
    const { agent, seen } = await running({
      judge: {
        judge: () => {
          throw new Error('a rule is broken');
        },
        active: () => [],
      },
    });
    expect(seen.healed).toMatchObject([{ round: { paused: true }, changes: [] }]);
    expect(seen.dispatched).toMatchObject([{ paused: false }]);
    expect(agent.status(scope).last_round?.error).toBe('Rules could not be judged: a rule is broken.');
  });

  it('lives on when its monitors, its healer, its dispatcher and its reporter throw', async () => {
    const fail = async (): Promise<never> => {
      throw new Error('out of order');
    };
    const { agent, seen } = await running({
      observer: { observe: fail, monitors: () => [] },
      healer: { heal: fail, start: () => {}, stop: async () => {} },
      dispatcher: {
        dispatch: () => {
          throw new Error('out of order');
        },
        sendReport: () => [],
        start: () => {},
        stop: async () => {},
      },
      reporter: { round: fail },
    });
    expect(seen.rounds).toMatchObject([
      { observations: [], failed: ['health', 'metrics', 'dlq', 'worker', 'resources'] },
    ]);
    const { error } = (await agent.run(scope)).last_round ?? {};
    for (const part of ['The monitors', 'Healing', 'People', 'The report']) expect(error).toContain(part);
  });

  it('goes on without a part that does not end, and does not begin it beside itself', async () => {
    let begun = 0;
    const { agent, seen, pass } = await running({
      healer: {
        heal: () => {
          begun++;
          return new Promise(() => {});
        },
        start: () => {},
        stop: async () => {},
      },
      limits: { heal: 5 },
    });
    expect(agent.status(scope).last_round?.error).toBe('Healing took too long; the round went on without.');
    const after = await agent.run(scope);
    expect(after.last_round?.error).toBe('Healing of an earlier round is not over yet.');
    expect([begun, seen.dispatched.length]).toEqual([1, 2]);
    // What it waits for never comes: healing is not off for good.
    pass(60_000);
    await agent.run(scope);
    expect(begun).toBe(2);
  });

  it('says what it is at', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const made = agentOf({
      healer: { heal: () => promise, start: () => {}, stop: async () => {} },
    });
    made.agent.start();
    await expect.poll(() => made.agent.status(scope).agent).toMatchObject({ state: 'working', doing: 'healing' });
    resolve();
    await expect.poll(() => made.agent.status(scope).agent.state).toBe('waiting');
  });

  it('is off where it is switched off, and comes back when it is switched on', async () => {
    const { agent, settings, seen } = await running();
    settings.setDevice({ ...settings.device, 'ops.enabled': false });
    expect(agent.status(scope).agent).toMatchObject({ state: 'off', reason: expect.stringContaining('ops.enabled') });
    await expect(agent.run(scope)).rejects.toMatchObject({ code: 'CONFLICT' });
    agent.ring(LOCAL_ORG_ID);
    settings.setDevice({ ...settings.device, 'ops.enabled': true });
    await expect.poll(() => seen.rounds.length).toBe(2);
    expect((await agent.run(scope)).agent.state).toBe('waiting');
  });

  it('is on where it is what the process is for', async () => {
    const made = agentOf({ always: true });
    made.settings.setDevice({ ...made.settings.device, 'ops.enabled': false });
    made.agent.start();
    expect((await made.agent.run(scope)).last_round).not.toBeNull();
  });

  it('says why it cannot run at all', async () => {
    const { agent, seen } = agentOf({ unavailable: 'This connection is for reading only.' });
    agent.start();
    expect(agent.status(scope).agent).toEqual({ state: 'off', reason: 'This connection is for reading only.' });
    await expect(agent.run(scope)).rejects.toThrow('reading only');
    expect(seen.rounds).toEqual([]);
  });

  it('does nothing by itself while it is paused, until that is over by itself', async () => {
    const { agent, seen, pass, clock } = await running();
    const until = new Date(clock.now() + 600_000).toISOString();
    expect(agent.pause(scope, { reason: 'a move', until }).paused).toMatchObject({
      by: 'ada',
      reason: 'a move',
      until,
    });
    await agent.run(scope);
    expect(seen.healed.at(-1)?.round.paused).toBe(true);
    pass(600_000);
    await agent.run(scope);
    expect(seen.healed.at(-1)?.round.paused).toBe(false);
    expect(agent.status(scope).paused).toBeNull();
  });

  it('stays paused when it starts again, and goes on when somebody resumes it', async () => {
    const first = await running();
    first.agent.pause(scope, {});
    await first.agent.stop();
    const { agent, seen } = await running();
    expect(seen.healed[0]?.round.paused).toBe(true);
    expect(agent.resume(scope).paused).toBeNull();
    // Nobody has to wait for its next round.
    await expect.poll(() => seen.healed.at(-1)?.round.paused).toBe(false);
  });

  it('refuses a pause that would be over already', async () => {
    const { agent } = await running();
    expect(() => agent.pause(scope, { until: '2026-11-30T11:00:00Z' })).toThrow('in the future');
  });

  it('follows another interval and another mode at once', async () => {
    const { agent, settings, seen } = await running();
    settings.setDevice({ ...settings.device, 'ops.interval_seconds': 5, 'ops.mode': 'dry_run' });
    expect(agent.status(scope)).toMatchObject({
      interval_seconds: 5,
      mode: 'dry_run',
      agent: { next_round_at: '2026-11-30T12:00:05.000Z' },
    });
    await agent.run(scope);
    expect(seen.rounds.at(-1)?.mode).toBe('dry_run');
  });

  it('only observes while another node acts, and does what that one assigns', async () => {
    const leadership: Leadership = {
      leads: () => false,
      leader: () => 'there:2',
      contact: async () => {},
      onChange: () => {},
      start: () => {},
      stop: async () => {},
    };
    let assisted = 0;
    const made = agentOf({
      leadership,
      healer: {
        heal: () => Promise.reject(new Error('not here')),
        assist: async () => void assisted++,
        start: () => {},
        stop: async () => {},
      },
    });
    made.agent.start();
    const status = await made.agent.run(scope);
    expect(status.agent).toEqual({ state: 'following', leader: 'there:2' });
    expect(status.last_round).toMatchObject({ error: null, observations: 1 });
    expect([made.seen.rounds.length, made.seen.dispatched.length, assisted > 0]).toEqual([0, 0, true]);
  });

  it('removes what it has kept for long enough, and nothing that is not over', async () => {
    const { records, clock } = agentOf();
    const delivery = (id: string, days: number, open: boolean) => {
      const at_ms = clock.now() - days * 86_400_000;
      const document = { id, state: { state: 'sent' } } as never;
      records.put(LOCAL_ORG_ID, 'delivery', { id, at_ms, open, document });
    };
    delivery('old', 31, false);
    delivery('old and open', 31, true);
    delivery('new', 29, false);
    await running();
    const kept = records.list(LOCAL_ORG_ID, 'delivery', { limit: 9 }).map(({ id }) => id);
    expect(kept).toEqual(['new', 'old and open']);
  });

  it('keeps what it has while the clock of the computer is years ahead', async () => {
    const { agent, records, rounds, pass, clock } = await running();
    const document = { id: 'told', state: { state: 'sent' } } as never;
    records.put(LOCAL_ORG_ID, 'delivery', { id: 'told', at_ms: clock.now(), open: false, document });
    const logged = () => rounds.read(LOCAL_ORG_ID, { from_ms: 0, to_ms: Number.MAX_SAFE_INTEGER, limit: 9 }).length;
    pass(7_200_000, 10 * 365 * 86_400_000);
    await agent.run(scope);
    expect([records.get(LOCAL_ORG_ID, 'delivery', 'told') !== undefined, logged()]).toEqual([true, 2]);
    // It is so: a computer that says it for a day is believed.
    pass(86_400_000);
    await agent.run(scope);
    expect([records.get(LOCAL_ORG_ID, 'delivery', 'told'), logged()]).toEqual([undefined, 2]);
  });

  it('does not act in a round before which it lost its lease, unheard', async () => {
    let leads = true;
    let isLost = false;
    const leadership: Leadership = {
      leads: () => leads,
      leader: () => (leads ? NODE : 'there:2'),
      contact: async () => {
        leads = !isLost;
      },
      onChange: () => {},
      start: () => {},
      stop: async () => {},
    };
    const { agent, seen } = await running({ leadership });
    expect(seen.rounds).toHaveLength(1);
    // As while this process stood still.
    isLost = true;
    const { agent: state } = await agent.run(scope);
    expect([state.state, seen.rounds.length, seen.dispatched.length]).toEqual(['following', 1, 1]);
  });

  it('forgets nodes that ended, and remembers for long what persons removed', async () => {
    const shared = new OpsRecords(store.db, { shared: true, clock: new TestClock('2026-11-28T11:00:00.000Z') });
    for (const kind of ['node', 'rule'] as const) {
      shared.put(LOCAL_ORG_ID, kind, { id: kind, at_ms: 1, open: false, document: {} as never });
      shared.remove(LOCAL_ORG_ID, kind, kind);
    }
    shared.saved(LOCAL_ORG_ID, shared.unsaved(LOCAL_ORG_ID, 9));
    await running();
    expect(store.db.prepare('SELECT id FROM ops_records WHERE removed = 1').pluck().all()).toEqual(['rule']);
  });
});
