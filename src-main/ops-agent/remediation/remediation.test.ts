import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpsAction } from '../../../src-contract/index.ts';
import {
  type HealingOptions,
  type HealingWorld,
  NODE,
  remediation,
  scope,
  startHealing,
} from '../../../tests/support/ops-healing.ts';
import { isoTime } from '../../clock.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { Pauses } from '../agent/pauses.ts';

const RULE = 'worker-crashes';
const hang = () => new Promise<never>(() => {});

let world: HealingWorld;
const begin = (options?: HealingOptions) => {
  world = startHealing(options);
};
afterEach(async () => {
  await world.stop();
});

const actions = async (given: object = {}): Promise<OpsAction[]> =>
  (await world.healing.list(scope, { limit: 100, ...given })).items;
const states = async () => (await actions()).map(({ state }) => state.state);
const texts = (alert_id: string) => world.alerts.get('', alert_id)?.timeline.map(({ text }) => text) ?? [];
async function theOnly(): Promise<OpsAction> {
  const all = await actions();
  expect(all).toHaveLength(1);
  return all[0] as OpsAction;
}

describe('an alert that fires', () => {
  beforeEach(() => begin());

  it('is acted on, verified by its end, and told so in its timeline', async () => {
    const alert = world.alerts.fire(RULE);
    await world.round();
    expect(await theOnly()).toMatchObject({
      remediator: 'worker-restart',
      target: { worker: 'cleanup' },
      origin: { kind: 'rule', rule_id: RULE, alert_id: alert.id },
      state: { state: 'verifying' },
      node: NODE,
      before: [{ label: 'Runs', value: '0' }],
    });
    world.alerts.resolve(alert.id);
    await world.round();
    const action = await theOnly();
    expect(action).toMatchObject({ state: { state: 'helped' }, outcome: 'It was done.', duration_ms: 60_000 });
    expect(action.after).toEqual([{ label: 'Runs', value: '1' }]);
    expect(texts(alert.id)).toEqual([
      'Do something (worker cleanup): attempt 1 has begun.',
      'Do something (worker cleanup): helped. It was done.',
    ]);
    const { timeline } = world.alerts.get('', alert.id) ?? {};
    expect(timeline?.map(({ ref }) => ref)).toEqual([action.id, action.id]);
  });

  it('is tried again after ever longer pauses, then given up once and told of', async () => {
    world.worker.check = async () => ({ verdict: 'did_not_help' });
    const alert = world.alerts.fire(RULE);
    const at: number[] = [];
    for (let minute = 0; minute < 40; minute += 1) {
      const before = world.worker.runs.length;
      await world.round();
      if (world.worker.runs.length > before) at.push(minute);
    }
    expect(at).toEqual([0, 5, 15]);
    expect(world.alerts.usedUp).toEqual([alert.id]);
    expect(await states()).toEqual(['did_not_help', 'did_not_help', 'did_not_help']);
    expect((await actions()).map(({ attempt }) => attempt)).toEqual([3, 2, 1]);
  });

  it('names the root cause that was found', async () => {
    world.worker.work = async () => ({
      cause: 'Redis itself is down.',
      check: async () => ({ verdict: 'did_not_help' }),
    });
    const alert = world.alerts.fire(RULE);
    await world.round();
    expect(world.alerts.get('', alert.id)?.cause).toBe('Redis itself is down.');
    expect((await theOnly()).after[0]).toEqual({ label: 'Root cause', value: 'Redis itself is down.' });
  });

  it('is left alone while a silence holds actions, or it follows from another', async () => {
    const held = world.alerts.fire(RULE);
    world.alerts.held.add(held.id);
    const follows = world.alerts.fire(RULE, { worker: 'retention' });
    world.alerts.change(follows.id, { inhibited_by: held.id });
    await world.round();
    expect(await actions()).toEqual([]);
  });

  it('is left alone while the agent is paused, and acted on afterwards', async () => {
    world.alerts.fire(RULE);
    await world.round({ paused: true });
    expect(await actions()).toEqual([]);
    await world.round();
    expect(await states()).toEqual(['verifying']);
  });

  it('is not acted on when it ends while its precondition is looked at', async () => {
    const alert = world.alerts.fire(RULE);
    vi.spyOn(world.worker, 'look').mockImplementationOnce(async () => {
      world.alerts.resolve(alert.id);
      return { what: '', facts: [], blocked: null };
    });
    await world.round();
    expect(await actions()).toEqual([]);
    expect(world.worker.runs).toEqual([]);
  });

  it('is not acted on when the kill switch is used while its precondition is looked at', async () => {
    world.alerts.fire(RULE);
    const pauses = new Pauses(world.records, world.clock);
    vi.spyOn(world.worker, 'look').mockImplementationOnce(async () => {
      pauses.begin(scope, {});
      return { what: '', facts: [], blocked: null };
    });
    await world.round();
    expect(await actions()).toEqual([]);
    pauses.end(scope);
    await world.round();
    expect(await states()).toEqual(['verifying']);
  });

  it('is said once in a dry run', async () => {
    world.alerts.fire(RULE);
    for (let round = 0; round < 5; round += 1) await world.round({ mode: 'dry_run' });
    expect(await theOnly()).toMatchObject({
      state: { state: 'dry_run' },
      outcome: expect.stringContaining('Not done'),
    });
    expect(world.worker.runs).toEqual([]);
  });

  it('is not acted on while the precondition does not hold, and that is told once', async () => {
    world.worker.blocked = 'Nobody can run it.';
    const alert = world.alerts.fire(RULE);
    for (let round = 0; round < 20; round += 1) await world.round();
    expect(await theOnly()).toMatchObject({ state: { state: 'skipped', reason: 'Nobody can run it.' } });
    expect(world.alerts.usedUp).toEqual([]);
    world.worker.blocked = null;
    for (let round = 0; round < 6; round += 1) await world.round();
    expect(world.worker.runs).toHaveLength(1);
    expect(texts(alert.id)[0]).toContain('was not done: Nobody can run it.');
  });

  it('that does not say what it is to be done to is skipped', async () => {
    world.alerts.fire(RULE, {});
    await world.round();
    expect((await theOnly()).state).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('does not say'),
    });
  });

  it('cannot harm the agent when its remediator throws', async () => {
    world.worker.work = () => Promise.reject(new Error('the disk burns'));
    const alert = world.alerts.fire(RULE);
    await world.round();
    expect(await theOnly()).toMatchObject({ state: { state: 'failed', error: 'the disk burns' } });
    expect(texts(alert.id).at(-1)).toContain('failed: the disk burns');
    await world.round();
    expect(await states()).toEqual(['failed']);
  });

  it('cannot hold up a round when its remediator hangs, nor hang for ever', async () => {
    world.worker.work = hang;
    world.worker.limit_ms = 20;
    world.alerts.fire(RULE);
    await world.round();
    expect(await theOnly()).toMatchObject({
      state: { state: 'failed', error: expect.stringContaining('did not end') },
    });
  });

  it('is done about one at a time on a target', async () => {
    world.rules.set('worker-late', remediation());
    world.alerts.fire(RULE);
    world.alerts.fire('worker-late');
    await world.round();
    await world.round();
    expect(await states()).toEqual(['verifying']);
  });

  it('is acted on no more often than the agent may in an hour', async () => {
    for (let one = 0; one < 10; one += 1) world.alerts.fire(RULE, { worker: `w${one}` });
    for (let round = 0; round < 30; round += 1) await world.round();
    expect(world.worker.runs).toHaveLength(6);
    for (let round = 0; round < 40; round += 1) await world.round();
    expect(world.worker.runs).toHaveLength(12);
    expect(new Set(world.worker.runs.map(({ worker }) => worker)).size).toBe(10);
  });

  it('takes long: it did not help once its time is over, by a clock that only grows', async () => {
    world.alerts.fire(RULE);
    await world.round();
    world.clock.advance({ days: 3 });
    await world.healing.lookAfter();
    expect(await states()).toEqual(['verifying']);
    for (let round = 0; round < 10; round += 1) await world.round();
    expect((await actions()).at(-1)?.state.state).toBe('did_not_help');
  });

  it('is not tried sooner because the clock jumps', async () => {
    world.worker.check = async () => ({ verdict: 'did_not_help' });
    world.alerts.fire(RULE);
    await world.round();
    await world.round();
    world.clock.advance({ days: 1 });
    await world.round();
    expect(world.worker.runs).toHaveLength(1);
    world.clock.advance({ days: -20 });
    for (let round = 0; round < 3; round += 1) await world.round();
    expect(world.worker.runs).toHaveLength(2);
  });
});

