/** The typed client of the engine, and its TanStack Query helpers. */
import { createORPCClient, DynamicLink } from '@orpc/client';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import type { ArchonClient } from '../../src-contract/index.ts';
import { transport } from './transport.ts';

export const client: ArchonClient = createORPCClient<ArchonClient>(new DynamicLink(() => transport.link()));

/** `api.working.list.queryOptions({ input })` and the like. */
export const api = createTanstackQueryUtils(client);
