/** The routes over HTTP: oRPC's OpenAPI handler on the router. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { ResponseHeadersPlugin } from '@orpc/server/plugins';
import { contract } from '../../src-contract/index.ts';
import { type ApiContext, router } from '../api/router.ts';
import { DoorError } from './door-errors.ts';
import { QueryCoercionPlugin } from './query-coercion.ts';
import { listRoutes } from './route-table.ts';

export class ApiHandler {
  readonly #handler: OpenAPIHandler<ApiContext>;

  constructor() {
    const formRoutes = new Set(
      listRoutes(contract)
        .filter((route) => route.takesFile)
        .map((route) => route.name),
    );
    this.#handler = new OpenAPIHandler(router, {
      plugins: [
        new QueryCoercionPlugin((method, path) => method === 'GET' || formRoutes.has(path.join('.'))),
        new ResponseHeadersPlugin(),
      ],
      rootInterceptors: [
        async (options) => {
          const result = await options.next();
          if (result.matched && options.context.outcome?.queued) result.response.status = 202;
          return result;
        },
      ],
    });
  }

  /**
   * Runs the route of a request whose body was read already. HEAD runs as GET: the response knows what was asked, and
   * leaves the body away.
   *
   * @throws DoorError NOT_FOUND when oRPC reads the path otherwise than our table did
   */
  async dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    body: object | undefined,
    context: ApiContext,
  ): Promise<void> {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const { matched } = await this.#handler.handle(Object.assign(request, { body, method }), response, {
      context: { ...context, outcome: { queued: false } },
    });
    if (!matched) throw new DoorError('NOT_FOUND');
  }
}
