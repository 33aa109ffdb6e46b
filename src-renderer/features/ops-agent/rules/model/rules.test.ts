import { describe, expect, it } from 'vitest';
import type { OpsRule, OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { OPS_SIGNAL_NAMES, OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { differences } from '../../fields/differences.ts';
import { newPair } from '../../fields/pairs.ts';
import { REMEDIATORS } from '../../words/action-words.ts';
import { conditionsWords, kindOf, remediationWords, stepWords } from './condition-words.ts';
import { ruleFacts } from './rule-facts.ts';
import { shownOf } from './rule-filter.ts';
import {
  draftOf,
  draftOfRule,
  newCondition,
  newStep,
  type RuleForm,
  ruleForm,
  settingsFor,
  withSignal,
} from './rule-form.ts';

const DRAFT: OpsRuleDraft = {
  name: 'The API is slow',
  description: 'What it is.',
  advice: 'Look at the indexes.',
  enabled: true,
  match: 'all',
  conditions: [
    {
      signal: 'api_latency_p95_ms',
      labels: { node: 'ada*' },
      operator: '>',
      limit: { kind: 'setting', key: 'alerts.latency_p95_ms' },
    },
    { signal: 'api_requests_per_minute', labels: {}, operator: '>=', limit: { kind: 'number', value: 6 } },
  ],
  for_seconds: 180,
  resolve_after_seconds: 90,
  severity: 'low',
  notify: true,
  labels: { team: 'ops' },
  remediation: {
    remediator: 'cache-clear',
    ask: true,
    cool_down_seconds: 600,
    max_attempts: 2,
    max_per_hour: 4,
  },
  escalation: [
    { after: { kind: 'seconds', seconds: 900 }, severity: 'high', channels: ['mail'] },
    { after: { kind: 'attempts' }, severity: 'critical', channels: [] },
  ],
};
const rule = (patch: Partial<OpsRule> = {}): OpsRule => ({
  ...DRAFT,
  id: 'api-slow',
  origin: 'default',
  changed: false,
  revision: '1',
  updated_at: null,
  updated_by: null,
  limits: [500, 6],
  firing: 0,
  ...patch,
});
const changed = (patch: Partial<RuleForm>): RuleForm => ({ ...ruleForm(DRAFT), ...patch });

describe('a rule in words', () => {
  it.each([
    ['breaker_open_seconds', '>', 300, 'Circuit breaker open for more than 5 min'],
    ['breaker_open_seconds', '>=', 300, 'Circuit breaker open for at least 5 min'],
    ['worker_overdue_seconds', '>', 60, 'A worker is late by more than 1 min'],
    ['component_status', '>=', 2, 'A component is at least unhealthy'],
    ['dead_letters', '>', 100, 'Dead letters above 100'],
  ] as const)('reads as a sentence: %s %s %d', (signal, operator, value, words) => {
    const condition = { signal, labels: {}, operator, limit: { kind: 'number' as const, value } };
    expect(conditionsWords({ ...DRAFT, conditions: [condition], for_seconds: 0 })).toBe(words);
  });

  it('is its conditions with the limits as they hold now, and for how long', () => {
    expect(conditionsWords(rule(), [500, 6])).toBe(
      'Slow answers (p95) above 500 ms where node begins with ada and Requests at least 6 a minute, for 3 min',
    );
    expect(conditionsWords({ ...DRAFT, match: 'any', for_seconds: 0 })).toBe(
      'Slow answers (p95) above the setting alerts.latency_p95_ms where node begins with ada or Requests at least 6 a minute',
    );
  });

  it('says what is done, and when it is escalated', () => {
    expect(remediationWords(DRAFT)).toBe(`${REMEDIATORS['cache-clear']}, after asking`);
    expect(remediationWords({ remediation: null })).toBeUndefined();
    expect(DRAFT.escalation.map(stepWords)).toEqual([
      'after 15 min: high, 1 more channel',
      'attempts used up: critical',
    ]);
  });

  it('is one that comes with Archon, a changed one, or one of a person', () => {
    expect(kindOf(rule())).toBe('default');
    expect(kindOf(rule({ changed: true }))).toBe('changed');
    expect(kindOf(rule({ origin: 'custom' }))).toBe('custom');
  });
});

describe('the form of a rule', () => {
  it('means what it was made of', () => {
    expect(draftOf(ruleForm(DRAFT))).toEqual({ kind: 'right', draft: DRAFT });
    expect(draftOfRule(rule())).toEqual(DRAFT);
  });

  it('says limits in the largest unit that holds them whole', () => {
    const limit = (signal: 'breaker_open_seconds' | 'database_bytes', value: number) =>
      ruleForm({
        ...DRAFT,
        conditions: [{ signal, labels: {}, operator: '>', limit: { kind: 'number', value } }],
      }).conditions[0];
    expect(limit('breaker_open_seconds', 300)).toMatchObject({ value: '5', factor: 60 });
    expect(limit('database_bytes', 2_000_000_000)).toMatchObject({ value: '2', factor: 1_000_000_000 });
    expect(limit('breaker_open_seconds', 0)).toMatchObject({ value: '0', factor: 1 });
    expect(limit('breaker_open_seconds', 90.5)).toMatchObject({ value: '90.5', factor: 1 });
  });

  it('says beside each field what is wrong', () => {
    const wrong = changed({
      name: ' ',
      conditions: [{ ...newCondition('dead_letters'), value: 'many', labels: [newPair('', 'x')] }],
      for: { count: '2', unit: 'days' },
      max_attempts: '0',
      labels: [newPair('team', 'a'), newPair('team', 'b')],
      escalation: [{ ...newStep(), span: { count: '5', unit: 'seconds' } }],
    });
    expect(draftOf(wrong)).toEqual({
      kind: 'wrong',
      faults: {
        name: 'A rule needs a name.',
        'conditions[0].limit.value': 'It must be a number.',
        'conditions[0].labels': 'A value needs the name of its label.',
        for_seconds: 'It must be at most 86,400.',
        'remediation.max_attempts': 'It must be at least 1.',
        labels: 'The label “team” stands there twice.',
        'escalation[0].after.seconds': 'It must be at least 60.',
      },
    });
  });

  it('does not wait for attempts that nobody makes', () => {
    expect(draftOf(changed({ remediator: undefined }))).toMatchObject({
      kind: 'wrong',
      faults: { 'escalation[1].after': expect.stringContaining('no attempts') },
    });
    expect(draftOf(changed({ remediator: undefined, escalation: [] }))).toMatchObject({
      kind: 'right',
      draft: { remediation: null },
    });
  });

  it('is new without a rule, and then needs a name and a limit', () => {
    expect(draftOf(ruleForm())).toMatchObject({
      kind: 'wrong',
      faults: { name: 'A rule needs a name.', 'conditions[0].limit.value': 'It must be a number.' },
    });
  });

  it('keeps what was typed when the other signal is in the same unit', () => {
    const typed = { ...newCondition('disk_percent'), value: '80', labels: [newPair('node', 'ada'), newPair('x', 'y')] };
    expect(withSignal(typed, 'memory_percent')).toMatchObject({ signal: 'memory_percent', value: '80' });
    expect(withSignal(typed, 'memory_percent').labels.map(({ label }) => label)).toEqual(['node']);
    expect(withSignal(typed, 'dead_letters')).toMatchObject({ key: typed.key, value: '', labels: [] });
    expect(withSignal(typed, 'component_status')).toMatchObject({ operator: '>=', value: '2' });
  });

  it('offers the settings that are in the unit of the signal', () => {
    expect(settingsFor('dead_letters')).toEqual(
      expect.arrayContaining(['alerts.dead_letters_above', 'alerts.dead_letters_critical_above']),
    );
    expect(settingsFor('breaker_open_seconds')).toContain('alerts.breaker_open_minutes');
    expect(settingsFor('disk_percent')).toEqual(['alerts.disk_percent', 'alerts.memory_percent']);
    expect(settingsFor('database_bytes')).toEqual([]);
    expect(OPS_SIGNAL_NAMES.flatMap(settingsFor)).not.toHaveLength(0);
    for (const signal of OPS_SIGNAL_NAMES) expect(OPS_SIGNALS[signal].title).not.toBe('');
  });
});

describe('two versions of a rule', () => {
  it('differ in what was changed, and in nothing else', () => {
    expect(differences(ruleFacts(DRAFT), ruleFacts(DRAFT))).toEqual([]);
    const theirs = { ...DRAFT, severity: 'high', remediation: null, escalation: [] } as OpsRuleDraft;
    expect(differences(ruleFacts(DRAFT), ruleFacts(theirs))).toEqual([
      { name: 'Severity', mine: 'Low', theirs: 'High' },
      { name: 'What is done', mine: `${REMEDIATORS['cache-clear']}, after asking`, theirs: 'none' },
      { name: 'Cool-down', mine: '10 min', theirs: 'none' },
      { name: 'Attempts at most', mine: '2', theirs: 'none' },
      { name: 'An hour at most', mine: '4', theirs: 'none' },
      {
        name: 'Escalation',
        mine: 'after 15 min: high, 1 more channel (mail); attempts used up: critical',
        theirs: 'none',
      },
    ]);
  });
});

describe('the list of rules', () => {
  const rules = [
    rule(),
    rule({ id: 'mine', name: 'Mine', origin: 'custom', severity: 'high', firing: 2 }),
    rule({ id: 'off', name: 'Off', enabled: false, changed: true }),
  ];

  it.each([
    [{}, ['api-slow', 'mine', 'off']],
    [{ text: 'MINE' }, ['mine']],
    [{ text: 'slow answers' }, ['api-slow', 'mine', 'off']],
    [{ severity: 'high' }, ['mine']],
    [{ which: 'firing' }, ['mine']],
    [{ which: 'changed' }, ['off']],
    [{ which: 'off' }, ['off']],
    [{ which: 'custom', text: 'nothing' }, []],
  ] as const)('%o shows %o', (search, ids) => {
    expect(shownOf(rules, search).map(({ id }) => id)).toEqual(ids);
  });
});
