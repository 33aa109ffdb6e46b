import { describe, expect, it } from 'vitest';
import { apiKey, sample, ttl } from './setting-samples.ts';
import { isChanged, sourceText, stateOf, valueText } from './setting-words.ts';

describe('settings in words', () => {
  it('says values with their unit', () => {
    expect(valueText(ttl.kind, 1440)).toBe('1,440 minutes');
    expect(valueText({ ...ttl.kind, unit: null } as typeof ttl.kind, 8181)).toBe('8181');
    expect(valueText({ kind: 'switch' }, true)).toBe('on');
    expect(valueText({ kind: 'list', item: 'origin' }, [])).toBe('none');
    expect(valueText({ kind: 'list', item: 'origin' }, ['a', 'b'])).toBe('a, b');
    expect(valueText({ kind: 'choice', options: [{ value: 'tls', label: 'TLS from the start' }] }, 'tls')).toBe(
      'TLS from the start',
    );
    expect(valueText(undefined, null)).toBe('nothing');
    expect(valueText({ kind: 'secret' }, true)).toBe('set');
    expect(valueText({ kind: 'secret' }, null)).toBe('not set');
  });

  it('says where a value comes from', () => {
    expect(sourceText({ kind: 'environment', variable: 'ARCHON_PORT' })).toBe('set by ARCHON_PORT in the environment');
    expect(sourceText({ kind: 'org' })).toBe('set for the organisation');
  });

  it('marks what is not the default, wherever it comes from', () => {
    expect(isChanged(ttl)).toBe(false);
    expect(isChanged(sample({ is_set: true }))).toBe(false);
    expect(isChanged(sample({ value: 90, source: { kind: 'environment', variable: 'X' } }))).toBe(true);
    expect(isChanged(apiKey)).toBe(false);
    expect(isChanged({ ...apiKey, is_set: true })).toBe(true);
  });

  it('shows the most urgent of what is the matter', () => {
    const draft = { typed: '90', revision: 'a' };
    expect(stateOf(ttl, undefined, undefined)).toBe('in_force');
    expect(stateOf(sample({ waits: true }), undefined, undefined)).toBe('waits');
    expect(stateOf(sample({ waits: true }), draft, undefined)).toBe('unsaved');
    expect(stateOf(sample({ revision: 'b' }), draft, undefined)).toBe('overtaken');
    expect(stateOf(sample({ revision: 'b' }), draft, 'Too small.')).toBe('invalid');
  });
});
