import { describe, expect, it } from 'vitest';
import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { alertText, lastsWords, marksOf, valueWords } from './alert-words.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');

const alert = (patch: Partial<OpsAlert> = {}): OpsAlert => ({
  id: '0193a1b2-0000-7000-8000-000000000001',
  fingerprint: 'f',
  rule_id: 'api-slow',
  rule_name: 'The API is slow',
  severity: 'low',
  labels: { node: 'ada' },
  summary: 'Slow answers on ada',
  cause: null,
  advice: null,
  signal: 'api_latency_p95_ms',
  value: 512,
  worst: 830,
  limit: 500,
  notify: true,
  state: { state: 'firing', since: '2026-11-30T11:57:00.000Z' },
  started_at: '2026-11-30T11:54:00.000Z',
  ended_at: null,
  fired: 1,
  unknown_since: null,
  acknowledged: null,
  silenced_by: null,
  inhibited_by: null,
  escalation: 0,
  ...patch,
});

describe('what is said of an alert', () => {
  it.each([
    [{ state: 'pending', since: '2026-11-30T11:59:30.000Z' }, 'for 30 s'],
    [{ state: 'firing', since: '2026-11-30T11:57:00.000Z' }, 'for 3 min'],
    [
      { state: 'clearing', since: '2026-11-30T10:00:00.000Z', clear_since: '2026-11-30T11:59:00.000Z' },
      'clear for 1 min',
    ],
    [{ state: 'resolved', since: '2026-11-30T09:00:00.000Z', at: '2026-11-30T11:00:00.000Z' }, 'fired for 2 h'],
    [{ state: 'resolved', since: null, at: '2026-11-30T11:55:00.000Z' }, 'never fired, held for 1 min'],
    // The clock of the computer is behind that of the engine.
    [{ state: 'firing', since: '2026-11-30T12:00:30.000Z' }, 'for 0 s'],
  ] as const)('%o has lasted %s', (state, words) => {
    expect(lastsWords(alert({ state }), NOW)).toBe(words);
  });

  it('is its value, the worst and the limit, in the unit of the signal', () => {
    expect(valueWords(alert())).toBe('512 ms, worst 830 ms; the limit is 500 ms');
    expect(valueWords(alert({ worst: 512 }))).toBe('512 ms; the limit is 500 ms');
    expect(valueWords(alert({ value: null, worst: null }))).toBe('not observed; the limit is 500 ms');
  });

  it('is what keeps it quiet, and who is at it', () => {
    expect(marksOf(alert())).toEqual([]);
    const many = alert({
      acknowledged: { by: 'ana\u202e', at: '2026-11-30T11:58:00.000Z', note: null },
      silenced_by: '0193a1b2-0000-7000-8000-000000000002',
      inhibited_by: '0193a1b2-0000-7000-8000-000000000003',
      escalation: 1,
      unknown_since: '2026-11-30T11:58:00.000Z',
      notify: false,
      fired: 3,
    });
    expect(marksOf(many)).toEqual([
      'ana‹U+202E› is at it',
      'silenced',
      'a consequence',
      'escalated',
      'not observed',
      'not sent',
      'fired 3 times',
    ]);
  });

  it('can be handed on as text', () => {
    const text = alertText(alert({ cause: 'The disk is full', advice: 'Free some.' }));
    expect(text.split('\n')).toEqual([
      '[low] Slow answers on ada',
      expect.stringMatching(/^Firing, since /),
      'Slow answers (p95): 512 ms, worst 830 ms; the limit is 500 ms',
      'node: ada',
      'Cause: The disk is full',
      'Advice: Free some.',
      'Rule: The API is slow (api-slow), alert 0193a1b2-0000-7000-8000-000000000001',
    ]);
  });
});
