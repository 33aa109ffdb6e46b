/** What every route starts from: the contract, who is calling, and one place where errors become answers. */
import { implement } from '@orpc/server';
import type { Logger } from 'pino';
import { contract, isQueued, type LogComponent, type QueuedWrite } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { Installation } from '../installation/installation.ts';
import type { ApiOutcome } from '../observability/recorder.ts';
import type { JournaledInput, JournaledName, JournaledOutput } from '../resilience/journal/journaled-writes.ts';
import type { Services } from '../services.ts';
import { retryAfter, toApiError } from './error-mapping.ts';
import { LONG_ROUTES } from './long-routes.ts';
import { asReadOnly, refuseByProfile } from './refuse-by-profile.ts';

/** What the host of the API knows of itself. */
export interface ApiHost {
  kind: 'desktop' | 'server';
  /** Where agents reach the HTTP API; without a URL the problem says why. */
  api(): { url: string | null; problem: string | null };
  /** What there is around the engine; none for a command that opened an engine for itself. */
  installation?: Installation;
  /** Is told of calls: an engine is not stopped under them. */
  calls?: { enter(services: Services): () => void };
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
  /** Is told what the route did, for an answer over HTTP: `queued` means status 202. */
  outcome?: { queued: boolean };
  /** Headers of the answer, over HTTP. */
  resHeaders?: Headers;
}

/** An engine is not stopped under calls: those that stop it would wait for themselves. */
const changesWhatIsOpen = (route: string): boolean => route.startsWith('profiles.') || route === 'settings.restart';

export const os = implement(contract)
  .$context<ApiContext>()
  .use(async ({ next, context, path, procedure }) => {
    const route = path.join('.');
    const began_ms = performance.now();
    const leave = changesWhatIsOpen(route) ? undefined : context.host.calls?.enter(context.services);
    // While no engine is open there is nobody to tell.
    let tell = (_outcome: ApiOutcome): void => {};
    try {
      const { recorder } = context.services.metrics;
      tell = (outcome) => recorder.called(route, outcome, (performance.now() - began_ms) / 1000);
      refuseByProfile(route, procedure['~orpc'].route.method, context);
      const answer = LONG_ROUTES.has(route)
        ? await next()
        : await context.services.resilience.withinDeadline(async () => next());
      tell('success');
      return answer;
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds !== undefined) context.resHeaders?.set('retry-after', String(seconds));
      const told = toApiError(
        asReadOnly(error, context),
        context.logger.child({ component: 'api' satisfies LogComponent, route }),
      );
      tell(told.status < 500 ? 'client_error' : 'server_error');
      throw told;
    } finally {
      leave?.();
    }
  });

/** Does a write, or queues it while its store is away. The idempotency key of the header is for input that names none. */
export async function perform<N extends JournaledName>(
  context: ApiContext,
  name: N,
  input: JournaledInput<N>,
): Promise<JournaledOutput<N> | QueuedWrite> {
  const key = ('idempotency_key' in input ? input.idempotency_key : undefined) ?? context.idempotency_key;
  const keyed = key === undefined ? input : { ...input, idempotency_key: key };
  const answer = await context.services.writes.perform(context.scope, name, keyed);
  if (context.outcome && isQueued(answer)) context.outcome.queued = true;
  return answer;
}