describe('actions for all of the agent', () => {
  it('are limited by the setting', async () => {
    begin({ settings: { 'ops.max_actions_per_hour': 2 } });
    for (let one = 0; one < 5; one += 1) world.alerts.fire(RULE, { worker: `w${one}` });
    for (let round = 0; round < 10; round += 1) await world.round();
    expect(world.worker.runs).toHaveLength(2);
  });
});

describe('a process that ends in the midst of an action', () => {
  beforeEach(() => begin());

  it('leaves it interrupted: it counts, and is not repeated before the pause', async () => {
    world.worker.work = hang;
    const alert = world.alerts.fire(RULE);
    await world.healing.heal(roundNow(), []);
    await expect.poll(states).toEqual(['running']);
    world.kill();
    world.worker.work = async () => ({});
    expect(await theOnly()).toMatchObject({ state: { state: 'interrupted' } });
    for (let round = 0; round < 4; round += 1) await world.round();
    expect(world.worker.runs).toHaveLength(1);
    await world.round();
    expect(world.worker.runs).toHaveLength(2);
    expect((await actions())[0]).toMatchObject({ attempt: 2 });
    expect(world.alerts.get('', alert.id)?.timeline.length).toBeGreaterThan(0);
  });

  it('while it was being verified says that it was done', async () => {
    world.alerts.fire(RULE);
    await world.round();
    world.kill();
    expect(await theOnly()).toMatchObject({
      state: { state: 'interrupted' },
      outcome: expect.stringContaining('It was done.'),
    });
  });

  it('in order, notes it as interrupted too', async () => {
    world.worker.work = hang;
    world.alerts.fire(RULE);
    await world.healing.heal(roundNow(), []);
    await expect.poll(states).toEqual(['running']);
    await world.healing.stop();
    expect(await states()).toEqual(['interrupted']);
  });

  it('does not touch what another living process does', async () => {
    const alert = world.alerts.fire(RULE);
    await world.round();
    const action = await theOnly();
    const state = { state: 'running', since: isoTime(world.clock.now()) } as const;
    world.records.put(LOCAL_ORG_ID, 'action', {
      id: action.id,
      at_ms: Date.parse(action.created_at),
      open: true,
      document: { ...action, node: 'other-host:7', state },
    });
    world.kill();
    expect(await states()).toEqual(['running']);
    // Until it took longer than it can.
    for (let round = 0; round < 4; round += 1) await world.round();
    expect(await states()).toEqual(['interrupted']);
    expect(alert.id).toBeDefined();
  });
});

