import { describe, expect, it } from 'vitest';
import type { OpsSilence } from '../../../../../src-contract/index.ts';
import { newPair } from '../../fields/pairs.ts';
import { isMatched, type SilenceForm, silenceForm, silenceOf } from './silence-form.ts';
import { inOrder, timeWords } from './silence-words.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const form = (patch: Partial<SilenceForm> = {}): SilenceForm => ({
  ...silenceForm(undefined, NOW),
  reason: 'Upgrade',
  ...patch,
});

describe('the form of a silence', () => {
  it('is of an hour from now, for every alert, until something else is chosen', () => {
    expect(silenceOf(form(), NOW)).toEqual({
      input: {
        matchers: [],
        time: { kind: 'once', from: '2026-11-30T12:00:00.000Z', to: '2026-11-30T13:00:00.000Z' },
        hold_actions: false,
        reason: 'Upgrade',
      },
    });
  });

  it('is about what the alert is about that it was opened from', () => {
    const { matchers } = silenceForm({ rule_id: 'disk-full', labels: { node: 'ada' } } as never, NOW);
    expect(matchers.map(({ label, value }) => [label, value])).toEqual([
      ['rule', 'disk-full'],
      ['node', 'ada'],
    ]);
  });

  it('needs a reason, and labels that make sense', () => {
    expect(silenceOf(form({ reason: ' ' }), NOW)).toEqual({
      faults: { reason: 'Say why: others see what is kept quiet.' },
    });
    expect(silenceOf(form({ matchers: [newPair('', 'x')] }), NOW)).toMatchObject({
      faults: { matchers: 'A value needs the name of its label.' },
    });
  });

  it.each([
    [
      { from: '', to: '' },
      { 'time.from': 'Choose a day and a time.', 'time.to': 'Choose a day and a time.' },
    ],
    [{ from: '2026-11-20T10:00', to: '2026-11-20T11:00' }, { 'time.to': 'Lies in the past: choose a time to come.' }],
    [{ from: '2030-01-02T10:00', to: '2030-01-01T10:00' }, { 'time.to': 'Must be later than the beginning.' }],
  ])('says what is wrong with %o', (times, faults) => {
    expect(silenceOf(form({ length: 'custom', ...times }), NOW)).toEqual({
      faults: expect.objectContaining(faults),
    });
  });

  it('is a window of every week, its days in order and the last one whole', () => {
    const weekly = form({ kind: 'weekly', days: ['sun', 'mon'], time_zone: 'Europe/Berlin', until: '2027-01-31' });
    expect(silenceOf(weekly, NOW)).toMatchObject({
      input: {
        time: {
          kind: 'weekly',
          days: ['mon', 'sun'],
          from: '02:00',
          to: '04:00',
          time_zone: 'Europe/Berlin',
          until: new Date('2027-01-31T23:59:59').toISOString(),
        },
      },
    });
    expect(silenceOf(form({ kind: 'weekly', days: [], time_zone: '', window_to: '' }), NOW)).toEqual({
      faults: {
        'time.days': 'Choose at least one day.',
        'time.to': 'It must be a time such as 22:30.',
        'time.time_zone': expect.any(String),
      },
    });
    expect(silenceOf(form({ kind: 'weekly', until: '2026-11-01' }), NOW)).toEqual({
      faults: { 'time.until': 'Lies in the past: choose a day to come.' },
    });
  });

  it('knows which alerts it would keep quiet', () => {
    const alert = { rule_id: 'disk-full', severity: 'high', labels: { node: 'ada-1' } } as const;
    expect(isMatched(alert, [])).toBe(true);
    expect(isMatched(alert, [{ label: 'node', value: 'ada*' }])).toBe(true);
    expect(
      isMatched(alert, [
        { label: 'rule', value: 'disk-full' },
        { label: 'severity', value: 'high' },
      ]),
    ).toBe(true);
    expect(isMatched(alert, [{ label: 'node', value: 'ada' }])).toBe(false);
    expect(isMatched(alert, [{ label: 'toString', value: 'f*' }])).toBe(false);
    expect(isMatched(alert, [{ label: 'worker', value: '*' }])).toBe(true);
  });
});

describe('what is said of silences', () => {
  const weekly = { kind: 'weekly', from: '22:00', to: '04:00', time_zone: 'UTC', until: null } as const;

  it.each([
    [['sun', 'mon'], 'Monday, Sunday, 22:00 to 04:00 of the next day (UTC)'],
    [['fri', 'mon', 'tue', 'wed', 'thu'], 'Monday to Friday, 22:00 to 04:00 of the next day (UTC)'],
    [['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 'Every day, 22:00 to 04:00 of the next day (UTC)'],
  ] as const)('%o', (days, words) => {
    expect(timeWords({ ...weekly, days: [...days] })).toBe(words);
  });

  it('puts what holds first', () => {
    const silence = (status: OpsSilence['status'], created_at: string) => ({ status, created_at }) as OpsSilence;
    const silences = [silence('over', '3'), silence('holds', '1'), silence('waiting', '2'), silence('holds', '2')];
    expect(inOrder(silences).map(({ status, created_at }) => status + created_at)).toEqual([
      'holds2',
      'holds1',
      'waiting2',
      'over3',
    ]);
  });
});
