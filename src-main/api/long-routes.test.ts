import { expect, it } from 'vitest';
import { contract } from '../../src-contract/index.ts';
import { listRoutes } from '../server/route-table.ts';
import { LONG_ROUTES } from './long-routes.ts';

it('names routes that there are', () => {
  const names = listRoutes(contract).map(({ name }) => name);
  expect([...LONG_ROUTES].filter((name) => !names.includes(name))).toEqual([]);
});
