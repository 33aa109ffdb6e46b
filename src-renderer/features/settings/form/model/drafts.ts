/**
 * What was typed and is not saved yet, setting by setting. Pure.
 *
 * A draft knows the revision it was begun on: what somebody else saves meanwhile is not gone over without a word.
 */
import type { Setting, SettingChange, SettingConflict, SettingValue } from '../../../../../src-contract/index.ts';
import { isSameValue, readTyped, type Typed, typedOf } from './typed-value.ts';

export interface Draft {
  typed: Typed;
  /** Of the setting when the first key was pressed. */
  revision: string;
}
export type Drafts = ReadonlyMap<string, Draft>;
export const NO_DRAFTS: Drafts = new Map();

/** What is typed for a setting; without a difference to what is set there is no draft. */
export function typeInto(drafts: Drafts, setting: Setting, typed: Typed): Map<string, Draft> {
  const next = new Map(drafts);
  const revision = drafts.get(setting.key)?.revision ?? setting.revision;
  if (differs(setting, typed)) next.set(setting.key, { typed, revision });
  else next.delete(setting.key);
  return next;
}

export function dropDrafts(drafts: Drafts, keys: Iterable<string>): Map<string, Draft> {
  const next = new Map(drafts);
  for (const key of keys) next.delete(key);
  return next;
}

function differs(setting: Setting, typed: Typed): boolean {
  if (typed === null) return setting.is_set;
  const read = readTyped(setting, typed);
  // An empty secret is a field that was opened: it waits for its text.
  if ('problem' in read) return true;
  if (read.value === null) return setting.is_set;
  return setting.kind.kind === 'secret' || !isSameValue(read.value, setting.value);
}

/** What the control shows: what is typed, or what would hold without an own value. */
export function shownTyped(setting: Setting, draft: Draft | undefined): Typed {
  if (draft === undefined) return typedOf(setting);
  return draft.typed === null && setting.kind.kind !== 'secret' ? typedOf(inheritedOf(setting)) : draft.typed;
}

const inheritedOf = (setting: Setting): Setting => ({ ...setting, value: setting.inherited });

export type Problems = ReadonlyMap<string, string>;

/** What is wrong with what is typed, by key. */
export function problemsOf(settings: readonly Setting[], drafts: Drafts): Map<string, string> {
  const problems = new Map<string, string>();
  for (const setting of settings) {
    const draft = drafts.get(setting.key);
    const read = draft === undefined ? undefined : readTyped(setting, draft.typed);
    if (read !== undefined && 'problem' in read) problems.set(setting.key, read.problem);
  }
  return problems;
}

/** What is sent, of what is right; each change names the revision it was made on. */
export function changesOf(settings: readonly Setting[], drafts: Drafts): SettingChange[] {
  return settings.flatMap((setting) => {
    const { key } = setting;
    const draft = drafts.get(key);
    const read = draft === undefined ? undefined : readTyped(setting, draft.typed);
    if (draft === undefined || read === undefined || 'problem' in read) return [];
    return [{ key, value: read.value, revision: draft.revision }];
  });
}

/** Values that are right but not saved, for a test of what would be. */
export function unsavedValues(settings: readonly Setting[], drafts: Drafts): Record<string, SettingValue> {
  return Object.fromEntries(changesOf(settings, drafts).map(({ key, value }) => [key, value]));
}

/** What takes the own values back, of those that have one and may be changed. */
export const resetsOf = (settings: readonly Setting[]): SettingChange[] =>
  settings
    .filter(({ is_set, locked }) => is_set && locked === null)
    .map(({ key, revision }) => ({ key, value: null, revision }));

/** Somebody else saved it while this was typed. */
export const isOvertaken = (setting: Setting, draft: Draft | undefined): boolean =>
  draft !== undefined && draft.revision !== setting.revision;

export type Choice = 'mine' | 'theirs';

/** Mine goes over what is set now; theirs stays, and what was typed is let go. */
export function settle(
  drafts: Drafts,
  conflicts: readonly SettingConflict[],
  choiceOf: (key: string) => Choice,
): Map<string, Draft> {
  const next = new Map(drafts);
  for (const { key, revision } of conflicts) {
    const draft = drafts.get(key);
    if (draft === undefined) continue;
    if (choiceOf(key) === 'theirs') next.delete(key);
    else next.set(key, { ...draft, revision });
  }
  return next;
}

/** What is sent once more: without what is left as it is, and over what others set where that is meant. */
export function settleChanges(
  changes: readonly SettingChange[],
  conflicts: readonly SettingConflict[],
  choiceOf: (key: string) => Choice,
): SettingChange[] {
  const revisions = new Map(conflicts.map(({ key, revision }) => [key, revision]));
  return changes.flatMap((change) => {
    const revision = revisions.get(change.key);
    if (revision === undefined) return [change];
    return choiceOf(change.key) === 'mine' ? [{ ...change, revision }] : [];
  });
}

/** What was saved is a draft no more, unless it was typed on meanwhile. */
export function afterSaving(drafts: Drafts, sent: Drafts, saved: readonly Setting[]): Map<string, Draft> {
  const next = new Map(drafts);
  const settings = new Map(saved.map((setting) => [setting.key, setting]));
  for (const [key, { typed }] of sent) {
    const now = drafts.get(key);
    const setting = settings.get(key);
    if (now === undefined) continue;
    if (now.typed === typed || setting === undefined) next.delete(key);
    else next.set(key, { ...now, revision: setting.revision });
  }
  return next;
}