function roundNow() {
  const at_ms = world.clock.now();
  return {
    org_id: LOCAL_ORG_ID,
    at_ms,
    observations: [],
    failed: [],
    elapsed_ms: 60_000,
    mode: 'automatic',
    paused: false,
  } as const;
}

describe('an action that asks', () => {
  beforeEach(async () => {
    begin();
    world.alerts.fire(RULE);
    await world.round({ mode: 'approval' });
  });

  it('waits, and is done when a person approves it', async () => {
    const { id } = await theOnly();
    await world.round({ mode: 'approval' });
    expect(await states()).toEqual(['waiting_approval']);
    expect(await world.healing.approve(scope, id)).toMatchObject({ state: { state: 'running' }, approved_by: 'ada' });
    await world.healing.idle();
    expect(world.worker.runs).toEqual([{ worker: 'cleanup' }]);
    await expect(world.healing.approve(scope, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is looked at afresh when it is approved', async () => {
    const { id } = await theOnly();
    world.worker.blocked = 'Somebody paused it.';
    await world.healing.approve(scope, id);
    await world.healing.idle();
    expect(await theOnly()).toMatchObject({ state: { state: 'skipped', reason: 'Somebody paused it.' } });
    expect(world.worker.runs).toEqual([]);
  });

  it('is rejected for good', async () => {
    const { id } = await theOnly();
    expect(world.healing.reject(scope, { action: id, reason: 'not now' })).toMatchObject({
      state: { state: 'rejected', by: 'ada', reason: 'not now' },
    });
    for (let round = 0; round < 30; round += 1) await world.round({ mode: 'approval' });
    expect(await states()).toEqual(['rejected']);
    expect(world.alerts.usedUp).toEqual([]);
  });

  it('expires, is asked again after a pause, and is given up when nobody ever answers', async () => {
    for (let round = 0; round < 60; round += 1) await world.round({ mode: 'approval' });
    expect(await states()).toEqual(['expired']);
    const { id } = await theOnly();
    await expect(world.healing.approve(scope, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    for (let round = 0; round < 200; round += 1) await world.round({ mode: 'approval' });
    expect(await states()).toEqual(['expired', 'expired', 'expired']);
    expect(world.alerts.usedUp).toHaveLength(1);
  });

  it('is not needed any more once the alert is over', async () => {
    const [alert] = world.alerts.active();
    world.alerts.resolve(alert?.id ?? '');
    await world.round({ mode: 'approval' });
    expect(await theOnly()).toMatchObject({ state: { state: 'skipped', reason: 'The alert is over.' } });
  });

  it('is not done any more when it is approved once the alert is over', async () => {
    const { id } = await theOnly();
    const [alert] = world.alerts.active();
    world.alerts.resolve(alert?.id ?? '');
    expect(await world.healing.approve(scope, id)).toMatchObject({
      state: { state: 'skipped', reason: 'The alert is over.' },
    });
    await world.healing.idle();
    expect(world.worker.runs).toEqual([]);
  });

  it('may be approved while the agent is paused', async () => {
    const { id } = await theOnly();
    await world.round({ mode: 'approval', paused: true });
    await world.healing.approve(scope, id);
    await world.healing.idle();
    expect(world.worker.runs).toHaveLength(1);
  });
});

describe('a process that does not lead', () => {
  beforeEach(() => begin({ leads: false }));

  const waiting = async (): Promise<OpsAction> => {
    await world.healing.run(scope, { remediator: 'worker-restart', target: { worker: 'x' } });
    await world.healing.idle();
    const [made] = await actions();
    const state = { state: 'waiting_approval', expires_at: isoTime(world.clock.now() + 60_000) } as const;
    const action = {
      ...(made as OpsAction),
      id: '0199d3a0-0000-7000-8000-000000000001',
      target: { worker: 'y' },
      state,
    };
    const at_ms = Date.parse(action.created_at);
    world.records.put(LOCAL_ORG_ID, 'action', { id: action.id, at_ms, open: true, document: action });
    return action;
  };

  it('notes what a person decided, shows it, and leaves it to the one that leads', async () => {
    const { id } = await waiting();
    expect(await world.healing.approve(scope, id)).toMatchObject({
      state: { state: 'waiting_approval' },
      approved_by: 'ada',
    });
    await world.healing.idle();
    expect(world.worker.runs).toHaveLength(1);
    expect(world.records.get(LOCAL_ORG_ID, 'decision', id)).toMatchObject({ approved: true, by: 'ada' });
    expect(() => world.healing.reject(scope, { action: id })).toThrow('has decided about it already');
  });

  it('shows what a person rejected as rejected', async () => {
    const { id } = await waiting();
    expect(world.healing.reject(scope, { action: id })).toMatchObject({ state: { state: 'rejected', by: 'ada' } });
    const rejected = await actions({ states: ['rejected'] });
    expect(rejected.map((action) => action.id)).toEqual([id]);
  });

  it('does nothing that an agent told it by itself while that is paused', async () => {
    const action = await waiting();
    const pauses = new Pauses(world.records, world.clock);
    pauses.begin(scope, {});
    const told = {
      ...action,
      origin: { kind: 'rule', rule_id: RULE, rule_name: RULE, alert_id: action.id },
      target: { worker: 'z', node: NODE },
      state: { state: 'assigned', at: action.created_at },
    } as const;
    world.records.put(LOCAL_ORG_ID, 'action', { id: told.id, at_ms: 1, open: true, document: told });
    await world.healing.assist(LOCAL_ORG_ID);
    await world.healing.idle();
    expect(world.worker.runs).toEqual([{ worker: 'x' }]);
    pauses.end(scope);
    await world.healing.assist(LOCAL_ORG_ID);
    await world.healing.idle();
    expect(world.worker.runs.at(-1)).toEqual({ worker: 'z', node: NODE });
  });

  it('does what it is told to', async () => {
    const action = await waiting();
    const told = {
      ...action,
      target: { worker: 'z', node: NODE },
      state: { state: 'assigned', at: action.created_at },
    } as const;
    world.records.put(LOCAL_ORG_ID, 'action', { id: told.id, at_ms: 1, open: true, document: told });
    await world.healing.assist(LOCAL_ORG_ID);
    await world.healing.idle();
    expect(world.worker.runs.at(-1)).toEqual({ worker: 'z', node: NODE });
  });
});

describe('what only another process can do', () => {
  beforeEach(() => {
    begin();
    world.breaker.done_by = 'process';
    world.rules.set('breaker-open', remediation({ remediator: 'circuit-breaker-reset' }));
  });

  it('is assigned to it, and skipped when it does not begin', async () => {
    const alert = world.alerts.fire('breaker-open', { breaker: 'redis', node: 'other-host:7' });
    await world.round();
    expect(await theOnly()).toMatchObject({ state: { state: 'assigned' }, target: { node: 'other-host:7' } });
    expect(world.breaker.runs).toEqual([]);
    await world.round();
    await world.round();
    expect((await theOnly()).state).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('other-host:7'),
    });
    expect(texts(alert.id)[0]).toContain('other-host:7 is told to do it.');
  });

  it('is given to a process that is heard of, where this one cannot do it though others can', async () => {
    world.worker.can_here = false;
    world.alerts.fire(RULE);
    await world.round();
    expect(world.worker.runs).toEqual([{ worker: 'cleanup' }]);
    const at_ms = world.clock.now() + 60_000;
    const document = { node: 'other-host:7', at_ms, observations: [], failed: [] };
    world.records.put(LOCAL_ORG_ID, 'node', { id: 'other-host:7', at_ms, open: false, document });
    world.alerts.fire(RULE, { worker: 'retention' });
    await world.round();
    expect((await actions())[0]).toMatchObject({
      state: { state: 'assigned' },
      target: { worker: 'retention', node: 'other-host:7' },
    });
  });

  it('is given to another process the next time, where one of them could not do it', async () => {
    world.worker.can_here = false;
    world.alerts.fire(RULE);
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      for (const node of ['agent:8', 'other-host:7']) {
        const at_ms = world.clock.now() + 60_000;
        const document = { node, at_ms, observations: [], failed: [] };
        world.records.put(LOCAL_ORG_ID, 'node', { id: node, at_ms, open: false, document });
      }
      await world.round();
      for (const { target } of await actions({ states: ['assigned'] })) seen.add(target.node ?? '');
    }
    expect([...seen].sort()).toEqual(['agent:8', 'other-host:7']);
  });

  it('is refused to a person where nothing was heard of that process', async () => {
    const target = { breaker: 'redis', node: 'gone:1' };
    await expect(world.healing.run(scope, { remediator: 'circuit-breaker-reset', target })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'Nothing was heard of a process gone:1.',
    });
  });

  it('is offered to persons for processes that are heard of', async () => {
    const at_ms = world.clock.now();
    const observations = [
      {
        signal: 'breaker_open_seconds' as const,
        labels: { breaker: 'redis', node: 'other-host:7' },
        value: 400,
        detail: null,
      },
    ];
    const document = { node: 'other-host:7', at_ms, observations, failed: [] };
    world.records.put(LOCAL_ORG_ID, 'node', { id: 'other-host:7', at_ms, open: true, document });
    const { items } = await world.healing.remediators(scope);
    const { targets } = items.find(({ name }) => name === 'circuit-breaker-reset') ?? { targets: [] };
    const target = { breaker: 'redis', node: 'other-host:7' };
    expect(targets).toContainEqual(expect.objectContaining({ target, blocked: null }));
    const action = await world.healing.run(scope, { remediator: 'circuit-breaker-reset', target });
    expect(action.state.state).toBe('assigned');
    await expect(world.healing.run(scope, { remediator: 'circuit-breaker-reset', target })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('by hand', () => {
  beforeEach(() => begin());
  const input = { remediator: 'worker-restart', target: { worker: 'cleanup' }, reason: 'it is stuck' } as const;

  it('it is done at once, whatever the mode', async () => {
    world.worker.check = async () => ({ verdict: 'helped', outcome: 'Its run succeeded.' });
    await world.round({ paused: true, mode: 'dry_run' });
    expect(await world.healing.run(scope, input)).toMatchObject({
      state: { state: 'running' },
      origin: { kind: 'person', by: 'ada', reason: 'it is stuck' },
    });
    await world.healing.idle();
    expect(await theOnly()).toMatchObject({ state: { state: 'helped' }, outcome: 'Its run succeeded.' });
    expect(world.alerts.usedUp).toEqual([]);
  });

  it('it is refused with the reason when it cannot be', async () => {
    world.worker.blocked = 'Bo paused it.';
    await expect(world.healing.run(scope, input)).rejects.toMatchObject({ code: 'CONFLICT', message: 'Bo paused it.' });
    expect(await world.healing.preview(scope, input)).toMatchObject({ blocked: 'Bo paused it.', risk: 'low' });
    expect(await actions()).toEqual([]);
  });

  it('it is refused while it is being done', async () => {
    world.worker.work = hang;
    await world.healing.run(scope, input);
    await expect(world.healing.run(scope, input)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await world.healing.preview(scope, input)).toMatchObject({ blocked: expect.stringContaining('already') });
    const { items } = await world.healing.remediators(scope);
    const { targets } = items.find(({ name }) => name === 'worker-restart') ?? { targets: [] };
    expect(targets[0]?.blocked).toContain('already');
  });

  it('it must say what it is to be done to', async () => {
    await expect(world.healing.run(scope, { remediator: 'worker-restart', target: {} })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('its log can be read page by page, and filtered', async () => {
    for (let one = 0; one < 5; one += 1) {
      await world.healing.run(scope, { remediator: 'worker-restart', target: { worker: `w${one}` } });
      world.clock.advance({ ms: 1 });
    }
    await world.healing.idle();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.healing.list(scope, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ target }) => target.worker ?? ''));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['w4', 'w3', 'w2', 'w1', 'w0']);
    expect(await actions({ remediator: 'cache-clear' })).toEqual([]);
    expect(await actions({ origin: 'person', states: ['verifying'] })).toHaveLength(5);
    await expect(world.healing.list(scope, { limit: 2, cursor: 'x' })).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
    expect(() => world.healing.get(scope, '0199d3a0-0000-7000-8000-000000000009')).toThrow('There is no action');
  });
});
