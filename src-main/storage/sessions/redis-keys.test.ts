import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orgIndexKeys, sessionKeys, userIndexKeys } from './redis-keys.ts';

/** The part that decides the slot: between the first brace and the next closing one. */
const hashTag = (key: string): string | undefined => /\{([^}]+)\}/.exec(key)?.[1];
const id = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('{', '}', '/', '%', ':', 'a', '2F'), minLength: 1, maxLength: 8 }),
);

describe('keys in Redis', () => {
  it('of one session lie in one slot, whatever its ids are', () => {
    fc.assert(
      fc.property(id, id, (org_id, session_id) => {
        const tags = sessionKeys('archon:', org_id, session_id).map(hashTag);
        expect(tags[0]).toContain('/');
        expect(new Set(tags).size).toBe(1);
      }),
    );
  });

  it('are never the same for different ids', () => {
    fc.assert(
      fc.property(id, id, id, id, (org_a, id_a, org_b, id_b) => {
        fc.pre(org_a !== org_b || id_a !== id_b);
        const all = (org: string, other: string) => [
          ...sessionKeys('p:', org, other),
          ...userIndexKeys('p:', org, other),
        ];
        const taken = new Set(all(org_a, id_a));
        expect(all(org_b, id_b).filter((key) => taken.has(key))).toEqual([]);
      }),
    );
  });

  it('of sessions, users and organisations are different', () => {
    const all = [...sessionKeys('p:', 'o', 'x'), ...userIndexKeys('p:', 'o', 'x'), ...orgIndexKeys('p:', 'o')];
    expect(new Set(all).size).toBe(all.length);
  });
});
