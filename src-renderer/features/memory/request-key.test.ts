import { expect, it } from 'vitest';
import { RequestKey } from './request-key.ts';

it('keeps the key of a request that is sent again, and takes another for a corrected one', () => {
  const key = new RequestKey();
  const first = key.of({ id: 'm1', content: { text: 'likes tea' } });
  expect(key.of({ id: 'm1', content: { text: 'likes tea' } })).toBe(first);
  const corrected = key.of({ id: 'm1', content: { text: 'likes green tea' } });
  expect(corrected).not.toBe(first);
  expect(new RequestKey().of({ id: 'm1', content: { text: 'likes tea' } })).not.toBe(first);
});
