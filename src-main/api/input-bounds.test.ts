import { expect, it } from 'vitest';
import { z } from 'zod';
import { contract } from '../../src-contract/index.ts';
import { listRoutes } from '../server/route-table.ts';

it('takes no list without an end on any route', () => {
  const routes = listRoutes(contract).map(({ name, procedure }) => ({ name, schema: procedure['~orpc'].inputSchema }));
  const found = routes.flatMap(({ name, schema }) => (schema instanceof z.ZodType ? listsOf(schema, name) : []));
  expect(found.length).toBeGreaterThan(15);
  expect(found.filter(({ isBounded }) => !isBounded).map(({ path }) => path)).toEqual([]);
});

function listsOf(schema: z.core.$ZodType, path: string): { path: string; isBounded: boolean }[] {
  const { def, traits } = schema._zod as unknown as { def: Record<string, unknown>; traits: Set<string> };
  const own = def.type === 'array' ? [{ path, isBounded: traits.has('BoundedList') }] : [];
  const inner = [
    def.innerType,
    def.in,
    def.out,
    def.element,
    def.valueType,
    def.catchall,
    ...((def.options as []) ?? []),
  ];
  const members = Object.entries((def.shape as Record<string, z.core.$ZodType> | undefined) ?? {});
  return [
    ...own,
    ...inner.flatMap((one) => (one === undefined ? [] : listsOf(one as z.core.$ZodType, path))),
    ...members.flatMap(([key, member]) => listsOf(member, `${path}.${key}`)),
  ];
}
