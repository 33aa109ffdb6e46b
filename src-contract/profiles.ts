/** Routes of connection profiles: the databases this computer can work on, and the way from one to another. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base.ts';
import { migrationPreview } from './migration-preview.ts';
import { instant, labelText, storableText } from './primitives.ts';

/** The embedded database in the data folder; it is always there. */
export const LOCAL_PROFILE_ID = 'local';
export const profileId = z.union([z.literal(LOCAL_PROFILE_ID), z.uuid()]).describe('`local`, or the id of a profile.');

/** Colours that tell environments apart. */
export const PROFILE_COLORS = ['violet', 'blue', 'green', 'amber', 'red', 'grey'] as const;
export const profileColor = z.enum(PROFILE_COLORS);
export type ProfileColor = z.infer<typeof profileColor>;

/** As libpq: `require` encrypts and trusts anybody, `verify-ca` checks who signed, `verify-full` also the name. */
export const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export const sslMode = z.enum(SSL_MODES);
export type SslMode = z.infer<typeof sslMode>;

const host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[^\s/@?#\p{C}]+$/u, 'must be a host name or an IP address');
const port = z.int().min(1).max(65_535);
const name = storableText(z.string().min(1).max(200));
const pem = storableText(z.string().max(200_000)).nullable();
/** Absent keeps what is there, null removes it. Never told. */
const secret = storableText(z.string().min(1).max(10_000)).nullable().optional();

const tlsInput = z.strictObject({
  mode: sslMode.default('disable'),
  ca_pem: pem.optional().describe('Authorities to trust, in PEM; without them those of the system.'),
  cert_pem: pem.optional().describe('Client certificate in PEM.'),
  key_pem: secret.describe('Key of the client certificate in PEM.'),
});
const databaseInput = z.union([
  z.strictObject({
    url: storableText(z.string().min(1).max(4000)).describe('postgres://user:password@host:port/database?sslmode=…'),
  }),
  z.strictObject({
    host,
    port: port.default(5432),
    database: name,
    user: name,
    password: secret,
    tls: tlsInput.default({ mode: 'disable' }),
    pool_size: z.int().min(1).max(200).default(10),
  }),
]);
const redisInput = z.union([
  z.strictObject({ url: storableText(z.string().min(1).max(4000)).describe('redis:// or rediss://') }),
  z.strictObject({
    host,
    port: port.default(6379),
    db: z.int().min(0).max(1_000_000).default(0),
    username: name.nullable().optional(),
    password: secret,
    tls: tlsInput.default({ mode: 'disable' }),
    key_prefix: z
      .string()
      .regex(/^[A-Za-z0-9:_-]{1,50}$/)
      .default('archon:'),
  }),
]);
export const connectionInput = z.strictObject({
  database: databaseInput,
  redis: redisInput.nullable().default(null).describe('Null: sessions are kept on this computer.'),
});
export type ConnectionInput = z.input<typeof connectionInput>;

const tls = z.object({
  mode: sslMode,
  ca_pem: z.string().nullable(),
  cert_pem: z.string().nullable(),
  has_key: z.boolean(),
});
export const databaseConnection = z.object({
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string(),
  has_password: z.boolean(),
  tls,
  pool_size: z.int(),
});
export const redisConnection = z.object({
  host: z.string(),
  port: z.int(),
  db: z.int(),
  username: z.string().nullable(),
  has_password: z.boolean(),
  tls,
  key_prefix: z.string(),
});
/** How a profile connects, without its secrets. */
export const connection = z.object({ database: databaseConnection, redis: redisConnection.nullable() });
export type Connection = z.infer<typeof connection>;

const looks = {
  name: labelText.describe('Such as `Production`.'),
  color: profileColor,
  read_only: z.boolean().describe('Nothing is changed: not by people, agents or workers.'),
  agents: z.boolean().describe('Whether agents are served while this profile is open.'),
};
const profileCommon = {
  profile_id: profileId,
  ...looks,
  created_at: instant,
  last_used_at: instant.nullable(),
  last_problem: z
    .object({ at: instant, message: z.string() })
    .nullable()
    .describe('Why it could not be opened last time.'),
};
export const profile = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('local'), ...profileCommon }),
  z.object({ kind: z.literal('remote'), ...profileCommon, connection }),
  z
    .object({
      kind: z.literal('copy'),
      ...profileCommon,
      source: z.string().describe('Where it was copied from: a profile or an archive, by name.'),
      taken_at: instant,
      bytes: z.int().nullable(),
    })
    .describe('A copy on this computer, in a folder and database of its own.'),
]);
export type Profile = z.infer<typeof profile>;

/** What is open, and what is on its way. */
export const profilesState = z.object({
  active: profileId.nullable().describe('Null: the connection is set by the configuration.'),
  configured_by: z.string().nullable().describe('What sets the connection then, such as `ARCHON_DATABASE_URL`.'),
  switching_to: profileId.nullable(),
  fallback: z
    .object({ wanted: profileId, message: z.string() })
    .nullable()
    .describe('The profile that should have been opened at the start and could not.'),
});
export type ProfilesState = z.infer<typeof profilesState>;

