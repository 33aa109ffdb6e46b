import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsAlertDetail, OpsObservation } from '../../../src-contract/index.ts';
import { ada, as, draftOf, JudgingNode, MINUTE_MS, ORG, sees } from '../../../tests/support/ops-judging.ts';
import { DEFAULT_RULES } from '../rules/default-rules.ts';

const lag = (seconds: number) => sees('worker_overdue_seconds', seconds, { worker: 'cleanup' });
const breakerOpen = (seconds: number, detail: string | null = null) =>
  sees('breaker_open_seconds', seconds, { breaker: 'redis', node: 'a' }, detail);
const database = (level: number) => sees('component_status', level, { component: 'database', node: 'a' });

describe('alerts', () => {
  let node: JudgingNode;
  beforeEach(() => {
    node = new JudgingNode();
  });
  afterEach(() => node.close());

  const only = (): OpsAlertDetail => {
    const [alert, ...others] = node.alerts.active(ORG);
    if (!alert || others.length > 0) throw new Error(`${others.length + (alert ? 1 : 0)} alerts`);
    return alert;
  };
  const kinds = (alert: OpsAlertDetail) => alert.timeline.map(({ kind }) => kind);

  it('say what is wrong, by how much, and why', () => {
    const [fired] = node.round([breakerOpen(370, 'connect ECONNREFUSED')]);
    expect(fired).toMatchObject({
      what: 'fired',
      alert: {
        rule_id: 'breaker-open',
        severity: 'critical',
        summary: 'Circuit breaker of redis is open for 6 min (limit 5 min)',
        cause: 'connect ECONNREFUSED',
        labels: { breaker: 'redis', node: 'a' },
        value: 370,
        worst: 370,
        limit: 300,
        state: { state: 'firing' },
      },
    });
    node.round([breakerOpen(430)]);
    expect(only()).toMatchObject({ value: 430, worst: 430, summary: expect.stringContaining('7 min') });
    node.alerts.setCause(ORG, only().id, 'Redis is out of memory');
    node.round([breakerOpen(490, 'connect ECONNREFUSED')]);
    expect(only().cause).toBe('Redis is out of memory');
  });

  it('name the node only where there are several', () => {
    node.round([breakerOpen(370), sees('cpu_percent', 1, { node: 'b' })]);
    expect(only().summary).toBe('Circuit breaker of redis is open for 6 min at a (limit 5 min)');
  });

  it('of something that flaps are one, with the worst of it', () => {
    const told = Array.from({ length: 50 }, (_, index) =>
      node.round([breakerOpen(index % 2 ? 0 : 400 + index)]),
    ).flat();
    expect(new Set(told.map(({ alert }) => alert.id)).size).toBe(1);
    expect(told.filter(({ what }) => what === 'fired')).toHaveLength(1);
    expect(only()).toMatchObject({ fired: 25, worst: 448 });
    expect(node.rounds_of(3, [])).toEqual(['resolved']);
    expect(node.alerts.active(ORG)).toEqual([]);
  });

  it('of something that comes again every ten minutes are a few, also after a restart', () => {
    const minutes = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) =>
        node.round([breakerOpen((from + index) % 10 < 3 ? 400 : 0)]),
      ).flat();
    const told = minutes(0, 25);
    expect(told.filter(({ what }) => what === 'fired')).toHaveLength(3);
    node.restart();
    const later = minutes(25, 240).map(({ what }) => what);
    expect(new Set(later)).toEqual(new Set(['clearing', 'fired_again']));
    const [alert] = node.alerts.active(ORG);
    expect(alert?.timeline.findLast(({ kind }) => kind === 'clearing')?.text).toMatch(
      /8 min, as it has come again 2 times/,
    );
    expect(node.rounds_of(9, [breakerOpen(0)])).toContain('resolved');
  });

  it('stay as they are while nothing is known, and say since when', () => {
    node.round([breakerOpen(400)]);
    const began = node.clock.now() + MINUTE_MS;
    for (let round = 0; round < 20; round += 1) node.round([], { failed: ['health'] });
    expect(only()).toMatchObject({ state: { state: 'firing' }, value: 400 });
    expect(Date.parse(only().unknown_since ?? '')).toBe(began);
    node.round([breakerOpen(500)]);
    expect(only().unknown_since).toBeNull();
  });

  it('that never fired leave no trace', async () => {
    expect(node.rounds_of(1, [database(2)])).toEqual(['pending']);
    expect((await node.alerts.list(ada, { limit: 9 })).items).toHaveLength(1);
    expect(node.rounds_of(1, [database(0)])).toEqual(['dropped']);
    expect((await node.alerts.list(ada, { limit: 9 })).items).toEqual([]);
    expect(node.rounds_of(2, [database(2)])).toEqual(['pending', 'fired']);
  });

  it('survive a restart with what they counted', () => {
    node.round([lag(1000)]);
    expect(node.rounds_of(1, [lag(1000)])).toEqual([]);
    node.restart();
    expect(node.rounds_of(1, [lag(1000)])).toEqual(['fired']);
    const { id } = only();
    node.round([]);
    node.restart();
    expect(only()).toMatchObject({ id, state: { state: 'clearing' } });
    expect(node.rounds_of(2, [])).toEqual(['resolved']);
    expect(node.alerts.get(ada, id)).toMatchObject({ state: { state: 'resolved' }, ended_at: expect.any(String) });
  });

  it('count no time that a computer slept, and end not before they began when its clock goes back', () => {
    node.round([lag(1000)]);
    node.clock.advance({ days: 3 });
    expect(node.rounds_of(1, [lag(1000)])).toEqual([]);
    node.clock.advance({ days: -30 });
    expect(node.rounds_of(1, [lag(1000)])).toEqual(['fired']);
    const { id } = only();
    expect(node.rounds_of(3, [])).toEqual(['clearing', 'resolved']);
    const { state, ended_at } = node.alerts.get(ada, id);
    expect(state.state === 'resolved' && Date.parse(ended_at ?? '') >= Date.parse(state.since ?? '')).toBe(true);
  });

  it('follow their rule while they fire, and end with it', async () => {
    const created = await node.rules.create(ada, draftOf());
    node.round([lag(20)]);
    const { id } = only();
    const draft = draftOf({ severity: 'high', name: 'Other', advice: 'Wait.', labels: { team: 'a' } });
    const changed = await node.rules.update(ada, { rule: created.id, revision: created.revision, draft });
    node.round([lag(20)]);
    const said = { severity: 'high', rule_name: 'Other', advice: 'Wait.', labels: { team: 'a', worker: 'cleanup' } };
    expect(only()).toMatchObject({ id, ...said });
    expect(node.rules.list(ada).items.find((rule) => rule.id === created.id)?.firing).toBe(1);
    await node.rules.remove(ada, { rule: created.id, revision: changed.revision });
    expect(node.rounds_of(1, [lag(20)])).toEqual(['resolved']);
    expect(node.alerts.get(ada, id).timeline.at(-1)?.text).toBe('Its rule was removed');
  });

  it('of a rule that is switched off end', async () => {
    node.round([breakerOpen(400)]);
    const { id } = only();
    const preset = DEFAULT_RULES.get('breaker-open') ?? draftOf();
    const [rule] = node.rules.list(ada).items.filter((one) => one.id === 'breaker-open');
    await node.rules.update(ada, {
      rule: 'breaker-open',
      revision: rule?.revision ?? '',
      draft: { ...preset, enabled: false },
    });
    expect(node.rounds_of(2, [breakerOpen(460)])).toEqual(['resolved']);
    expect(node.alerts.get(ada, id).timeline.at(-1)?.text).toBe('Its rule was switched off');
  });

  it('follow a limit that a setting says', () => {
    node.round([breakerOpen(200)]);
    expect(node.alerts.active(ORG)).toEqual([]);
    node.set({ 'alerts.breaker_open_minutes': 3 });
    expect(node.round([breakerOpen(200)])).toMatchObject([{ what: 'fired', alert: { limit: 180 } }]);
  });

  describe('that persons deal with', () => {
    beforeEach(() => {
      node.round([breakerOpen(400)]);
    });

    it('are acknowledged, which everybody hears of once', () => {
      const { id } = only();
      const shown = node.alerts.acknowledge(ada, { alert: id, note: 'I am at it' });
      expect(shown.acknowledged).toMatchObject({ by: 'ada', note: 'I am at it' });
      expect(node.rounds_of(2, [breakerOpen(500)])).toEqual(['acknowledged']);
      expect(kinds(only())).toEqual(['fired', 'acknowledged']);
      node.restart();
      expect(only().acknowledged).toMatchObject({ by: 'ada' });
      expect(node.alerts.unacknowledge(as('bob'), id).acknowledged).toBeNull();
      node.round([breakerOpen(500)]);
      expect(kinds(only())).toEqual(['fired', 'acknowledged', 'unacknowledged']);
    });

    it('take notes, also when they are over', () => {
      const { id } = only();
      node.alerts.note(ada, { alert: id, text: 'The host was patched' });
      node.rounds_of(3, []);
      const note = node.alerts.note(as('bob'), { alert: id, text: 'It was the disk' });
      expect(note.timeline.at(-1)).toMatchObject({ kind: 'noted', text: 'It was the disk', by: 'bob' });
      node.round([]);
      node.restart();
      expect(node.alerts.get(ada, id).timeline.filter(({ kind }) => kind === 'noted')).toHaveLength(2);
      expect(() => node.alerts.acknowledge(ada, { alert: id })).toThrow(/is over/);
      expect(() => node.alerts.note(ada, { alert: '00000000-0000-7000-8000-00000000dead', text: 'x' })).toThrow(
        /no alert/,
      );
    });

    it('on a node that does not lead are told of at once there, and by the one that leads with its next round', () => {
      const other = new JudgingNode(node.clock);
      other.takeFrom(node);
      const { id } = only();
      expect(other.alerts.acknowledge(as('bob'), { alert: id }).acknowledged).toMatchObject({ by: 'bob' });
      expect(other.alerts.active(ORG)).toMatchObject([{ id, acknowledged: { by: 'bob' } }]);
      node.takeFrom(other);
      expect(node.rounds_of(1, [breakerOpen(500)])).toEqual(['acknowledged']);
      other.takeFrom(node);
      expect(kinds(other.alerts.get(ada, id))).toEqual(['fired', 'acknowledged']);
      other.close();
    });

    it('go on where another node takes the lead', () => {
      const other = new JudgingNode(node.clock);
      other.takeFrom(node);
      const { id } = only();
      expect(other.rounds_of(3, [])).toEqual(['clearing', 'resolved']);
      node.takeFrom(other);
      expect(node.alerts.active(ORG)).toEqual([]);
      expect(node.alerts.get(ada, id).state.state).toBe('resolved');
      expect(node.rounds_of(1, [])).toEqual([]);
      other.close();
    });

    it('are one again where two nodes each began one', () => {
      const other = new JudgingNode(node.clock);
      other.round([breakerOpen(400)]);
      const { id } = only();
      node.takeFrom(other);
      expect(node.rounds_of(1, [breakerOpen(500)])).toEqual(['dropped']);
      expect(only().id).toBe(id);
      other.takeFrom(node);
      expect(other.alerts.active(ORG)).toMatchObject([{ id }]);
      other.close();
    });
  });

  describe('kept quiet', () => {
    const hour = () => ({
      kind: 'once' as const,
      from: new Date(node.clock.now()).toISOString(),
      to: new Date(node.clock.now() + 60 * MINUTE_MS).toISOString(),
    });
    const matchers = [{ label: 'breaker', value: 'red*' }];

    it('by a silence are shown so at once, until it is over', () => {
      node.round([breakerOpen(400)]);
      const { id } = node.alerts.silence(ada, { matchers, time: hour(), hold_actions: true, reason: 'Upgrade' });
      expect(only().silenced_by).toBe(id);
      expect(node.alerts.actionsHeld(ORG, only().id)).toBe(true);
      expect(node.alerts.silences(ada).items).toMatchObject([{ id, status: 'holds', silenced: 1 }]);
      node.round([breakerOpen(500)]);
      expect(only().timeline.at(-1)).toMatchObject({ kind: 'silenced', text: 'Kept quiet by ada: Upgrade', ref: id });
      node.clock.advance({ minutes: 61 });
      node.round([breakerOpen(900)]);
      expect(only()).toMatchObject({ silenced_by: null });
      expect(node.alerts.actionsHeld(ORG, only().id)).toBe(false);
      expect(node.alerts.silences(ada).items).toMatchObject([{ status: 'over', silenced: 0 }]);
      node.clock.advance({ days: 31 });
      expect(node.alerts.silences(ada).items).toEqual([]);
    });

    it('by a silence that somebody ends are loud again', () => {
      node.round([breakerOpen(400)]);
      const { id } = node.alerts.silence(ada, { matchers: [], time: hour(), hold_actions: false, reason: 'All' });
      expect(node.alerts.actionsHeld(ORG, only().id)).toBe(false);
      expect(node.alerts.endSilence(as('bob'), id)).toMatchObject({ status: 'over', ended: { by: 'bob' } });
      expect(only().silenced_by).toBeNull();
      expect(() => node.alerts.endSilence(ada, id)).toThrow(/over already/);
      expect(() => node.alerts.endSilence(ada, '00000000-0000-7000-8000-00000000dead')).toThrow(/no silence/);
    });

    it('not by one that asks for others, nor by one whose time is wrong', () => {
      node.round([breakerOpen(400)]);
      const others = [...matchers, { label: 'severity', value: 'low' }];
      node.alerts.silence(ada, { matchers: others, time: hour(), hold_actions: false, reason: 'Other' });
      expect(only().silenced_by).toBeNull();
      const refused = (time: Parameters<typeof node.alerts.silence>[1]['time']) => () =>
        node.alerts.silence(ada, { matchers, time, hold_actions: false, reason: 'x' });
      expect(refused({ ...hour(), to: hour().from })).toThrow(/after `from`/);
      expect(refused({ kind: 'once', from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' })).toThrow(/lie ahead/);
      const weekly = { kind: 'weekly', days: ['mon'], from: '01:00', to: '02:00', until: null } as const;
      expect(refused({ ...weekly, days: ['mon'], time_zone: 'Mars/Olympus' })).toThrow(/time zone/);
      const past = '2020-01-01T00:00:00Z';
      expect(refused({ ...weekly, days: ['mon'], time_zone: 'UTC', until: past })).toThrow(/no window/);
    });

    it('since they are consequences, for as long as their cause fires', () => {
      const away = [database(2), sees('event_lag_seconds', 900)];
      expect(node.rounds_of(3, away)).toEqual(['pending', 'pending', 'fired', 'fired']);
      const of = (rule_id: string) => node.alerts.active(ORG).find((alert) => alert.rule_id === rule_id);
      expect(of('event-lag')).toMatchObject({ inhibited_by: of('component-unhealthy')?.id });
      expect(of('event-lag')?.timeline.map(({ text }) => text)).toContain(
        'A consequence of: The database is unhealthy',
      );
      const back = [sees('event_lag_seconds', 900)];
      expect(node.rounds_of(3, back)).toEqual(['clearing', 'resolved']);
      expect(of('event-lag')).toMatchObject({ inhibited_by: null, state: { state: 'firing' } });
    });
  });

  it('of an old backup are by how often they are made', () => {
    const age = [sees('backup_age_seconds', 50 * 3600, { node: 'a' })];
    node.set({ 'backup.interval_hours': 72 });
    expect(node.rounds_of(1, age)).toEqual([]);
    node.set({ 'backup.interval_hours': 24 });
    expect(node.rounds_of(360, age)).toEqual(['pending']);
    expect(node.rounds_of(1, age)).toEqual(['fired']);
    expect(only()).toMatchObject({ rule_id: 'backup-old', limit: 86_400 });
  });

  describe('escalated', () => {
    const steps = [
      { after: { kind: 'seconds', seconds: 180 }, severity: 'high', channels: ['pager'] },
      { after: { kind: 'attempts' }, severity: 'critical' },
    ];
    const create = () =>
      node.rules.create(ada, draftOf({ escalation: steps, remediation: { remediator: 'worker-restart' } }));

    it('get worse when they stay, once, and tell the channels of the step', async () => {
      await create();
      expect(node.rounds_of(3, [lag(20)])).toEqual(['fired']);
      const [change] = node.round([lag(20)]);
      expect(change).toMatchObject({
        what: 'escalated',
        channels: ['pager'],
        alert: { severity: 'high', escalation: 1 },
      });
      node.restart();
      expect(node.rounds_of(5, [lag(20)])).toEqual([]);
      expect(only().severity).toBe('high');
    });

    it('not by time while somebody is at it', async () => {
      await create();
      node.round([lag(20)]);
      node.alerts.acknowledge(ada, { alert: only().id });
      expect(node.rounds_of(6, [lag(20)])).toEqual(['acknowledged']);
      node.alerts.unacknowledge(ada, only().id);
      expect(node.rounds_of(2, [lag(20)])).toEqual(['escalated']);
    });

    it('when what was tried did not help', async () => {
      await create();
      node.round([lag(20)]);
      node.alerts.attemptsUsedUp(ORG, only().id);
      expect(node.rounds_of(2, [lag(20)])).toEqual(['escalated']);
      expect(only()).toMatchObject({ severity: 'critical', escalation: 1 });
      expect(only().timeline.at(-1)?.text).toBe('What was tried has not helped: critical now');
    });

    it('are sent from then on, also where their rule tells nobody', () => {
      const letters = [sees('dead_letters', 150)];
      node.round(letters);
      expect(only()).toMatchObject({ rule_id: 'dead-letters', notify: false, severity: 'low' });
      node.alerts.attemptsUsedUp(ORG, only().id);
      const [change] = node.round(letters);
      expect(change).toMatchObject({ what: 'escalated', alert: { notify: true, severity: 'medium' } });
      node.restart();
      node.round(letters);
      expect(only()).toMatchObject({ notify: true, severity: 'medium' });
    });
  });

  describe('listed', () => {
    const many = (count: number): OpsObservation[] =>
      Array.from({ length: count }, (_, index) =>
        sees('breaker_open_seconds', 400, { breaker: `webhook:${index}`, node: 'a' }),
      );

    it('come page by page, each once', async () => {
      node.round(many(120));
      node.round([...many(130), lag(5000)]);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await node.alerts.list(ada, { limit: 50, ...(cursor ? { cursor } : {}) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
        expect(page.active).toMatchObject({ firing: 130, pending: 1, by_severity: { critical: 130, low: 0 } });
      } while (cursor);
      expect(new Set(seen).size).toBe(131);
      expect(seen).toHaveLength(131);
      await expect(node.alerts.list(ada, { limit: 9, cursor: 'AAAA' })).rejects.toMatchObject({
        code: 'CURSOR_INVALID',
      });
    });

    it('are those that were asked for', async () => {
      node.round([breakerOpen(400)]);
      const middle = new Date(node.clock.now() + 30 * MINUTE_MS).toISOString();
      node.rounds_of(3, []);
      node.clock.advance({ minutes: 60 });
      node.round([sees('dead_letters', 600)]);
      const rules = async (asked: object) =>
        (await node.alerts.list(ada, { limit: 50, ...asked })).items.map(({ rule_id }) => rule_id);
      expect(await rules({})).toEqual(expect.arrayContaining(['dead-letters', 'dead-letters-many', 'breaker-open']));
      expect(await rules({ states: ['resolved'] })).toEqual(['breaker-open']);
      expect(await rules({ states: ['firing'], severities: ['high'] })).toEqual(['dead-letters-many']);
      expect(await rules({ text: 'REDIS' })).toEqual(['breaker-open']);
      expect(await rules({ rule: 'dead-letters' })).toEqual(['dead-letters']);
      expect(await rules({ to: middle })).toEqual(['breaker-open']);
      expect((await rules({ from: middle })).sort()).toEqual(['dead-letters', 'dead-letters-many']);
    });
  });

  it('are told on when their file cannot be written, and written once it can', () => {
    node.store.db.pragma('query_only = ON');
    expect(node.round([breakerOpen(400)]).map(({ what }) => what)).toEqual(['fired']);
    const { id } = only();
    node.store.db.pragma('query_only = OFF');
    node.round([breakerOpen(400)]);
    node.restart();
    expect(only().id).toBe(id);
  });

  it('keep what is added to them outside of rounds', async () => {
    node.round([breakerOpen(400)]);
    const { id } = only();
    node.alerts.tell(ORG, id, { kind: 'notified', text: 'Sent to Slack', by: null, ref: 'n1' });
    node.alerts.tell(ORG, '00000000-0000-7000-8000-00000000dead', { kind: 'notified', text: '', by: null, ref: null });
    expect(kinds(only())).toEqual(['fired', 'notified']);
    await new Promise(setImmediate);
    node.restart();
    expect(kinds(only())).toEqual(['fired', 'notified']);
  });
});
