import { expect, it } from 'vitest';
import { lockedBy } from './read-only.ts';
import { enabled, origins, sample, ttl } from './setting-samples.ts';

it('locks what is in a database that is open for reading only, and leaves what is of this computer', () => {
  const mine = sample({ ...origins, scope: 'device' });
  const fixed = sample({ locked: 'set by a flag' });
  const locked = lockedBy('prod is open for reading only', [ttl, enabled, mine, fixed]).map(({ locked }) => locked);
  expect(locked).toEqual(['prod is open for reading only', 'prod is open for reading only', null, 'set by a flag']);
  expect(lockedBy(undefined, [ttl])).toEqual([ttl]);
});
