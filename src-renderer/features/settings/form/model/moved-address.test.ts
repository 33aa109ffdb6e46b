import { expect, it } from 'vitest';
import { movedTo } from './moved-address.ts';
import { sample, ttl } from './setting-samples.ts';

const port = (value: number) => [ttl, sample({ key: 'server.port', value })];

it('a page that Archon serves itself is at the new port', () => {
  expect(movedTo(port(8181), port(9000), new URL('http://127.0.0.1:8181/settings?section=api'))).toBe(
    'http://127.0.0.1:9000/',
  );
});

it.each([
  ['a proxy is in front', port(8181), port(9000), 'https://archon.example.com/settings'],
  ['nobody knows which port it will be', port(8181), port(0), 'http://127.0.0.1:8181/'],
  ['it was not changed', port(8181), [ttl], 'http://127.0.0.1:8181/'],
])('a page is where it was when %s', (_when, before, saved, from) => {
  expect(movedTo(before, saved, new URL(from))).toBeUndefined();
});
