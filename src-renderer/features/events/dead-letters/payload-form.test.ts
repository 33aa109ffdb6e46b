import { describe, expect, it } from 'vitest';
import { payloadForm, payloadOf } from './payload-form.ts';

const said = (text: string) => payloadForm.safeParse({ text }).error?.issues[0]?.message;

describe('the text of an edited payload', () => {
  it('is taken when it is a JSON object', () => {
    expect(said('{"session_id": "a", "list": [1, {"b": null}]}')).toBeUndefined();
    expect(payloadOf(' {"a": 1} ')).toEqual({ a: 1 });
  });

  it.each([
    ['{"a": 1', /^Line 1, column 8: A comma or } is missing/],
    ['{\n  "a": oops\n}', /^Line 2, column 8: This is no value/],
    ['[1]', /^A payload is a JSON object/],
    ['"text"', /^A payload is a JSON object/],
    ['{"a": {"__proto__": 1}}', /the key "__proto__" is not allowed/],
    ['{"a": "\\u0000"}', /^“a” must not contain the NUL character/],
    [`{"a": ${'['.repeat(40)}${']'.repeat(40)}}`, /must not nest deeper than 32 levels/],
  ])('%s says what is wrong', (text, message) => expect(said(text)).toMatch(message));
});
