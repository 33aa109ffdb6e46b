/** Routes of the settings: what can be set, what holds and why, changes with their history, and tests of services. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { cursor, instant, jsonObject, pageLimit, pageOf, storedJson, userId } from './primitives.ts';
import { settingValue } from './setting-values.ts';

/** Groups of settings, in the order in which people read them. */
export const SETTING_SECTIONS = [
  'memory',
  'workers',
  'events',
  'resilience',
  'alerts',
  'ops',
  'embedding',
  'llm',
  'data',
  'api',
  'logs',
] as const;
export const settingSection = z.enum(SETTING_SECTIONS);
export type SettingSection = z.infer<typeof settingSection>;

/** Whose a setting is: of this computer (its data folder), of the organisation (its database), or of one user. */
export const SETTING_SCOPES = ['device', 'org', 'user'] as const;
export const settingScope = z.enum(SETTING_SCOPES);
export type SettingScope = z.infer<typeof settingScope>;

/** What a setting takes, and with it how it is edited. */
export const settingKind = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('switch') }),
  z.object({
    kind: z.literal('number'),
    integer: z.boolean(),
    min: z.number(),
    max: z.number(),
    unit: z.string().nullable().describe('Such as `minutes`; null for a bare number.'),
    step: z.number().nullable().describe('Set for a number that is best chosen with a slider.'),
  }),
  z.object({ kind: z.literal('choice'), options: z.array(z.object({ value: z.string(), label: z.string() })) }),
  z.object({
    kind: z.literal('text'),
    format: z.enum(['text', 'url', 'path', 'email', 'schedule', 'time_zone']),
    nullable: z.boolean(),
  }),
  z.object({
    kind: z.literal('list'),
    item: z.string().describe('What each item is, such as `IP address or network`.'),
  }),
  z.object({ kind: z.literal('secret') }).describe('It can be set and taken back, never read.'),
]);
export type SettingKind = z.infer<typeof settingKind>;

/** Where the value in force comes from. */
export const settingSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('default') }),
  z.object({ kind: z.literal('file'), path: z.string() }),
  z.object({ kind: z.literal('environment'), variable: z.string() }),
  z.object({ kind: z.literal('flag'), flag: z.string() }),
  z.object({ kind: settingScope.extract(['device', 'org', 'user']) }).describe('It was set with Archon.'),
]);
export type SettingSource = z.infer<typeof settingSource>;

export const settingKey = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/, 'must be the key of a setting, such as memory.session_ttl_minutes');

export const setting = z.object({
  key: z.string(),
  section: settingSection,
  title: z.string(),
  help: z.string(),
  kind: settingKind,
  scope: settingScope,
  env: z.string().describe('The environment variable that sets it for a process.'),
  default: settingValue,
  value: settingValue.describe('What was set last, in force unless it waits for a restart; null for a secret.'),
  inherited: settingValue.describe('What holds when the own value is taken back; null for a secret.'),
  is_set: z.boolean().describe('Whether it has an own value in the scope that was asked for.'),
  source: settingSource,
  locked: z.string().nullable().describe('Why it cannot be changed here, and where it can.'),
  waits: z.boolean().describe('Set, but in force only after the engine has restarted.'),
  needs_restart: z.boolean().describe('A change is in force only after the engine has restarted.'),
  risk: z.string().nullable().describe('What a change may cost, for a question before it is made.'),
  revision: z.string().describe('Names what is set now; a change that was made on another is refused.'),
});
export type Setting = z.infer<typeof setting>;

const settingChange = z.strictObject({
  key: settingKey,
  value: settingValue.describe('Null takes the own value back.'),
  revision: z
    .string()
    .max(100)
    .regex(/^[\w-]*$/, 'must be the `revision` of a setting')
    .optional()
    .describe('`revision` of the setting the change was made on; without it the last one to save wins.'),
});
export type SettingChange = z.infer<typeof settingChange>;

export const settingsHistoryEntry = z.object({
  id: z.uuid(),
  at: instant,
  by: z.string(),
  scope: settingScope,
  user_id: z.string().nullable(),
  changes: z.array(
    z.object({
      key: z.string(),
      title: z.string(),
      secret: z.boolean().describe('Then only whether it was set is told, as true and false.'),
      before: settingValue.describe('Null: it had no own value.'),
      after: settingValue,
    }),
  ),
  undoes: z.uuid().nullable().describe('The change that this one took back.'),
  undone_by: z.uuid().nullable(),
});
export type SettingsHistoryEntry = z.infer<typeof settingsHistoryEntry>;

