/** Routes for the app's own user interface: what it runs on, and the tokens of agents. */
import { z } from 'zod';
import { base } from './base.ts';
import { instant, labelText } from './primitives.ts';
import { profileColor, profileId } from './profiles.ts';

const TAGS = ['app'];

/** A store the app runs on. */
const storeStatus = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  latency_ms: z.number().nullable(),
  detail: z.string().describe('What it is, or what is wrong and what to do.'),
});

export const appStatus = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'server']).describe('A window on this computer, or a server that is reached over HTTP.'),
  started_at: instant,
  checked_at: instant,
  status: z.enum(['healthy', 'degraded', 'unhealthy']).describe('The worst of the stores.'),
  database: storeStatus.extend({ kind: z.enum(['embedded', 'remote']) }),
  sessions: storeStatus.extend({ kind: z.enum(['built-in', 'redis']) }),
  queue_depth: z.int().min(0).describe('Imports and exports that run or wait.'),
  events_waiting: z
    .int()
    .min(0)
    .nullable()
    .describe('Events of sessions that are not in the log yet; null while the session store is away.'),
  writes_waiting: z.int().min(0).describe('Writes that wait on this node for a store that is away.'),
  writes_refused: z.int().min(0).describe('Queued writes that their store refused; nobody has dealt with them.'),
  profile: z
    .object({
      profile_id: profileId,
      kind: z.enum(['local', 'remote', 'copy']),
      name: z.string(),
      color: profileColor,
      read_only: z.boolean().describe('Then nothing can be changed.'),
      agents: z.boolean().describe('Whether agents are served.'),
    })
    .nullable()
    .describe('The connection profile that is open; null when the connection is set by the configuration.'),
  data_dir: z.string().nullable().describe('Told to the person at this computer only.'),
  api: z
    .object({ url: z.string().nullable(), problem: z.string().nullable() })
    .describe('Where agents reach the HTTP API; the problem says why they do not, or not where it is set to be.'),
});
export type AppStatus = z.infer<typeof appStatus>;

/** A token an agent calls with. The token itself is shown once, when it is made. */
export const agentToken = z.object({
  token_id: z.uuid(),
  name: z.string(),
  created_at: instant,
  revoked_at: instant.nullable(),
});
export type AgentToken = z.infer<typeof agentToken>;

/** What loading the demo has added; all zero when it was there already. */
export const demoCounts = z.object({
  sessions: z.int().min(0),
  messages: z.int().min(0),
  working: z.int().min(0),
  longterm: z.int().min(0),
  links: z.int().min(0),
});
export type DemoCounts = z.infer<typeof demoCounts>;

export const appContract = {
  status: base
    .route({ method: 'GET', path: '/api/status', tags: TAGS, summary: 'What the app runs on and how it is' })
    .output(appStatus),
  tokens: base
    .route({ method: 'GET', path: '/api/tokens', tags: TAGS, summary: 'Tokens of agents, without their secrets' })
    .output(z.object({ items: z.array(agentToken) })),
  createToken: base
    .route({
      method: 'POST',
      path: '/api/tokens',
      tags: TAGS,
      successStatus: 201,
      summary: 'Make a token for an agent; it is shown this once',
      description: 'For a person at the desktop app or logged in with a browser; an agent may not make tokens.',
    })
    .input(z.strictObject({ name: labelText }))
    .output(agentToken.extend({ token: z.string() })),
  revokeToken: base
    .route({
      method: 'POST',
      path: '/api/tokens/{token_id}/revoke',
      tags: TAGS,
      summary: 'Close a token for good',
      description: 'For a person at the desktop app or logged in with a browser; an agent may not revoke tokens.',
    })
    .input(z.strictObject({ token_id: z.uuid() }))
    .output(agentToken),
  loadDemo: base
    .route({
      method: 'POST',
      path: '/api/demo',
      tags: TAGS,
      summary: 'Load the demo data: two people, five weeks of conversations with their agents',
      description:
        'A second time adds nothing. For a person at the desktop app or logged in with a browser; not for an agent.',
    })
    .input(z.strictObject({}))
    .output(demoCounts),
};
