/** Values, sources and states of settings in words. Pure. */
import type { Setting, SettingKind, SettingSource, SettingValue } from '../../../../../src-contract/index.ts';
import { number } from '../../../../ui/format.ts';
import { type Draft, isOvertaken } from './drafts.ts';
import { isSameValue } from './typed-value.ts';

/** `60 minutes`, `on`, `nothing`. */
export function valueText(kind: SettingKind | undefined, value: SettingValue): string {
  if (value === null) return kind?.kind === 'secret' ? 'not set' : 'nothing';
  if (typeof value === 'boolean') return kind?.kind === 'secret' ? (value ? 'set' : 'not set') : value ? 'on' : 'off';
  if (typeof value === 'number') {
    // Without a unit it is a name, such as that of a port.
    return kind?.kind === 'number' && kind.unit !== null ? `${number(value)} ${kind.unit}` : String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (kind?.kind === 'choice') return kind.options.find((option) => option.value === value)?.label ?? value;
  return value === '' ? 'empty' : value;
}

/** A value as it is set: nothing where none is. */
export const ownText = (kind: SettingKind | undefined, value: SettingValue): string =>
  value === null ? 'no own value' : valueText(kind, value);

/** Where the value in force comes from. */
export function sourceText(source: SettingSource): string {
  switch (source.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `from ${source.path}`;
    case 'environment':
      return `set by ${source.variable} in the environment`;
    case 'flag':
      return `set by the flag ${source.flag}`;
    case 'device':
      return 'set for this computer';
    case 'org':
      return 'set for the organisation';
    case 'user':
      return 'set for this user';
  }
}

export const SCOPE_WORDS: Readonly<Record<Setting['scope'], { label: string; help: string }>> = {
  device: { label: 'this computer', help: 'Holds on this computer only.' },
  org: { label: 'organisation', help: 'Holds for everybody and every computer of the organisation.' },
  user: { label: 'per user', help: 'Holds for everybody; each user can have a value of their own.' },
};

/** Whether what holds is not the default; of a secret only whether there is one is known. */
export const isChanged = ({ kind, value, default: fallback, is_set }: Setting): boolean =>
  kind.kind === 'secret' ? is_set : !isSameValue(value, fallback);

export type SettingState = 'invalid' | 'overtaken' | 'unsaved' | 'waits' | 'in_force';

/** How a setting is, the most urgent first. */
export function stateOf(setting: Setting, draft: Draft | undefined, problem: string | undefined): SettingState {
  if (problem !== undefined) return 'invalid';
  if (isOvertaken(setting, draft)) return 'overtaken';
  if (draft !== undefined) return 'unsaved';
  return setting.waits ? 'waits' : 'in_force';
}

export const STATE_WORDS: Readonly<Record<SettingState, { label: string; dot: string }>> = {
  invalid: { label: 'Not valid', dot: 'bg-bad rotate-45' },
  overtaken: { label: 'Changed by somebody else meanwhile', dot: 'bg-warn' },
  unsaved: { label: 'Not saved', dot: 'bg-accent-text rounded-full' },
  waits: { label: 'Waits for a restart', dot: 'bg-warn' },
  in_force: { label: 'In force', dot: 'bg-ok rounded-full' },
};