const imported = z.object({
  changes: z.array(z.object({ key: z.string(), title: z.string(), before: settingValue, after: settingValue })),
  skipped: z.array(z.object({ key: z.string(), reason: z.string() })),
});
export type ImportedSettings = z.infer<typeof imported>;

/** Services that settings lead to, and that can be tried before they are saved. */
export const TESTABLE_SERVICES = ['embedding', 'llm', 'email', 'slack', 'webhook'] as const;
export const testableService = z.enum(TESTABLE_SERVICES);
export type TestableService = z.infer<typeof testableService>;

const serviceTest = z.object({
  ok: z.boolean(),
  message: z.string().describe('What came of it; on failure what to do.'),
  latency_ms: z.number().nullable(),
  models: z.array(z.string()).nullable().describe('Models the service offers, where it says.'),
  dimensions: z.int().nullable().describe('Of the vectors of an embedding service.'),
});
export type ServiceTest = z.infer<typeof serviceTest>;

const TAGS = ['settings'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';

export const settingsContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/settings',
      tags: TAGS,
      summary: 'Every setting: what it takes, what holds and where that comes from',
      description: `${PERSON} Secrets are told as set or not.`,
    })
    .input(z.strictObject({ user_id: userId.optional().describe('For the settings a user has of their own.') }))
    .output(
      z.object({
        items: z.array(setting),
        notices: z.array(z.string()).describe('What a person should know, such as a damaged file that was put aside.'),
      }),
    ),
  set: base
    .route({
      method: 'PATCH',
      path: '/api/settings',
      tags: TAGS,
      summary: 'Change settings; all of them or none, in force at once unless they wait for a restart',
      description: `${PERSON} Fails with SETTINGS_CONFLICT when one of them was changed since.`,
    })
    .input(z.strictObject({ user_id: userId.optional(), changes: boundedList(settingChange, 200).min(1) }))
    .output(z.object({ items: z.array(setting) })),
  history: base
    .route({
      method: 'GET',
      path: '/api/settings/history',
      tags: TAGS,
      summary: 'Who changed what, newest first',
      description: PERSON,
    })
    .input(
      z.strictObject({
        scope: z.enum(['device', 'org']).describe('`org` holds the changes of users too.'),
        key: settingKey.optional(),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(settingsHistoryEntry)),
  undo: base
    .route({
      method: 'POST',
      path: '/api/settings/history/{id}/undo',
      tags: TAGS,
      summary: 'Take a change back; refused when the settings were changed since',
      description: PERSON,
    })
    .input(z.strictObject({ id: z.uuid(), scope: z.enum(['device', 'org']) }))
    .output(z.object({ items: z.array(setting) })),
  export: base
    .route({
      method: 'GET',
      path: '/api/settings/export',
      tags: TAGS,
      summary: 'Everything that was set, as a document; without secrets and without what is of one computer only',
      description: PERSON,
    })
    .output(storedJson),
  import: base
    .route({
      method: 'POST',
      path: '/api/settings/import',
      tags: TAGS,
      summary: 'Set what an exported document holds, or only say what would change',
      description: PERSON,
    })
    .input(z.strictObject({ document: jsonObject, dry_run: z.boolean().default(false) }))
    .output(imported),
  schema: base
    .route({
      method: 'GET',
      path: '/api/settings/schema',
      tags: TAGS,
      summary: 'JSON schema of the configuration file',
    })
    .output(storedJson),
  test: base
    .route({
      method: 'POST',
      path: '/api/settings/test',
      tags: TAGS,
      summary: 'Try a service as it is set, or as it would be',
      description: `${PERSON} Sends a real request, message or mail.`,
    })
    .input(
      z.strictObject({
        service: testableService,
        values: z
          .record(settingKey, settingValue)
          .default({})
          .describe('Values that are not saved yet; the others are taken as they are set.'),
      }),
    )
    .output(serviceTest),
  restart: base
    .route({
      method: 'POST',
      path: '/api/settings/restart',
      tags: TAGS,
      summary: 'Restart the engine, so that settings that wait are in force',
      description: `${PERSON} Refused while imports or exports run.`,
    })
    .input(z.strictObject({}))
    .output(z.object({ restarted_at: instant })),
};
