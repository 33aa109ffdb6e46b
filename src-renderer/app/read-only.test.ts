/** The code of the page is read: whoever calls a route that changes data has asked whether it can be changed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyContractProcedure } from '@orpc/contract';
import { describe, expect, it } from 'vitest';
import { contract } from '../../src-contract/index.ts';

/** Routes that are no GET and may be used all the same while the connection is for reading only, and why. */
const ALLOWED: readonly [route: RegExp, why: string][] = [
  [/^(search\.query|context\.assemble|transfer\.preview)$/, 'reads; its question is too long for a URL'],
  [/^transfer\.(export|cancel|forget)$/, 'an export reads the database; archives and jobs are of this computer'],
  [/^transfer\.(beginUpload|sendChunk)$/, 'a file on its way changes nothing; the dialog that sends it is not opened'],
  [/^offline\./, 'copies are made by reading, and are of this computer'],
  [/^profiles\./, 'connections are of this computer, and the way out of reading only'],
  [/^resilience\./, 'breakers are of this process'],
  [/^logs\.setLevel$/, 'the log is of this process'],
  [/^settings\./, 'each setting says itself whether it can be changed; those of this computer can be'],
  [/^secrets\./, 'secrets are of this computer'],
  [/^doctor\./, 'what it mends is of this computer'],
];

const ROOT = join(import.meta.dirname, '..');
const GUARD = /useReadOnly\(|tellIfReadOnly\(/;
const CALL = /\b(?:client|api)\.(\w+)\.(\w+)(?:\(|\.(?:mutationOptions|call)\()/g;

function changes(part: string, route: string): boolean {
  const procedure: unknown = Reflect.get(Reflect.get(contract, part) ?? {}, route);
  if (procedure === undefined) return false;
  const { method = 'POST' } = (procedure as AnyContractProcedure)['~orpc'].route;
  return method !== 'GET' && !ALLOWED.some(([allowed]) => allowed.test(`${part}.${route}`));
}

/** Routes that the code changes data with. */
const changesIn = (code: string): string[] =>
  [...code.matchAll(CALL)].filter(([, part = '', route = '']) => changes(part, route)).map(([call]) => call);

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => ({ name, code: readFileSync(join(ROOT, name), 'utf8') }));

describe('while the open connection is for reading only', () => {
  it('every file that calls a route which changes data asks first', () => {
    const unasked = files
      .filter(({ code }) => changesIn(code).length > 0 && !GUARD.test(code))
      .map(({ name, code }) => `${name}: ${changesIn(code).join(', ')}`);
    expect(unasked).toEqual([]);
  });

  it('finds such calls at all', () => {
    expect(changesIn('await client.memories.bulk(input); api.logs.setLevel.mutationOptions({})')).toEqual([
      'client.memories.bulk(',
    ]);
    expect(files.filter(({ code }) => changesIn(code).length > 0).length).toBeGreaterThan(10);
  });

  it('what is allowed is a route', () => {
    const routes = Object.entries(contract).flatMap(([part, its]) => Object.keys(its).map((name) => `${part}.${name}`));
    for (const [allowed] of ALLOWED) expect(routes.some((route) => allowed.test(route))).toBe(true);
  });
});
