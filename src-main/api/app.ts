import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { AgentToken } from '../../src-contract/index.ts';
import { appRoot } from '../app-files.ts';
import { systemClock } from '../clock.ts';
import { readDemoFiles } from '../demo/demo-files.ts';
import { loadDemo } from '../demo/load-demo.ts';
import { notFound } from '../errors.ts';
import type { ApiToken } from '../identity/api-tokens.ts';
import { type ApiContext, os } from './base.ts';
import { longTermRouter, memoriesRouter, workingRouter } from './memories.ts';
import { refuseAgents } from './refuse-agents.ts';
import { sessionsRouter } from './sessions.ts';

export const appRouter = os.app.router({
  status: os.app.status.handler(async ({ context }) => ({
    ...(await context.services.app.of(context.scope)),
    host: context.host.kind,
    profile: context.services.app.profile(),
    data_dir: context.local ? context.services.app.data_dir : null,
    api: context.host.api(),
  })),
  tokens: os.app.tokens.handler(({ context }) => ({ items: tokensOf(context).map(withoutOrg) })),
  createToken: os.app.createToken.handler(({ input, context }) => {
    refuseAgents(context, 'make tokens');
    const { token, ...created } = context.services.tokens.create({ name: input.name, org_id: context.scope.org_id });
    return { ...withoutOrg(created), token };
  }),
  revokeToken: os.app.revokeToken.handler(({ input, context }) => {
    refuseAgents(context, 'revoke tokens');
    const find = () => tokensOf(context).find(({ token_id }) => token_id === input.token_id);
    if (find() === undefined) throw notFound('token', input.token_id);
    // False for one that was revoked before: it stays as it is.
    context.services.tokens.revoke(input.token_id);
    return withoutOrg(find() as ApiToken);
  }),
  loadDemo: os.app.loadDemo.handler(async ({ context }) => {
    refuseAgents(context, 'load the demo');
    const files = readDemoFiles(join(appRoot, 'resources', 'demo'));
    // Through the routes, so that it passes every check other data passes.
    return await loadDemo(createRouterClient(demoRoutes, { context }), files, systemClock);
  }),
});

const demoRoutes = {
  sessions: sessionsRouter,
  working: workingRouter,
  longterm: longTermRouter,
  memories: memoriesRouter,
};

function tokensOf({ services, scope }: ApiContext): ApiToken[] {
  return services.tokens.list().filter(({ org_id }) => org_id === scope.org_id);
}

const withoutOrg = ({ org_id: _org, ...token }: ApiToken): AgentToken => token;

/** A token that leaked must not make others that outlive it, nor close those of its owner. */
