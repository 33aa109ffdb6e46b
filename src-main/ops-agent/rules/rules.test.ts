import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ada, as, draftOf, JudgingNode, MINUTE_MS, ORG, sees } from '../../../tests/support/ops-judging.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { checkRule } from './rule-check.ts';
import { MAX_RULES } from './rules.ts';

describe('rules', () => {
  let node: JudgingNode;
  beforeEach(() => {
    node = new JudgingNode();
  });
  afterEach(() => node.close());

  const find = (id: string) => {
    const found = node.rules.list(ada).items.find((rule) => rule.id === id);
    if (!found) throw new Error(`no rule ${id}`);
    return found;
  };

  it('are those that come with Archon, as they came', () => {
    const { items } = node.rules.list(ada);
    expect(items.map(({ id }) => id)).toEqual([...DEFAULT_RULES.keys()]);
    expect(items.every(({ origin, changed, updated_by }) => origin === 'default' && !changed && !updated_by)).toBe(
      true,
    );
  });

  it('follow the settings, in the unit of their signal', () => {
    expect(find('breaker-open').limits).toEqual([300]);
    expect(find('api-slow').limits).toEqual([500, 6]);
    node.set({ 'alerts.breaker_open_minutes': 2, 'alerts.latency_p95_ms': 800 });
    expect(find('breaker-open').limits).toEqual([120]);
    expect(find('api-slow').limits).toEqual([800, 6]);
  });

  it('can be added, changed and removed, which is in the log of events', async () => {
    const { id, revision } = await node.rules.create(ada, draftOf({ name: 'Länge der Warteschlange' }));
    expect(id).toBe('lange-der-warteschlange');
    const changed = await node.rules.update(as('bob'), { rule: id, revision, draft: draftOf({ name: 'Late' }) });
    expect(changed).toMatchObject({ id, name: 'Late', origin: 'custom', updated_by: 'bob' });
    node.restart();
    expect(find(id)).toMatchObject({ name: 'Late', updated_by: 'bob' });
    expect(await node.rules.remove(ada, { rule: id, revision: changed.revision })).toEqual({ rule: null });
    expect(node.rules.list(ada).items.some((rule) => rule.id === id)).toBe(false);
    expect(node.told).toEqual([
      { actor: 'ada', keys: [`ops.rules.${id}`] },
      { actor: 'bob', keys: [`ops.rules.${id}`] },
      { actor: 'ada', keys: [`ops.rules.${id}`] },
    ]);
  });

  it('that come with Archon can be changed, and go back to what they were', async () => {
    const before = find('disk-full');
    const preset = DEFAULT_RULES.get('disk-full') ?? draftOf();
    const change = { ...preset, severity: 'low' as const, enabled: false };
    const changed = await node.rules.update(ada, { rule: 'disk-full', revision: before.revision, draft: change });
    expect(changed).toMatchObject({ changed: true, severity: 'low', enabled: false });
    const back = await node.rules.remove(ada, { rule: 'disk-full', revision: changed.revision });
    expect(back.rule).toEqual(before);
    await expect(node.rules.remove(ada, { rule: 'disk-full', revision: before.revision })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('that are set to what they were are as they came', async () => {
    const { revision } = find('event-lag');
    const preset = DEFAULT_RULES.get('event-lag') ?? draftOf();
    const other = await node.rules.update(ada, { rule: 'event-lag', revision, draft: { ...preset, for_seconds: 1 } });
    expect(other.changed).toBe(true);
    const same = await node.rules.update(ada, { rule: 'event-lag', revision: other.revision, draft: preset });
    expect(same).toMatchObject({ changed: false, revision, updated_by: null });
  });

  it('are not changed by somebody who has not seen what they are now', async () => {
    const { id, revision } = await node.rules.create(ada, draftOf());
    await node.rules.update(as('bob'), { rule: id, revision, draft: draftOf({ for_seconds: 9 }) });
    const late = node.rules.update(ada, { rule: id, revision, draft: draftOf({ for_seconds: 1 }) });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('by bob') });
    await expect(node.rules.remove(ada, { rule: id, revision })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(find(id).for_seconds).toBe(9);
    await expect(node.rules.remove(ada, { rule: 'no-such', revision })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('have names of their own, and are so many at most', async () => {
    await node.rules.create(ada, draftOf({ name: 'Same' }));
    await expect(node.rules.create(ada, draftOf({ name: 'SAME' }))).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    await expect(node.rules.create(ada, draftOf({ name: 'Disk full' }))).rejects.toMatchObject({
      issues: [{ field: 'name' }],
    });
    node.records.together(() => {
      for (let count = node.rules.list(ada).items.length; count < MAX_RULES; count += 1) {
        const document = { draft: draftOf({ name: `Rule ${count}` }), by: 'ada', at: '2026-11-30T12:00:00Z' };
        node.records.put(ORG, 'rule', { id: `rule-${count}`, at_ms: 1, open: true, document });
      }
    });
    expect(node.rules.list(ada).items).toHaveLength(MAX_RULES);
    await expect(node.rules.create(ada, draftOf({ name: 'One more' }))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('with a name that Latin letters cannot write have an id all the same', async () => {
    const { id } = await node.rules.create(ada, draftOf({ name: '磁盘' }));
    expect(id).toMatch(/^rule-[0-9a-f]{8}$/);
  });

  it('of another node hold here', async () => {
    const other = new JudgingNode(node.clock);
    const { id } = await other.rules.create(as('bob'), draftOf());
    expect(node.rules.all(ORG).some((rule) => rule.id === id)).toBe(false);
    node.takeFrom(other);
    expect(node.rules.all(ORG).some((rule) => rule.id === id)).toBe(true);
    other.close();
  });

  it('of a version that says what this one does not know are as if they were not there', () => {
    const document = {
      draft: { ...draftOf(), severity: 'apocalyptic' as 'low' },
      by: 'ada',
      at: '2026-11-30T12:00:00Z',
    };
    node.records.put(ORG, 'rule', { id: 'disk-full', at_ms: 1, open: true, document });
    node.records.put(ORG, 'rule', { id: 'mine', at_ms: 1, open: true, document });
    expect(find('disk-full')).toMatchObject({ changed: false, severity: 'high' });
    expect(node.rules.list(ada).items).toHaveLength(DEFAULT_RULES.size);
  });

  describe('previewed', () => {
    const record = (minutes_ago: number, seconds: number, failed: ('worker' | 'dlq')[] = []) =>
      node.rounds.add(ORG, {
        at_ms: node.clock.now() - minutes_ago * MINUTE_MS,
        covered_ms: MINUTE_MS,
        observations: failed.includes('worker') ? [] : [sees('worker_overdue_seconds', seconds, { worker: 'cleanup' })],
        failed,
      });

    it('say how often they would have fired, with the machine that judges', async () => {
      // Each: late for three minutes, well for two hours.
      for (let minute = 1230; minute > 0; minute -= 1) record(minute, minute % 123 < 3 ? 20 : 0);
      const draft = draftOf({ for_seconds: 60, resolve_after_seconds: 120 });
      const preview = await node.rules.preview(ada, { draft, hours: 24 });
      expect(preview).toMatchObject({ rounds: 1230, count: 10 });
      expect(preview.firings).toHaveLength(10);
      expect(preview.firings.at(-2)).toMatchObject({ labels: { worker: 'cleanup' }, worst: 20 });
      expect(preview.firings.every(({ ended_at }, index) => (ended_at === null) === (index === 9))).toBe(true);
      expect(preview.now).toEqual([{ labels: { worker: 'cleanup' }, value: 20, holds: true }]);
      const longer = await node.rules.preview(ada, { draft: { ...draft, for_seconds: 180 }, hours: 24 });
      expect(longer.count).toBe(0);
    });

    it('count what flaps as the alerts that it is', async () => {
      for (let minute = 80; minute > 0; minute -= 1) record(minute, minute % 8 < 3 ? 20 : 0);
      const draft = draftOf({ for_seconds: 60, resolve_after_seconds: 120 });
      expect((await node.rules.preview(ada, { draft, hours: 24 })).count).toBe(3);
      const patient = await node.rules.preview(ada, { draft: { ...draft, resolve_after_seconds: 600 }, hours: 24 });
      expect(patient.count).toBe(1);
    });

    it('look only at the hours that are asked for, and count nothing where nothing was known', async () => {
      for (let minute = 200; minute > 100; minute -= 1) record(minute, 20);
      for (let minute = 100; minute > 0; minute -= 1) record(minute, 20, ['worker']);
      const draft = draftOf();
      expect(await node.rules.preview(ada, { draft, hours: 1 })).toMatchObject({ rounds: 59, count: 0, now: [] });
      const all = await node.rules.preview(ada, { draft, hours: 24 });
      expect(all.firings).toMatchObject([{ ended_at: null, worst: 20 }]);
    });

    it('tell the last hundred firings of many', async () => {
      for (let minute = 300; minute > 0; minute -= 1) record(minute, minute % 2 ? 20 : 0);
      const { count, firings } = await node.rules.preview(ada, {
        draft: draftOf({ resolve_after_seconds: 0 }),
        hours: 24,
      });
      expect([count, firings.length]).toEqual([150, 100]);
    });

    it('are refused as they would be when they are set', async () => {
      const draft = draftOf({ labels: { severity: 'high' } });
      await expect(node.rules.preview(ada, { draft, hours: 1 })).rejects.toMatchObject({
        issues: [{ field: 'draft.labels' }],
      });
    });
  });
});

describe('what a rule must not say', () => {
  const number = (value: number) => ({ kind: 'number', value }) as const;
  const when = (signal: string, operator: string, limit: object, labels = {}) => ({ signal, operator, limit, labels });
  const faultOf = (given: Parameters<typeof draftOf>[0]): string => {
    try {
      checkRule(draftOf(given));
      return 'none';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const conditions = (...all: object[]) => faultOf({ conditions: all });

  it('is a label that its signal does not have', () => {
    expect(conditions(when('dead_letters', '>', number(1), { node: 'a' }))).toBe(
      'conditions.0.labels must not name "node": dead_letters has no labels',
    );
    expect(conditions(when('disk_percent', '>', number(1), { disk: 'a' }))).toContain('has only node');
    expect(conditions(when('disk_percent', '>', number(1), { node: 'a*' }))).toBe('none');
  });

  it('is what can never hold', () => {
    expect(conditions(when('component_status', '>', number(2)))).toBe(
      'conditions.0.limit can never hold: component_status is a whole number from 0 to 2',
    );
    expect(conditions(when('disk_percent', '>=', number(101)))).toContain('from 0 to 100');
    expect(conditions(when('event_lag_seconds', '<', number(0)))).toContain('can never hold');
    expect(conditions(when('worker_nodes_lost', '=', number(1.5)))).toContain('can never hold');
    expect(conditions(when('cpu_percent', '>', number(150)))).toBe('none');
    expect(conditions(when('journal_growth', '<', number(-5)))).toBe('none');
  });

  it('is two conditions that exclude each other, of the same series', () => {
    const both = [when('dead_letters', '>', number(5)), when('dead_letters', '<=', number(5))];
    expect(conditions(...both)).toBe('conditions can never hold: no dead_letters is > 5 and <= 5 at once');
    expect(faultOf({ match: 'any', conditions: both })).toBe('none');
    expect(conditions(when('dead_letters', '>=', number(5)), when('dead_letters', '<=', number(5)))).toBe('none');
    // Another node may be the one for which the other holds.
    expect(conditions(when('disk_percent', '>', number(90)), when('disk_percent', '<', number(10)))).toBe('none');
  });

  it('is a setting of another unit', () => {
    const setting = { kind: 'setting', key: 'alerts.disk_percent' };
    expect(conditions(when('event_lag_seconds', '>', setting))).toContain('must not follow alerts.disk_percent');
    expect(conditions(when('memory_percent', '>', setting))).toBe('none');
  });

  it('is a remediator that cannot help', () => {
    expect(faultOf({ remediation: { remediator: 'cache-clear' } })).toBe(
      'remediation.remediator cannot help: cache-clear does nothing about that; worker-restart can',
    );
    expect(faultOf({ remediation: { remediator: 'worker-restart' } })).toBe('none');
  });

  it('is a step that never comes, or one that makes less of it', () => {
    const step = { after: { kind: 'attempts' }, severity: 'high' };
    expect(faultOf({ escalation: [step] })).toContain('escalation.0.after never comes');
    const less = { after: { kind: 'seconds', seconds: 60 }, severity: 'low' };
    expect(faultOf({ escalation: [less] })).toContain('must not be less than that of the rule, which is medium');
  });

  it('is what alerts say by themselves', () => {
    expect(faultOf({ labels: { severity: 'high' } })).toContain('must not name "severity"');
    expect(faultOf({ labels: { node: 'a' } })).toContain('must not name "node"');
    expect(faultOf({ labels: { team: 'a' } })).toBe('none');
  });

  it('is nothing of what comes with Archon', () => {
    for (const draft of DEFAULT_RULES.values()) checkRule(draft);
    expect(new Set([...DEFAULT_RULES.values()].map(({ name }) => name)).size).toBe(DEFAULT_RULES.size);
  });
});
