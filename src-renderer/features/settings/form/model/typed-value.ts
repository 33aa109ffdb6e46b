/**
 * What stands in the control of a setting, and the value it means. Pure.
 *
 * Numbers stay text while they are typed: what is no number yet must not be thrown away.
 */
import type { Setting, SettingKind, SettingValue } from '../../../../../src-contract/index.ts';
import { number } from '../../../../ui/format.ts';
import { isSchedule } from './schedule-text.ts';

/** Null takes the own value back. */
export type Typed = string | boolean | readonly string[] | null;
export type Read = { value: SettingValue } | { problem: string };

/** The control of a setting nobody has touched. */
export function typedOf({ kind, value }: Pick<Setting, 'kind' | 'value'>): Typed {
  switch (kind.kind) {
    case 'switch':
      return value === true;
    case 'number':
      return typeof value === 'number' ? String(value) : '';
    case 'list':
      return Array.isArray(value) ? value : [];
    case 'choice':
    case 'text':
      return typeof value === 'string' ? value : '';
    case 'secret':
      // Nobody is told what it is; a text is one that takes its place.
      return false;
  }
}

/** The value that is meant, or what is wrong with it. Null: the own value is taken back. */
export function readTyped({ kind, default: fallback }: Pick<Setting, 'kind' | 'default'>, typed: Typed): Read {
  if (typed === null) return { value: null };
  switch (kind.kind) {
    case 'switch':
      return { value: typed === true };
    case 'number':
      // Where nothing is the default, an empty field says nothing.
      return typed === '' && fallback === null ? { value: null } : readNumber(kind, String(typed));
    case 'choice':
      return kind.options.some(({ value }) => value === typed)
        ? { value: String(typed) }
        : { problem: 'Choose one of the list.' };
    case 'text':
      return readText(kind, String(typed));
    case 'list':
      return { value: linesOf(typed) };
    case 'secret':
      return typeof typed !== 'string' || typed === ''
        ? { problem: 'Enter the secret, or leave it as it is.' }
        : { value: typed };
  }
}

type KindOf<K extends SettingKind['kind']> = Extract<SettingKind, { kind: K }>;

/** `A whole number from 1 to 10 minutes.` */
export function boundsText({ integer, min, max, unit }: KindOf<'number'>): string {
  return `A ${integer ? 'whole number' : 'number'} from ${number(min)} to ${number(max)}${unit === null ? '' : ` ${unit}`}.`;
}

function readNumber(kind: KindOf<'number'>, typed: string): Read {
  const text = typed.trim();
  const value = /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
  const isAllowed = value >= kind.min && value <= kind.max && (!kind.integer || Number.isInteger(value));
  return isAllowed ? { value } : { problem: boundsText(kind) };
}

const TEXT_RULES: Readonly<
  Record<KindOf<'text'>['format'], { isRight(text: string): boolean; problem: string } | undefined>
> = {
  text: undefined,
  path: undefined,
  url: { isRight: (text) => URL.canParse(text), problem: 'A URL, such as https://example.org/path.' },
  email: {
    // Who receives mail knows best; `Archon <archon@example.org>` is one, too.
    isRight: (text) => /[^\s@]@[^\s@]/.test(text),
    problem: 'A mail address, such as ana@example.org.',
  },
  schedule: {
    isRight: isSchedule,
    problem: '“manual”, an interval such as 15m, 1h or 1d, or a cron expression such as 0 3 * * *.',
  },
  time_zone: { isRight: isTimeZone, problem: 'A time zone, such as UTC or Europe/Berlin.' },
};

function readText({ format, nullable }: KindOf<'text'>, typed: string): Read {
  const text = typed.trim();
  if (text === '') return nullable ? { value: null } : { problem: 'It must not be empty.' };
  const rule = TEXT_RULES[format];
  return rule === undefined || rule.isRight(text) ? { value: text } : { problem: rule.problem };
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** Items without spaces around them, each once; empty lines are none. */
function linesOf(typed: Typed): string[] {
  const lines = Array.isArray(typed) ? typed : [];
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))];
}

export const isSameValue = (one: SettingValue, other: SettingValue): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
