import { describe, expect, it } from 'vitest';
import type { Difference, Snapshot } from '../../../../src-contract/index.ts';
import { outcomeOf, progressInWords, shareOf, toCsv, whose } from './archive-words.ts';

const running = (into: Snapshot['into'], progress: Partial<Snapshot['progress']>): Snapshot => ({
  snapshot_id: '0190a000-0000-7000-8000-000000000001',
  state: 'running',
  name: 'As it was',
  into,
  source: 'Production',
  users: null,
  started_at: '2026-05-01T00:00:00.000Z',
  progress: { phase: 'reading', bytes_done: 0, bytes_total: null, records_done: 0, records_total: null, ...progress },
});

describe('a snapshot in words', () => {
  it('tells how far both phases are together', () => {
    expect(shareOf(running('copy', {}))).toBeNull();
    expect(shareOf(running('copy', { records_done: 50, records_total: 100 }))).toBe(0.25);
    expect(shareOf(running('copy', { phase: 'writing', bytes_done: 5, bytes_total: 10 }))).toBe(0.75);
    expect(shareOf(running('archive', { records_done: 150, records_total: 100 }))).toBe(1);
  });

  it('tells the phase and what was done', () => {
    expect(progressInWords(running('copy', { records_done: 2400, records_total: 10_000 }))).toMatch(
      /^1 of 2: reading, 2,400 of 10,000 records, /,
    );
    expect(progressInWords(running('archive', { records_done: 1 }))).toMatch(/^Reading, 1 record, /);
  });

  it('tells one that waits from one that was paused', () => {
    const paused = { ...running('copy', {}), state: 'paused' as const };
    expect(outcomeOf({ ...paused, reason: null }).text).toBe('Paused');
    expect(outcomeOf({ ...paused, reason: 'away' }).text).toBe('Waiting');
  });

  it('names one user and counts several', () => {
    expect([whose(null), whose(['ana']), whose(['ana', 'bo'])]).toEqual(['everybody', 'ana', '2 users']);
  });
});

describe('differences as a table', () => {
  const said = (text: string) => ({ text, is_cut: false, role: null, memory_type: 'fact', at: null });
  const one = (before: string, after: string): Difference => ({
    kind: 'changed',
    layer: 'longterm',
    user_id: 'ana',
    id: 'x',
    session_id: null,
    before: said(before),
    after: said(after),
    fields: [{ field: 'content', before: null, after: null }],
  });

  it('keeps commas, quotes and lines apart, and makes no formula', () => {
    const lines = toCsv([one('a, "b"\nc', '=HYPERLINK("x")')]).split('\r\n');
    expect(lines[0]).toBe('kind,layer,user_id,session_id,id,fields,before,after');
    expect(lines.slice(1).join('\r\n')).toBe('changed,longterm,ana,,x,content,"a, ""b""\nc","\'=HYPERLINK(""x"")"');
  });
});
