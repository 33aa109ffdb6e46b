/** What every route starts from: the contract, who is calling, and one place where errors become answers. */
import { implement } from '@orpc/server';
import type { Logger } from 'pino';
import { contract } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { Services } from '../services.ts';
import { retryAfter, toApiError } from './error-mapping.ts';
import { LONG_ROUTES } from './long-routes.ts';

/** What the host of the API knows of itself. */
export interface ApiHost {
  kind: 'desktop' | 'server';
  /** Where agents reach the HTTP API; without a URL the problem says why. */
  api(): { url: string | null; problem: string | null };
}

export interface ApiContext {
  services: Services;
  scope: Scope;
  logger: Logger;
  host: ApiHost;
  /** The caller sits at this computer (desktop window, command line): it may name files. */
  local: boolean;
  /** A person is calling, at the desktop app, the command line or logged in with a browser; not an agent. */
  interactive: boolean;
  /** From the header of the same name; a key in the input goes first. */
  idempotency_key?: string;
  /** Headers of the answer, over HTTP. */
  resHeaders?: Headers;
}

export const os = implement(contract)
  .$context<ApiContext>()
  .use(async ({ next, context, path }) => {
    const name = path.join('.');
    try {
      return LONG_ROUTES.has(name)
        ? await next()
        : await context.services.resilience.withinDeadline(async () => next());
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds !== undefined) context.resHeaders?.set('retry-after', String(seconds));
      throw toApiError(error, context.logger.child({ route: name }));
    }
  });

/** The input with the idempotency key of the header where it names none itself. */
export function keyed<T extends { idempotency_key?: string | undefined }>(input: T, context: ApiContext): T {
  const key = input.idempotency_key ?? context.idempotency_key;
  return key === undefined ? input : { ...input, idempotency_key: key };
}
