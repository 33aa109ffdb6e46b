/** The code of the page is read: whoever calls a route that the engine refuses in a read-only profile asks first. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyContractProcedure } from '@orpc/contract';
import { describe, expect, it } from 'vitest';
import { contract } from '../../../src-contract/index.ts';
import { isRefusedWhenReadOnly } from '../../../src-main/api/refuse-by-profile.ts';

const ROOT = join(import.meta.dirname, '../../../src-renderer');
// `useBlocked` asks it too, and whether the engine is there.
const GUARD = /useReadOnly\(|useBlocked\(|tellIfReadOnly\(/;
const CALL = /\b(?:client|api)\.(\w+)\.(\w+)(?:\(|\.(?:mutationOptions|call)\()/g;

function isRefused(part: string, route: string): boolean {
  const procedure: unknown = Reflect.get(Reflect.get(contract, part) ?? {}, route);
  if (procedure === undefined) return false;
  return isRefusedWhenReadOnly(`${part}.${route}`, (procedure as AnyContractProcedure)['~orpc'].route.method);
}

/** Calls in the code that the engine refuses then. */
const refusedIn = (code: string): string[] =>
  [...code.matchAll(CALL)].filter(([, part = '', route = '']) => isRefused(part, route)).map(([call]) => call);

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => ({ name, code: readFileSync(join(ROOT, name), 'utf8') }));

describe('while the open connection is for reading only', () => {
  it('every file of the page that calls a route which is refused then asks first, and holds its controls back', () => {
    const unasked = files
      .filter(({ code }) => refusedIn(code).length > 0 && !GUARD.test(code))
      .map(({ name, code }) => `${name}: ${refusedIn(code).join(', ')}`);
    expect(unasked).toEqual([]);
  });

  it('finds such calls at all', () => {
    expect(refusedIn('await client.memories.bulk(input); api.logs.setLevel.mutationOptions({})')).toEqual([
      'client.memories.bulk(',
    ]);
    expect(files.filter(({ code }) => refusedIn(code).length > 0).length).toBeGreaterThan(10);
  });
});
