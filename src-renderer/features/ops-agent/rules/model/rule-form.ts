/** What the form of a rule holds, what it means, and what is wrong with it. Pure. */
import type {
  OpsCondition,
  OpsEscalationStep,
  OpsRemediatorName,
  OpsRule,
  OpsRuleDraft,
  OpsSeverity,
  OpsSignalName,
  OpsUnit,
} from '../../../../../src-contract/index.ts';
import { type OPS_LIMIT_SETTINGS, opsRuleDraft } from '../../../../../src-contract/ops-rules.ts';
import { OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { numberOf, type SpanInput, secondsOf, spanInput } from '../../fields/duration-input.ts';
import { type Faults, faultsIn } from '../../fields/faults.ts';
import { labelsOfPairs, type Pair, pairsFault, pairsOfLabels } from '../../fields/pairs.ts';

export type LimitSetting = (typeof OPS_LIMIT_SETTINGS)[number];

/** Each kind keeps what was typed while another is chosen. */
export interface ConditionForm {
  key: number;
  signal: OpsSignalName;
  labels: readonly Pair[];
  operator: OpsCondition['operator'];
  limit: 'number' | 'setting';
  /** In units of `factor`. */
  value: string;
  factor: number;
  setting: LimitSetting | undefined;
}

export interface StepForm {
  key: number;
  after: OpsEscalationStep['after']['kind'];
  span: SpanInput;
  severity: OpsSeverity;
  channels: readonly string[];
}

export interface RuleForm {
  name: string;
  description: string;
  advice: string;
  enabled: boolean;
  match: OpsRuleDraft['match'];
  conditions: readonly ConditionForm[];
  for: SpanInput;
  resolve_after: SpanInput;
  severity: OpsSeverity;
  notify: boolean;
  labels: readonly Pair[];
  remediator: OpsRemediatorName | undefined;
  ask: boolean;
  cool_down: SpanInput;
  max_attempts: string;
  max_per_hour: string;
  escalation: readonly StepForm[];
}

export const MOST_CONDITIONS = 5;
export const MOST_STEPS = 5;
export const MOST_LABELS = 20;

interface Scale {
  name: string;
  factor: number;
}

/** Units that a limit can be typed in, by the unit of its signal. */
export const SCALES: Readonly<Record<OpsUnit, readonly Scale[]>> = {
  level: [{ name: '', factor: 1 }],
  count: [{ name: '', factor: 1 }],
  seconds: [
    { name: 'seconds', factor: 1 },
    { name: 'minutes', factor: 60 },
    { name: 'hours', factor: 3600 },
    { name: 'days', factor: 86_400 },
  ],
  ms: [
    { name: 'ms', factor: 1 },
    { name: 'seconds', factor: 1000 },
  ],
  percent: [{ name: '%', factor: 1 }],
  bytes: [
    { name: 'bytes', factor: 1 },
    { name: 'MB', factor: 1_000_000 },
    { name: 'GB', factor: 1_000_000_000 },
    { name: 'TB', factor: 1_000_000_000_000 },
  ],
  per_minute: [{ name: 'a minute', factor: 1 }],
  per_hour: [{ name: 'an hour', factor: 1 }],
};

/** The units that what a setting says can be told in. */
const SETTING_UNITS: Readonly<Record<LimitSetting, readonly OpsUnit[]>> = {
  'alerts.dead_letters_above': ['count'],
  'alerts.dead_letters_critical_above': ['count'],
  'alerts.breaker_open_minutes': ['seconds', 'ms'],
  'alerts.worker_crashes_above': ['per_hour', 'count'],
  'alerts.latency_p95_ms': ['ms', 'seconds'],
  'alerts.disk_percent': ['percent'],
  'alerts.memory_percent': ['percent'],
  'backup.interval_hours': ['seconds', 'ms'],
};

/** Settings that a limit of the signal can follow. */
export const settingsFor = (signal: OpsSignalName): LimitSetting[] =>
  Object.entries(SETTING_UNITS)
    .filter(([, units]) => units.includes(OPS_SIGNALS[signal].unit))
    // The keys of the table above.
    .map(([key]) => key as LimitSetting);

let last = 0;
const nextKey = (): number => {
  last += 1;
  return last;
};

export function newCondition(signal: OpsSignalName = 'dead_letters'): ConditionForm {
  const value = OPS_SIGNALS[signal].unit === 'level' ? '2' : '';
  const operator = OPS_SIGNALS[signal].unit === 'level' ? '>=' : '>';
  return { key: nextKey(), signal, labels: [], operator, limit: 'number', value, factor: 1, setting: undefined };
}

/** The same condition on another signal: what was typed stays where it can mean the same. */
export function withSignal(condition: ConditionForm, signal: OpsSignalName): ConditionForm {
  const fresh = newCondition(signal);
  const isSameUnit = OPS_SIGNALS[condition.signal].unit === OPS_SIGNALS[signal].unit;
  const labels = condition.labels.filter(({ label }) =>
    (OPS_SIGNALS[signal].labels as readonly string[]).includes(label),
  );
  return isSameUnit ? { ...condition, signal, labels } : { ...fresh, key: condition.key, labels };
}

export function newStep(): StepForm {
  return { key: nextKey(), after: 'seconds', span: spanInput(900), severity: 'critical', channels: [] };
}

function conditionForm({ signal, labels, operator, limit }: OpsCondition): ConditionForm {
  const scales = SCALES[OPS_SIGNALS[signal].unit];
  const value = limit.kind === 'number' ? limit.value : undefined;
  const scale = scales.findLast(({ factor }) => value !== undefined && value !== 0 && value % factor === 0);
  const factor = scale?.factor ?? 1;
  return {
    key: nextKey(),
    signal,
    labels: pairsOfLabels(labels),
    operator,
    limit: limit.kind,
    value: value === undefined ? '' : String(value / factor),
    factor,
    setting: limit.kind === 'setting' ? limit.key : undefined,
  };
}

const EMPTY: OpsRuleDraft = {
  name: '',
  description: '',
  advice: '',
  enabled: true,
  match: 'all',
  conditions: [],
  for_seconds: 0,
  resolve_after_seconds: 120,
  severity: 'medium',
  notify: true,
  labels: {},
  remediation: null,
  escalation: [],
};

/** @param draft without it a new one */
export function ruleForm(draft: OpsRuleDraft = EMPTY): RuleForm {
  const { remediation, conditions } = draft;
  return {
    name: draft.name,
    description: draft.description,
    advice: draft.advice,
    enabled: draft.enabled,
    match: draft.match,
    conditions: conditions.length === 0 ? [newCondition()] : conditions.map(conditionForm),
    for: spanInput(draft.for_seconds),
    resolve_after: spanInput(draft.resolve_after_seconds),
    severity: draft.severity,
    notify: draft.notify,
    labels: pairsOfLabels(draft.labels),
    remediator: remediation?.remediator,
    ask: remediation?.ask ?? false,
    cool_down: spanInput(remediation?.cool_down_seconds ?? 300),
    max_attempts: String(remediation?.max_attempts ?? 3),
    max_per_hour: String(remediation?.max_per_hour ?? 6),
    escalation: draft.escalation.map(({ after, severity, channels }) => ({
      key: nextKey(),
      after: after.kind,
      span: spanInput(after.kind === 'seconds' ? after.seconds : 900),
      severity,
      channels,
    })),
  };
}

/** What a person can say of a rule, without what the engine says of it. */
export function draftOfRule(rule: OpsRule): OpsRuleDraft {
  const { name, description, advice, enabled, match, conditions, for_seconds, resolve_after_seconds } = rule;
  const { severity, notify, labels, remediation, escalation } = rule;
  return {
    name,
    description,
    advice,
    enabled,
    match,
    conditions,
    for_seconds,
    resolve_after_seconds,
    severity,
    notify,
    labels,
    remediation,
    escalation,
  };
}

/** What the form says, right or not. */
function said(form: RuleForm) {
  return {
    name: form.name.trim(),
    description: form.description.trim(),
    advice: form.advice.trim(),
    enabled: form.enabled,
    match: form.match,
    conditions: form.conditions.map(({ signal, labels, operator, limit, value, factor, setting }) => ({
      signal,
      labels: labelsOfPairs(labels),
      operator,
      limit:
        limit === 'number'
          ? { kind: 'number', value: numberOf(value) * factor }
          : { kind: 'setting', key: setting ?? settingsFor(signal)[0] },
    })),
    for_seconds: secondsOf(form.for),
    resolve_after_seconds: secondsOf(form.resolve_after),
    severity: form.severity,
    notify: form.notify,
    labels: labelsOfPairs(form.labels),
    remediation:
      form.remediator === undefined
        ? null
        : {
            remediator: form.remediator,
            ask: form.ask,
            cool_down_seconds: secondsOf(form.cool_down),
            max_attempts: numberOf(form.max_attempts),
            max_per_hour: numberOf(form.max_per_hour),
          },
    escalation: form.escalation.map(({ after, span, severity, channels }) => ({
      after: after === 'attempts' ? { kind: 'attempts' } : { kind: 'seconds', seconds: secondsOf(span) },
      severity,
      channels: [...channels],
    })),
  };
}

export type CheckedRule = { kind: 'right'; draft: OpsRuleDraft } | { kind: 'wrong'; faults: Faults };

/** @returns what it means, or what is wrong, by the paths of the contract */
export function draftOf(form: RuleForm): CheckedRule {
  const spoken = said(form);
  const faults: Record<string, string> = {
    ...faultsIn(opsRuleDraft, spoken),
    ...pairFaults(form),
    ...stepFaults(form),
  };
  if (spoken.name === '') faults.name = 'A rule needs a name.';
  const parsed = opsRuleDraft.safeParse(spoken);
  return parsed.success && Object.keys(faults).length === 0
    ? { kind: 'right', draft: parsed.data }
    : { kind: 'wrong', faults };
}

function pairFaults(form: RuleForm): Faults {
  const faults: Record<string, string> = {};
  const own = pairsFault(form.labels, true);
  if (own !== undefined) faults.labels = own;
  for (const [index, { labels }] of form.conditions.entries()) {
    const fault = pairsFault(labels, true);
    if (fault !== undefined) faults[`conditions[${index}].labels`] = fault;
  }
  return faults;
}

/** A step that waits for attempts which nobody makes never comes. */
function stepFaults({ escalation, remediator }: RuleForm): Faults {
  const index = escalation.findIndex(({ after }) => after === 'attempts');
  if (index < 0 || remediator !== undefined) return {};
  return { [`escalation[${index}].after`]: 'There are no attempts: choose what is done, or another time.' };
}
