import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveChecksums } from './archive-checksums.ts';
import { canonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  it('sorts keys, leaves out undefined, and is the same for equal values', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ä"' }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"ä\\"","d":null}]}',
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        const shuffled = JSON.parse(JSON.stringify(value), (_key, inner) =>
          inner && typeof inner === 'object' && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        );
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
      }),
    );
  });

  it('refuses what nests so deep that it could exhaust the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    expect(() => canonicalJson(deep)).toThrow('nests deeper than 100 levels');
  });
});

describe('checksums of an archive', () => {
  const link = (from_id: string) => ({ type: 'link', row: { org_id: 'one', from_id } });

  it('are as the reference says: the sum of the SHA-256 of each record, modulo 2^256', () => {
    const checksums = new ArchiveChecksums();
    const texts = ['{"row":{"from_id":"a"},"type":"link"}', '{"row":{"from_id":"b"},"type":"link"}'];
    checksums.add('link', link('a'));
    checksums.add('link', link('b'));
    const sum = texts.reduce(
      (total, text) => total + BigInt(`0x${createHash('sha256').update(text).digest('hex')}`),
      0n,
    );
    const expected = (sum % 2n ** 256n).toString(16).padStart(64, '0');
    expect(checksums.totals()).toMatchObject({
      counts: { link: 2, session: 0 },
      sha256: { link: expected, session: '0'.repeat(64) },
    });
  });

  it('do not depend on the order of records nor on the organisation, but on every other field', () => {
    const totalsOf = (...records: unknown[]) => {
      const checksums = new ArchiveChecksums();
      for (const record of records) checksums.add('link', record);
      return checksums.totals().sha256.link;
    };
    expect(totalsOf(link('a'), link('b'))).toBe(totalsOf(link('b'), link('a')));
    expect(totalsOf({ type: 'link', row: { org_id: 'two', from_id: 'a' } })).toBe(totalsOf(link('a')));
    expect(totalsOf(link('a'), link('a'))).not.toBe(totalsOf(link('a')));
    expect(totalsOf(link('c'))).not.toBe(totalsOf(link('a')));
  });

  it('go on from totals as if nothing had happened', () => {
    const whole = new ArchiveChecksums();
    const first = new ArchiveChecksums();
    for (const name of ['a', 'b', 'c']) whole.add('link', link(name));
    first.add('link', link('a'));
    const second = new ArchiveChecksums(JSON.parse(JSON.stringify(first.totals())));
    second.add('link', link('b'));
    second.add('link', link('c'));
    expect(second.totals()).toEqual(whole.totals());
  });
});
