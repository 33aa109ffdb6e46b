import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { refusalOf } from './refusal.ts';

const changes = [
  { key: 'memory.session_ttl_minutes', value: 0 },
  { key: 'alerts.email_to', value: ['ana'] },
];
const refused = (...issues: { field: string; message: string }[]) =>
  new ORPCError('VALIDATION_FAILED', { data: { field: issues[0]?.field ?? '', issues } });

describe('a refusal of the engine', () => {
  it.each(['changes[1].value', 'changes[1].value[0]', 'alerts.email_to', 'alerts.email_to[0]'])(
    'is told beside the setting that %s names',
    (field) => {
      expect(refusalOf(refused({ field, message: 'must be e-mail addresses' }), changes)).toEqual({
        kind: 'fields',
        problems: new Map([['alerts.email_to', 'It must be e-mail addresses.']]),
      });
    },
  );

  it('tells the first fault of each setting', () => {
    const refusal = refusalOf(
      refused(
        { field: 'changes[0].value', message: 'Too small.' },
        { field: 'changes[0].value', message: 'Too odd.' },
        { field: 'changes[7].value', message: 'Not ours.' },
      ),
      changes,
    );
    expect(refusal).toEqual({ kind: 'fields', problems: new Map([['memory.session_ttl_minutes', 'Too small.']]) });
  });

  it('is a conflict with both values', () => {
    const conflict = { key: 'alerts.email_to', yours: ['ana'], theirs: [], revision: 'b', by: null, at: null };
    const error = new ORPCError('SETTINGS_CONFLICT', { data: { conflicts: [conflict] } });
    expect(refusalOf(error, changes)).toEqual({ kind: 'conflict', conflicts: [conflict] });
  });

  it('is of no setting when it is about something else', () => {
    for (const error of [
      new Error('away'),
      new ORPCError('STORAGE_UNAVAILABLE'),
      new ORPCError('SETTINGS_CONFLICT', { data: {} }),
      refused({ field: 'user_id', message: 'must be known' }),
    ]) {
      expect(refusalOf(error, changes)).toEqual({ kind: 'other' });
    }
  });
});
