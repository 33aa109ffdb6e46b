import { describe, expect, it } from 'vitest';
import { wants } from './webhook-wants.ts';

const all = { enabled: true, types: null, user_id: null };
const ended = { type: 'session.ended', user_id: 'ana' };
const died = { type: 'event.delivery.dead', user_id: 'ana' };

describe('what a webhook is sent', () => {
  it('is every type without any named, but no news of dead letters', () => {
    expect(wants(all, ended)).toBe(true);
    expect(wants(all, died)).toBe(false);
  });

  it('is the types it names', () => {
    const some = { ...all, types: ['event.delivery.dead'] };
    expect(wants(some, died)).toBe(true);
    expect(wants(some, ended)).toBe(false);
  });

  it('is of its user alone when it has one', () => {
    expect(wants({ ...all, user_id: 'ana' }, ended)).toBe(true);
    expect(wants({ ...all, user_id: 'bob' }, ended)).toBe(false);
    expect(wants({ ...all, user_id: 'ana' }, { ...ended, user_id: null })).toBe(false);
  });

  it('is nothing while it is off', () => {
    expect(wants({ ...all, enabled: false }, ended)).toBe(false);
  });
});
