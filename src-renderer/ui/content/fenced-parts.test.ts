import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fencedParts } from './fenced-parts.ts';

describe('telling code from prose', () => {
  it('finds fences with their language', () => {
    expect(fencedParts('Look:\n```ts\nconst a = 1;\n```\nand\n~~~\nx\n~~~')).toEqual([
      { kind: 'text', text: 'Look:' },
      { kind: 'code', language: 'ts', text: 'const a = 1;', source: '```ts\nconst a = 1;\n```' },
      { kind: 'text', text: 'and' },
      { kind: 'code', language: '', text: 'x', source: '~~~\nx\n~~~' },
    ]);
  });

  it('leaves a fence without an end in the text, and a shorter fence in the code', () => {
    expect(fencedParts('a\n```js\nb')).toEqual([{ kind: 'text', text: 'a\n```js\nb' }]);
    expect(fencedParts('````\n```\n````')).toMatchObject([{ kind: 'code', text: '```' }]);
  });

  it('loses nothing of any text', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('```', '```ts', '~~~', '````', '', '<script>'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n');
        const parts = fencedParts(text);
        expect(parts.map((part) => (part.kind === 'code' ? part.source : part.text)).join('\n')).toBe(text);
      }),
    );
  });
});
