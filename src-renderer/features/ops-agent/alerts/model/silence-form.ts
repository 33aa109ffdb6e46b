/** What the form of a silence holds, what it means, and what is wrong with it. Pure; the present is given. */
import { z } from 'zod';
import type { Inputs, OpsAlert, OpsMatcher, OpsSilenceTime } from '../../../../../src-contract/index.ts';
import { opsMatcher, opsSilenceTime } from '../../../../../src-contract/ops-alerts.ts';
import { labelText } from '../../../../../src-contract/primitives.ts';
import { type Faults, faultsIn } from '../../fields/faults.ts';
import { matchersOfPairs, newPair, type Pair, pairsFault, pairsOfLabels } from '../../fields/pairs.ts';
import { ownTimeZone } from '../../fields/TimeZoneField.tsx';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];
export const DAY_NAMES: Readonly<Record<Day, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

export const LENGTHS = ['1', '4', '24', 'custom'] as const;
/** Hours from now. */
export type Length = (typeof LENGTHS)[number];

/** Each kind keeps what was typed while the other is chosen. */
export interface SilenceForm {
  matchers: readonly Pair[];
  kind: OpsSilenceTime['kind'];
  length: Length;
  /** As a field for times has it, where the person is; of a custom length. */
  from: string;
  to: string;
  days: readonly Day[];
  window_from: string;
  window_to: string;
  time_zone: string;
  /** A day; empty for good. */
  until: string;
  hold_actions: boolean;
  reason: string;
}

export type SilenceInput = Inputs['opsAlerts']['silence'];

export const MOST_MATCHERS = 20;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** @param alert the one that it shall be about: what matches it is written already */
export function silenceForm(alert: OpsAlert | undefined, now_ms: number): SilenceForm {
  return {
    matchers: alert === undefined ? [] : [newPair('rule', alert.rule_id), ...pairsOfLabels(alert.labels)],
    kind: 'once',
    length: '1',
    from: localMinute(now_ms),
    to: localMinute(now_ms + 8 * HOUR_MS),
    days: ['sun'],
    window_from: '02:00',
    window_to: '04:00',
    time_zone: ownTimeZone(),
    until: '',
    hold_actions: false,
    reason: '',
  };
}

/** As a field for times has it, to the minute. */
function localMinute(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

const schema = z.object({ matchers: z.array(opsMatcher).max(MOST_MATCHERS), time: opsSilenceTime, reason: labelText });

/** @returns what the engine is asked for, or what is wrong, by the fields of the form */
export function silenceOf(form: SilenceForm, now_ms: number): { input: SilenceInput } | { faults: Faults } {
  const input: SilenceInput = {
    matchers: matchersOfPairs(form.matchers),
    time: timeOf(form, now_ms),
    hold_actions: form.hold_actions,
    reason: form.reason.trim(),
  };
  const fault = pairsFault(form.matchers, true);
  const faults: Faults = {
    ...faultsIn(schema, input),
    ...timeFaults(form, now_ms),
    ...(input.reason === '' ? { reason: 'Say why: others see what is kept quiet.' } : {}),
    ...(fault === undefined ? {} : { matchers: fault }),
  };
  return Object.keys(faults).length > 0 ? { faults } : { input };
}

function timeOf(form: SilenceForm, now_ms: number): OpsSilenceTime {
  if (form.kind === 'weekly') {
    const { days, window_from: from, window_to: to, time_zone, until } = form;
    const ordered = DAYS.filter((day) => days.includes(day));
    return { kind: 'weekly', days: ordered, from, to, time_zone: time_zone.trim(), until: endOfDay(until) };
  }
  if (form.length !== 'custom') {
    const to_ms = now_ms + Number(form.length) * HOUR_MS;
    return { kind: 'once', from: new Date(now_ms).toISOString(), to: new Date(to_ms).toISOString() };
  }
  return { kind: 'once', from: instantOf(form.from), to: instantOf(form.to) };
}

/** Empty for what is no time: the schema refuses it. */
function instantOf(typed: string): string {
  const at = new Date(typed);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}

/** The day that was chosen is the last. */
const endOfDay = (day: string): string | null => (day === '' ? null : instantOf(`${day}T23:59:59`));

function timeFaults(form: SilenceForm, now_ms: number): Faults {
  if (form.kind === 'weekly') {
    return {
      ...(form.days.length === 0 ? { 'time.days': 'Choose at least one day.' } : {}),
      ...(form.until !== '' && Date.parse(endOfDay(form.until) ?? '') < now_ms
        ? { 'time.until': 'Lies in the past: choose a day to come.' }
        : {}),
    };
  }
  if (form.length !== 'custom') return {};
  const [from, to] = [Date.parse(form.from), Date.parse(form.to)];
  return {
    ...(Number.isNaN(from) ? { 'time.from': 'Choose a day and a time.' } : {}),
    ...(Number.isNaN(to)
      ? { 'time.to': 'Choose a day and a time.' }
      : to <= now_ms
        ? { 'time.to': 'Lies in the past: choose a time to come.' }
        : to <= from
          ? { 'time.to': 'Must be later than the beginning.' }
          : {}),
  };
}

/** Whether a silence with these would be about an alert. */
export function isMatched(
  { rule_id, severity, labels }: Pick<OpsAlert, 'rule_id' | 'severity' | 'labels'>,
  matchers: readonly OpsMatcher[],
): boolean {
  const facts: Readonly<Record<string, string>> = { ...labels, rule: rule_id, severity };
  return matchers.every(({ label, value }) => {
    const fact = Object.hasOwn(facts, label) ? facts[label] : undefined;
    // A label that is not there can be anything, too.
    if (value === '*') return true;
    return value.endsWith('*') ? fact?.startsWith(value.slice(0, -1)) === true : fact === value;
  });
}
