import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SettingKind } from '../../../../../src-contract/index.ts';
import { apiKey, enabled, origins, sample, ttl, url } from './setting-samples.ts';
import { readTyped, typedOf } from './typed-value.ts';

const number = (min: number, max: number, integer = true): SettingKind => ({
  kind: 'number',
  integer,
  min,
  max,
  unit: 'minutes',
  step: null,
});
const text = (
  format: Extract<SettingKind, { kind: 'text' }>['format'],
  nullable = false,
): Extract<SettingKind, { kind: 'text' }> => ({ kind: 'text', format, nullable });

const of = (kind: SettingKind) => ({ kind, default: kind.kind === 'text' && kind.nullable ? null : '' });

describe('what is typed for a setting', () => {
  it('means the value that is set, as long as nobody has typed', () => {
    const values = fc.oneof(
      fc.integer({ min: 1, max: 525_600 }).map((value) => ({ ...ttl, value })),
      fc.boolean().map((value) => ({ ...enabled, value })),
      fc.webUrl().map((value) => ({ ...url, value })),
      fc.uniqueArray(fc.webUrl(), { maxLength: 5 }).map((value) => ({ ...origins, value })),
    );
    fc.assert(
      fc.property(values, (setting) => {
        expect(readTyped(setting, typedOf(setting))).toEqual({ value: setting.value });
      }),
    );
  });

  it.each(['', ' ', 'ten', '1.5', '0', '11', '1e1', '0x5', '-3', '٣', 'Infinity', '5 minutes'])(
    'is refused as a whole number from 1 to 10: "%s"',
    (typed) => {
      expect(readTyped(of(number(1, 10)), typed)).toEqual({ problem: 'A whole number from 1 to 10 minutes.' });
    },
  );

  it('never makes a number out of bounds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), (typed) => {
        const read = readTyped(of(number(-5, 5, false)), typed);
        if ('value' in read) expect(Math.abs(Number(read.value))).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('takes an empty number as none where none is the default', () => {
    expect(readTyped({ kind: number(1, 10), default: null }, '')).toEqual({ value: null });
    expect(readTyped({ kind: number(1, 10), default: null }, 'x')).toMatchObject({ problem: expect.any(String) });
  });

  it('takes fractions where they are allowed', () => {
    expect(readTyped(of(number(0, 1, false)), ' 0.05 ')).toEqual({ value: 0.05 });
  });

  it.each([
    ['url', 'http://127.0.0.1:11434/v1', true],
    ['url', '127.0.0.1', false],
    ['email', 'ana@example.org', true],
    ['email', 'Archon <archon@example.org>', true],
    ['email', 'ana', false],
    ['schedule', '15m', true],
    ['schedule', 'manual', true],
    ['schedule', '0 3 * * *', true],
    ['schedule', 'CRON_TZ=Europe/Berlin 0 3 * * *', true],
    ['schedule', '400d', false],
    ['schedule', 'hourly', false],
    ['time_zone', 'Europe/Berlin', true],
    ['time_zone', 'Europe/Atlantis', false],
    ['path', '/etc/ssl/ca.pem', true],
  ] as const)('looks at a %s: "%s"', (format, typed, isRight) => {
    expect('value' in readTyped(of(text(format)), typed)).toBe(isRight);
  });

  it('takes an empty text as none where there can be none', () => {
    expect(readTyped(of(text('url', true)), '  ')).toEqual({ value: null });
    expect(readTyped(of(text('url')), '  ')).toEqual({ problem: 'It must not be empty.' });
  });

  it('takes each line of a list once, and empty ones not', () => {
    expect(readTyped(origins, [' https://a.example ', '', 'https://b.example', 'https://a.example'])).toEqual({
      value: ['https://a.example', 'https://b.example'],
    });
  });

  it('refuses what is no option', () => {
    const kind: SettingKind = { kind: 'choice', options: [{ value: 'info', label: 'Info' }] };
    expect(readTyped(of(kind), 'info')).toEqual({ value: 'info' });
    expect(readTyped(of(kind), 'loud')).toMatchObject({ problem: expect.any(String) });
  });

  it('never shows a secret, and sends none that is empty', () => {
    expect(typedOf({ ...apiKey, value: 'sk-1' })).toBe(false);
    expect(readTyped(apiKey, '')).toMatchObject({ problem: expect.any(String) });
    expect(readTyped(apiKey, 'sk-2')).toEqual({ value: 'sk-2' });
    expect(readTyped(apiKey, null)).toEqual({ value: null });
  });

  it('keeps a value that is none of its kind from breaking the form', () => {
    for (const setting of [ttl, enabled, url, origins]) {
      expect(() => typedOf(sample({ ...setting, value: null }))).not.toThrow();
    }
  });
});
