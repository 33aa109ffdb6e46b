import { describe, expect, it } from 'vitest';
import {
  jsonObject,
  MAX_TEXT_LENGTH,
  memoryContent,
  memoryId,
  messageId,
  pastTimestamp,
  sessionId,
  timestamp,
  userId,
} from './primitives.ts';

describe('times', () => {
  it('are normalised to UTC with milliseconds', () => {
    expect(timestamp.parse('2026-03-01T10:00:00+02:00')).toBe('2026-03-01T08:00:00.000Z');
  });

  it('are refused where PostgreSQL has no such year', () => {
    for (const value of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+05:00', '9999-12-31T23:59:59-05:00']) {
      expect(timestamp.safeParse(value).success).toBe(false);
    }
  });

  it('are refused in the future where something was said or true, but for a drifting clock', () => {
    const ahead = (ms: number) => new Date(Date.now() + ms).toISOString();
    expect(pastTimestamp.safeParse(ahead(60_000)).success).toBe(true);
    expect(pastTimestamp.safeParse(ahead(600_000)).success).toBe(false);
  });
});

describe('ids that agents choose', () => {
  it('can be named in the path of a URL', () => {
    const inPath = (id: string) =>
      new URL(`http://a/session/${encodeURIComponent(id)}/messages`).pathname.split('/')[2];
    for (const id of ['...', 'a/b', '../x', '%2e', '.%2e', 'a?b#c', 'é😀']) {
      expect(sessionId.parse(id)).toBe(id);
      expect(decodeURIComponent(inPath(id) ?? '')).toBe(id);
    }
    for (const id of ['.', '..']) {
      expect(inPath(id)).not.toBe(id);
      for (const schema of [sessionId, userId, messageId]) {
        expect(schema.safeParse(id).error?.issues[0]?.message).toMatch(/^must not be "\." or "\.\."/);
      }
    }
  });
});

describe('ids of memories', () => {
  it('are the same in upper and lower case', () => {
    expect(memoryId.parse('01A209A0-0E53-7509-B271-8FA317E0C74A')).toBe('01a209a0-0e53-7509-b271-8fa317e0c74a');
  });
});

describe('free JSON', () => {
  const faults = (value: unknown) => jsonObject.safeParse(value).error?.issues.map(({ path }) => path.join('.'));

  it('is kept as it is', () => {
    const value = { a: [1, 'two', { three: null }], 'key with spaces': true };
    expect(jsonObject.parse(value)).toEqual(value);
  });

  it('is refused by the path of what cannot be stored', () => {
    expect(faults({ a: [{ b: 'x\u0000' }] })).toEqual(['a.0.b']);
    expect(faults({ a: '\ud800' })).toEqual(['a']);
    expect(faults({ deep: { constructor: 1 } })).toEqual(['deep.constructor']);
    expect(faults({ n: Number.POSITIVE_INFINITY })).toEqual(['n']);
  });

  it('is refused when it nests too deep or holds too much', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 40; level += 1) deep = { deep };
    expect(jsonObject.safeParse(deep).success).toBe(false);
    expect(jsonObject.safeParse({ list: Array.from({ length: 30_000 }, () => 0) }).success).toBe(false);
  });

  it('may be as deep and as large as is said', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 32; level += 1) deep = { deep };
    expect(jsonObject.safeParse(deep).success).toBe(true);
    expect(jsonObject.safeParse({ deep }).success).toBe(false);
    expect(jsonObject.safeParse({ list: Array.from({ length: 19_998 }, () => 0) }).success).toBe(true);
    expect(jsonObject.safeParse({ list: Array.from({ length: 19_999 }, () => 0) }).success).toBe(false);
  });

  it('is not walked when it holds too much', () => {
    let reads = 0;
    const list = new Proxy(new Array(2_500_000).fill(0), {
      get: (target, name) => {
        reads += 1;
        return Reflect.get(target, name);
      },
    });
    expect(faults({ list })).toEqual(['']);
    expect(reads).toBeLessThan(100);
  });
});

describe('content of a memory', () => {
  const fields = (value: unknown) => memoryContent.safeParse(value).error?.issues.map(({ path }) => path.join('.'));

  it('keeps free JSON beside its text', () => {
    const content = { text: 'Likes tea', detail: { cups: [1, null, 'two'] } };
    expect(memoryContent.parse(content)).toEqual(content);
  });

  it('is refused without a text, with one that is too long or cannot be stored, and by what is wrong beside it', () => {
    expect(fields({})).toEqual(['text']);
    expect(fields({ text: '' })).toEqual(['text']);
    expect(fields({ text: 5 })).toEqual(['text']);
    expect(fields({ text: 'x'.repeat(MAX_TEXT_LENGTH + 1) })).toEqual(['text']);
    expect(fields({ text: 'a\u0000' })).toEqual(['text']);
    expect(fields({ text: 'a', more: ['\ud800'] })).toEqual(['more.0']);
    expect(fields({ text: 'a', constructor: 1 })).toEqual(['constructor']);
  });
});
