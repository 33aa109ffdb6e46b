/** Routes of the log: what Archon itself said, back through the files it is kept in and as it happens. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { cursor, instant, pageLimit, pageOf, partOfText, storedJson, tag, timestamp } from './primitives.ts';

/** From what is said most to what is said least; a filter takes one and all after it. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Parts of Archon that say something. An entry without one is told by the process itself, as `engine`. */
export const LOG_COMPONENTS = [
  'engine',
  'settings',
  'http',
  'api',
  'memory',
  'sessions',
  'events',
  'delivery',
  'workers',
  'ops-agent',
  'resilience',
  'journal',
  'storage',
  'backups',
  'transfer',
  'identity',
  'observability',
  'desktop',
  'cli',
] as const;
export type LogComponent = (typeof LOG_COMPONENTS)[number];

/** Entries that one reader of `logs.tail` can be behind; older ones are left out, and it is told how many. */
export const MAX_TAIL_BEHIND = 1000;
/** The longest that another level than the configured one holds. */
export const MAX_LEVEL_MINUTES = 24 * 60;

const logLevel = z.enum(LOG_LEVELS);
const logId = z
  .string()
  .regex(/^\d{1,16}$/, 'must be the id of an entry')
  .describe('Ids grow with time, also over restarts.');

export const logEntry = z.object({
  id: logId,
  created_at: instant,
  level: logLevel,
  component: z.string().describe('One of the components, or what an older or newer version called it.'),
  message: z.string(),
  error: z
    .object({
      type: z.string().nullable(),
      message: z.string(),
      code: z.string().nullable(),
      stack: z.string().nullable(),
    })
    .nullable(),
  fields: storedJson.describe('What else it says. Secrets and contents of memories are left out when it is written.'),
});
export type LogEntry = z.infer<typeof logEntry>;

const logFilter = {
  level: logLevel.optional().describe('This level and those above it.'),
  components: boundedList(tag, LOG_COMPONENTS.length * 2).optional(),
  text: partOfText.optional().describe('In the message, the error or the other members; case does not count.'),
};

export const logTailItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('entry'), entry: logEntry }),
  z.object({
    kind: z.literal('left_out'),
    count: z.int().min(1).nullable().describe('How many; null when it is not known: read the list again.'),
  }),
]);
export type LogTailItem = z.infer<typeof logTailItem>;

export const logLevelState = z.object({
  level: z.enum(['silent', ...LOG_LEVELS]).describe('What is logged now: this level and those above it.'),
  configured: z.enum(['silent', ...LOG_LEVELS]).describe('As log.level says.'),
  until: instant.nullable().describe('When the configured level holds again; null when it does.'),
});
export type LogLevelState = z.infer<typeof logLevelState>;

export const diagnosticsFile = z.object({
  file: z.string(),
  what: z.string().describe('What is in it, in words.'),
});
export const diagnosticsContents = z.object({
  file_name: z.string(),
  files: z.array(diagnosticsFile),
  left_out: z.array(z.string()).describe('What is never in it.'),
});
export type DiagnosticsContents = z.infer<typeof diagnosticsContents>;

export const diagnosticsPiece = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), file: z.string(), done: z.int().min(0), of: z.int().min(1) }),
  z.object({ kind: z.literal('bytes'), base64: z.string() }),
  z.object({
    kind: z.literal('end'),
    missing: z.array(z.object({ file: z.string(), why: z.string() })).describe('What could not be asked.'),
  }),
]);
export type DiagnosticsPiece = z.infer<typeof diagnosticsPiece>;

const TAGS = ['logs'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';

export const logsContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/logs',
      tags: TAGS,
      summary: 'Entries of the log of this process, newest first',
      description: `${PERSON} A page looks through a bounded part of the files: it may hold fewer entries than asked for, or none, and still have a next one.`,
    })
    .input(
      z.strictObject({
        ...logFilter,
        from: timestamp.optional().describe('Entries at this time or later.'),
        to: timestamp.optional().describe('Entries before this time.'),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(
      pageOf(logEntry).extend({
        looked_at: z.int().min(0).describe('Entries that were looked at for this page.'),
        broken: z.int().min(0).describe('Lines of the files that are no entries, and were skipped.'),
      }),
    ),
  tail: base
    .route({
      method: 'GET',
      path: '/api/logs/tail',
      tags: TAGS,
      summary: 'Entries of the log as they are written, as server-sent events',
      description: `${PERSON} Begins with the next entry, or after \`after_id\` or the \`Last-Event-ID\` header. A reader that is too slow is told how many entries were left out.`,
    })
    .input(z.strictObject({ ...logFilter, after_id: logId.optional() }))
    .output(eventIterator(logTailItem)),
  components: base
    .route({
      method: 'GET',
      path: '/api/logs/components',
      tags: TAGS,
      summary: 'The components, with what the newest entries hold of each',
      description: PERSON,
    })
    .output(
      z.object({
        items: z.array(
          z.object({
            component: z.string(),
            entries: z.int().min(0),
            warnings: z.int().min(0),
            errors: z.int().min(0).describe('Errors and what ended the process.'),
          }),
        ),
      }),
    ),
  level: base
    .route({
      method: 'GET',
      path: '/api/logs/level',
      tags: TAGS,
      summary: 'How much is logged now',
      description: PERSON,
    })
    .output(logLevelState),
  setLevel: base
    .route({
      method: 'PUT',
      path: '/api/logs/level',
      tags: TAGS,
      summary: 'Log more, or less, for a while; or as configured again',
      description: `${PERSON} Ends by itself, and with the process.`,
    })
    .input(
      z.strictObject({
        level: logLevel.nullable().describe('Null: as configured again.'),
        minutes: z.int().min(1).max(MAX_LEVEL_MINUTES).default(30).describe('How long it holds.'),
      }),
    )
    .output(logLevelState),
  diagnosticsContents: base
    .route({
      method: 'GET',
      path: '/api/logs/diagnostics/contents',
      tags: TAGS,
      summary: 'What a file of diagnostics would hold',
      description: PERSON,
    })
    .output(diagnosticsContents),
  diagnostics: base
    .route({
      method: 'GET',
      path: '/api/logs/diagnostics',
      tags: TAGS,
      summary: 'A ZIP file for whoever helps: logs, versions, health, figures and settings, in pieces',
      description: `${PERSON} Holds no memories and no secrets. The pieces of kind \`bytes\`, one after the other, are the file.`,
    })
    .output(eventIterator(diagnosticsPiece)),
};
