import { expect, it } from 'vitest';
import { isListOf, listKey } from './list-key.ts';

it('knows the lists of a user among all that is kept', () => {
  const key = listKey([['working']], { user_id: 'ada' });
  expect(isListOf(key, 'ada')).toBe(true);
  expect(isListOf(key, 'ad')).toBe(false);
  expect(isListOf([['working', 'list'], { user_id: 'ada' }], 'ada')).toBe(false);
  expect(isListOf([['working']], 'ada')).toBe(false);
});