/** Looked at in this order; what comes after one that fails is skipped. */
export const DATABASE_STEPS = [
  'dns',
  'tcp',
  'tls',
  'login',
  'version',
  'pooler',
  'rights',
  'extensions',
  'migrations',
  'latency',
] as const;
export const REDIS_STEPS = [
  'redis_dns',
  'redis_tcp',
  'redis_tls',
  'redis_login',
  'redis_version',
  'redis_latency',
] as const;
export const CONNECTION_STEPS = [...DATABASE_STEPS, ...REDIS_STEPS] as const;
/** One look at a connection, as it goes: each step is told as running and then with what came of it. */
export const connectionStep = z.object({
  step: z.enum(CONNECTION_STEPS),
  state: z.enum(['running', 'ok', 'warning', 'failed', 'skipped']),
  detail: z.string().nullable(),
  advice: z.string().nullable().describe('What to do about a warning or failure.'),
  took_ms: z.number().nullable(),
});
export type ConnectionStep = z.infer<typeof connectionStep>;
export type ConnectionStepName = ConnectionStep['step'];

/** A connection that the environment of this process names. */
const environmentConnection = z.object({
  variable: z.string().describe('Such as `DATABASE_URL`.'),
  redis_variable: z.string().nullable(),
  connection,
});
export type EnvironmentConnection = z.infer<typeof environmentConnection>;

const TAGS = ['connection profiles'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';
const byId = z.strictObject({ profile_id: profileId });

export const profilesContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/profiles',
      tags: TAGS,
      summary: 'The connections there are, without their secrets, and which one is open',
      description: PERSON,
    })
    .output(z.object({ items: z.array(profile), state: profilesState })),
  create: base
    .route({
      method: 'POST',
      path: '/api/profiles',
      tags: TAGS,
      successStatus: 201,
      summary: 'Keep a connection to a PostgreSQL server, and to Redis beside it; nothing is opened',
      description: PERSON,
    })
    .input(
      z.strictObject({
        ...looks,
        color: looks.color.default('blue'),
        read_only: looks.read_only.default(false),
        agents: looks.agents.default(true),
        connection: z.union([
          connectionInput,
          z.strictObject({
            from_environment: storableText(z.string().min(1).max(200)).describe('`variable` of one that was found.'),
          }),
        ]),
      }),
    )
    .output(profile),
  update: base
    .route({
      method: 'PATCH',
      path: '/api/profiles/{profile_id}',
      tags: TAGS,
      summary: 'Change a profile; what connects it is changed only while it is not open',
      description: PERSON,
    })
    .input(
      byId.extend({
        name: looks.name.optional(),
        color: looks.color.optional(),
        read_only: looks.read_only.optional(),
        agents: looks.agents.optional(),
        connection: connectionInput.optional(),
      }),
    )
    .output(profile),
  remove: base
    .route({
      method: 'DELETE',
      path: '/api/profiles/{profile_id}',
      tags: TAGS,
      summary: 'Forget a profile that is not open; what is in a remote database stays, a copy is deleted',
      description: PERSON,
    })
    .input(byId)
    .output(z.object({ profile_id: z.string() })),
  environment: base
    .route({
      method: 'GET',
      path: '/api/profiles/environment',
      tags: TAGS,
      summary: 'Connections that variables of the environment name',
      description: PERSON,
    })
    .output(z.object({ items: z.array(environmentConnection) })),
  test: base
    .route({
      method: 'POST',
      path: '/api/profiles/test',
      tags: TAGS,
      summary: 'Look at a connection step by step, as server-sent events; changes nothing',
      description: `${PERSON} Of a profile that is kept, of one that is being edited (its secrets are used where the input has none), or of a new one.`,
    })
    .input(z.strictObject({ profile_id: profileId.optional(), connection: connectionInput.optional() }))
    .output(eventIterator(connectionStep)),
  migrations: base
    .route({
      method: 'GET',
      path: '/api/profiles/{profile_id}/migrations',
      tags: TAGS,
      summary: 'What opening the profile would change in its database',
      description: PERSON,
    })
    .input(byId)
    .output(migrationPreview),
  activate: base
    .route({
      method: 'POST',
      path: '/api/profiles/{profile_id}/activate',
      tags: TAGS,
      summary: 'Open a profile in place of the one that is open, which stays open when that fails',
      description: `${PERSON} Fails with MIGRATIONS_PENDING when the database of a remote profile is not up to date and nobody confirmed its migrations, and with CONFLICT while imports or exports run.`,
    })
    .input(
      byId.extend({
        migrate_to: z.int().min(0).optional().describe('`target` of the preview that a person has confirmed.'),
      }),
    )
    .output(profilesState),
};
