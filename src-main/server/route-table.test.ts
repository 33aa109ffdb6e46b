import { describe, expect, it } from 'vitest';
import { contract } from '../../src-contract/index.ts';
import { listRoutes, RouteTable } from './route-table.ts';

const table = new RouteTable(contract);
const nameOf = (method: string, path: string) => {
  const match = table.match(method, path);
  return match.kind === 'route' ? match.route.name : match;
};

describe('route table', () => {
  it('finds every route by its own path', () => {
    for (const route of listRoutes(contract)) {
      const path = route.path.replaceAll(/\{\w+\}/g, 'anything');
      expect(nameOf(route.method, path)).toBe(route.name);
      expect(nameOf(route.method, `${path}/`)).toBe(route.name);
    }
  });

  it('prefers a fixed part to a parameter', () => {
    expect(nameOf('POST', '/api/memory/working/batch')).toBe('working.createBatch');
    expect(nameOf('GET', '/api/memory/working/batch')).toBe('working.get');
  });

  it('takes HEAD for GET', () => {
    expect(nameOf('HEAD', '/health')).toBe('health.live');
    expect(nameOf('HEAD', '/api/memory/search')).toEqual({ kind: 'wrong_method', allow: ['POST'] });
  });

  it('says which methods a path knows', () => {
    expect(table.match('DELETE', '/api/memory/working')).toEqual({
      kind: 'wrong_method',
      allow: ['GET', 'HEAD', 'POST'],
    });
  });

  it.each(['/', '/api/memory', '/api/memory/working/x/y/z', '/api/memory/session//messages', '/API/MEMORY/WORKING'])(
    'does not know %s',
    (path) => {
      expect(table.match('GET', path)).toEqual({ kind: 'none' });
    },
  );

  it('knows which route takes a file', () => {
    expect(
      listRoutes(contract)
        .filter((route) => route.takesFile)
        .map(({ name }) => name),
    ).toEqual(['transfer.sendChunk']);
  });
});
