/** What the form of a breaker's settings holds, what is wrong with it, and what is sent. Pure. */
import type { Breaker } from '../../../../../src-contract/index.ts';

export interface SettingsForm {
  enabled: boolean;
  threshold: string;
  reset_seconds: string;
}
export type SettingName = Breaker['changed'][number];
export type SettingsErrors = Partial<Record<SettingName, string>>;
export type SettingsPatch = { [K in SettingName]?: Breaker[K] };

const BOUNDS = { threshold: 10, reset_seconds: 3600 } as const;

export const formOf = ({ enabled, threshold, reset_seconds }: Breaker): SettingsForm => ({
  enabled,
  threshold: String(threshold),
  reset_seconds: String(reset_seconds),
});

/** Only what was changed: what is sent counts as set by a person from then on. */
export function patchOf(form: SettingsForm, breaker: Breaker): { patch: SettingsPatch } | { errors: SettingsErrors } {
  const patch: SettingsPatch = form.enabled === breaker.enabled ? {} : { enabled: form.enabled };
  const errors: SettingsErrors = {};
  for (const name of ['threshold', 'reset_seconds'] as const) {
    const value = wholeNumber(form[name]);
    if (value === undefined || value < 1 || value > BOUNDS[name]) {
      errors[name] = `A whole number from 1 to ${BOUNDS[name].toLocaleString('en')}.`;
    } else if (value !== breaker[name]) patch[name] = value;
  }
  return Object.keys(errors).length > 0 ? { errors } : { patch };
}

function wholeNumber(typed: string): number | undefined {
  const text = typed.trim();
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
