import { describe, expect, it } from 'vitest';
import type { SettingConflict } from '../../../../../src-contract/index.ts';
import {
  afterSaving,
  changesOf,
  type Draft,
  dropDrafts,
  isOvertaken,
  NO_DRAFTS,
  problemsOf,
  resetsOf,
  settle,
  settleChanges,
  shownTyped,
  typeInto,
  unsavedValues,
} from './drafts.ts';
import { apiKey, enabled, sample, ttl, url } from './setting-samples.ts';

const own = sample({ value: 30, is_set: true, source: { kind: 'org' } });
const conflict = (key: string): SettingConflict => ({
  key,
  yours: 90,
  theirs: 120,
  revision: 'theirs',
  by: 'ana',
  at: null,
});

describe('drafts of settings', () => {
  it('are there only while something differs from what is set', () => {
    const typed = typeInto(NO_DRAFTS, ttl, '90');
    expect([...typed.keys()]).toEqual([ttl.key]);
    expect(typeInto(typed, ttl, ' 60 ').size).toBe(0);
    expect(typeInto(NO_DRAFTS, ttl, '').size).toBe(1);
    expect(typeInto(NO_DRAFTS, enabled, true).size).toBe(0);
    expect(typeInto(NO_DRAFTS, url, ' ').size).toBe(0);
  });

  it('are there for the way back only when there is an own value', () => {
    expect(typeInto(NO_DRAFTS, ttl, null).size).toBe(0);
    expect(typeInto(NO_DRAFTS, own, null).size).toBe(1);
  });

  it('show what would hold when the own value goes', () => {
    const drafts = typeInto(NO_DRAFTS, { ...own, inherited: 45 }, null);
    expect(shownTyped({ ...own, inherited: 45 }, drafts.get(ttl.key))).toBe('45');
    expect(shownTyped(own, undefined)).toBe('30');
    expect(shownTyped(apiKey, { typed: null, revision: 'a' })).toBe(null);
  });

  it('send what is right, on the revision that was first typed on', () => {
    let drafts = typeInto(NO_DRAFTS, ttl, '9');
    drafts = typeInto(drafts, { ...ttl, revision: 'b' }, '90');
    drafts = typeInto(drafts, url, 'nowhere');
    expect(changesOf([ttl, url, enabled], drafts)).toEqual([{ key: ttl.key, value: 90, revision: 'a' }]);
    expect(unsavedValues([ttl, url, enabled], drafts)).toEqual({ [ttl.key]: 90 });
    expect([...problemsOf([ttl, url, enabled], drafts).keys()]).toEqual([url.key]);
  });

  it('do not go over what somebody else saved meanwhile without a word', () => {
    const draft = typeInto(NO_DRAFTS, ttl, '90').get(ttl.key);
    expect(isOvertaken(ttl, draft)).toBe(false);
    expect(isOvertaken({ ...ttl, revision: 'b', value: 120 }, draft)).toBe(true);
    expect(isOvertaken({ ...ttl, revision: 'b' }, undefined)).toBe(false);
  });

  it('settle a conflict setting by setting', () => {
    const drafts = typeInto(typeInto(NO_DRAFTS, ttl, '90'), url, 'https://a.example');
    const conflicts = [conflict(ttl.key), conflict(url.key)];
    const choiceOf = (key: string) => (key === ttl.key ? 'mine' : 'theirs');
    const settled = settle(drafts, conflicts, choiceOf);
    expect([...settled]).toEqual([[ttl.key, { typed: '90', revision: 'theirs' }]]);
    const changes = [
      { key: ttl.key, value: 90, revision: 'a' },
      { key: url.key, value: 'https://a.example', revision: 'a' },
      { key: enabled.key, value: null, revision: 'a' },
    ];
    expect(settleChanges(changes, conflicts, choiceOf)).toEqual([
      { key: ttl.key, value: 90, revision: 'theirs' },
      { key: enabled.key, value: null, revision: 'a' },
    ]);
  });

  it('are gone after saving, but for what was typed on meanwhile', () => {
    const sent = typeInto(typeInto(NO_DRAFTS, ttl, '90'), url, 'https://a.example');
    const now = new Map<string, Draft>(sent).set(ttl.key, { typed: '95', revision: 'a' });
    const saved = [sample({ value: 90, revision: 'c' }), { ...url, revision: 'c' }];
    expect([...afterSaving(now, sent, saved)]).toEqual([[ttl.key, { typed: '95', revision: 'c' }]]);
    expect([...afterSaving(dropDrafts(now, [ttl.key]), sent, saved)]).toEqual([]);
  });

  it('reset what has an own value and is not locked', () => {
    const locked = sample({ key: 'log.level', is_set: true, locked: 'by ARCHON_LOG_LEVEL' });
    expect(resetsOf([ttl, own, locked])).toEqual([{ key: ttl.key, value: null, revision: 'a' }]);
  });
});
