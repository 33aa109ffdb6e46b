import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const NAMES = ['server.port', 'server.host', 'redis.url', 'log.level'];

describe('nearest name', () => {
  it.each([
    ['server.prot', 'server.port'],
    ['Server.Port', 'server.port'],
    ['serverport', 'server.port'],
    ['redis.ulr', 'redis.url'],
    ['log.leval', 'log.level'],
  ])('takes %s for %s', (typed, meant) => expect(nearestName(typed, NAMES)).toBe(meant));

  it.each(['bananas', '', 'x', 'completely.different.thing'])('guesses nothing for %j', (typed) => {
    expect(nearestName(typed, NAMES)).toBeUndefined();
  });
});
