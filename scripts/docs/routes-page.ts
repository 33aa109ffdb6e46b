import { contract } from '../../src-contract/index.ts';
import { listRoutes } from '../../src-main/server/route-table.ts';
import { code, GENERATED, page, table } from './markdown.ts';

export function routesPage(): string {
  const routes = listRoutes(contract);
  const groups = Map.groupBy(routes, ({ procedure }) => procedure['~orpc'].route.tags?.[0] ?? 'other');
  return page(
    GENERATED,
    '# Routes',
    'A running server describes every field at `/api/docs` (to read and try) and `/api/openapi.json` (for programs). Every route but `/health` needs `Authorization: Bearer <token>`.',
    'Writes take `idempotency_key` in the body or as the header `Idempotency-Key`: repeated within 24 hours they take effect once. Lists answer `items` and `next_cursor`; give it back as `cursor` for the next page.',
    ...[...groups].flatMap(([group, list]) => [
      `## ${group}`,
      table(
        ['', 'path', 'in the client', 'what it does'],
        list.map(({ method, path, name, procedure }) => {
          const { summary = '', description } = procedure['~orpc'].route;
          return [method, code(path), code(name), description ? `${summary}. ${description}` : summary];
        }),
      ),
    ]),
  );
}
