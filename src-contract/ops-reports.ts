/** The daily report of the ops agent. */
import { z } from 'zod';
import { base } from './base.ts';
import { OPS_PERSON, opsSeverity } from './ops-rules.ts';
import { cursor, instant, pageLimit, pageOf, storableText } from './primitives.ts';

const figure = z.object({
  key: z.enum([
    'uptime_percent',
    'events_processed',
    'requests',
    'latency_mean_ms',
    'latency_p95_ms',
    'error_percent',
    'breaker_openings',
    'worker_runs',
    'worker_restarts',
    'worker_failures',
    'memories_added',
    'memory_growth_percent',
    'dead_letters_added',
    'alerts_fired',
    'actions_taken',
    'actions_helped',
    'detect_to_heal_seconds',
  ]),
  title: z.string(),
  unit: z.enum(['percent', 'count', 'ms', 'seconds']),
  better: z.enum(['up', 'down', 'neither']),
  value: z.number().nullable().describe('Null: not recorded.'),
  day_before: z.number().nullable(),
  week: z.number().nullable().describe('Mean of the seven days before.'),
});
export type OpsReportFigure = z.infer<typeof figure>;

export const opsReportData = z.object({
  from: instant,
  to: instant,
  time_zone: z.string(),
  recorded_percent: z
    .number()
    .min(0)
    .max(100)
    .describe('Part of the time the agent looked; of the rest nothing is known.'),
  summary: z.string(),
  figures: z.array(figure),
  components: z.array(
    z.object({
      component: z.string(),
      uptime_percent: z.number().nullable(),
      outages: z.int().min(0),
      longest_outage_seconds: z.number().min(0),
      mttr_seconds: z.number().nullable().describe('Mean time from the outage to its end.'),
    }),
  ),
  breakers: z.array(
    z.object({ breaker: z.string(), openings: z.int(), open_seconds: z.number(), last_error: z.string().nullable() }),
  ),
  workers: z.array(
    z.object({
      worker: z.string(),
      runs: z.int(),
      failures: z.int(),
      restarts: z.int(),
      mean_ms: z.number().nullable(),
    }),
  ),
  errors: z
    .array(z.object({ message: z.string(), component: z.string(), count: z.int(), last_at: instant }))
    .describe('The top ten of the log.'),
  alerts: z.array(
    z.object({
      id: z.uuid(),
      rule_name: z.string(),
      severity: opsSeverity,
      summary: z.string(),
      started_at: instant,
      ended_at: instant.nullable(),
    }),
  ),
  actions: z.array(
    z.object({
      id: z.uuid(),
      remediator: z.string(),
      cause: z.string(),
      outcome: z.string().nullable(),
      state: z.string(),
      at: instant,
      duration_ms: z.number().nullable(),
    }),
  ),
  recommendations: z.array(z.object({ title: z.string(), detail: z.string(), impact: z.string() })),
});
export type OpsReportData = z.infer<typeof opsReportData>;

export const opsReportEntry = z.object({
  id: z.uuid(),
  from: instant,
  to: instant,
  created_at: instant,
  trigger: z.enum(['schedule', 'person']),
  created_by: z.string().nullable(),
  summary: z.string(),
  sent_to: z.array(z.string()).describe('Names of the channels it was handed to.'),
});
export type OpsReportEntry = z.infer<typeof opsReportEntry>;
export const opsReport = opsReportEntry.extend({ data: opsReportData });
export type OpsReport = z.infer<typeof opsReport>;

const TAGS = ['ops reports'];
const named = z.strictObject({ report: z.uuid() });

export const opsReportsContract = {
  list: base
    .route({ method: 'GET', path: '/api/ops/reports', tags: TAGS, summary: 'Reports, newest first; kept for 400 days' })
    .input(z.strictObject({ cursor: cursor.optional(), limit: pageLimit }))
    .output(
      pageOf(opsReportEntry).extend({ next_at: instant.nullable().describe('When the next one is made by itself.') }),
    ),
  get: base
    .route({ method: 'GET', path: '/api/ops/reports/{report}', tags: TAGS, summary: 'One report' })
    .input(named)
    .output(opsReport),
  create: base
    .route({
      method: 'POST',
      path: '/api/ops/reports',
      tags: TAGS,
      successStatus: 201,
      summary: 'Make a report now, of the last 24 hours',
      description: OPS_PERSON,
    })
    .output(opsReport),
  remove: base
    .route({
      method: 'DELETE',
      path: '/api/ops/reports/{report}',
      tags: TAGS,
      summary: 'Remove a report',
      description: OPS_PERSON,
    })
    .input(named)
    .output(z.object({ removed: z.boolean() })),
  document: base
    .route({
      method: 'GET',
      path: '/api/ops/reports/{report}/document',
      tags: TAGS,
      summary: 'A report as a document of its own: HTML to read or print, or Markdown',
    })
    .input(named.extend({ format: z.enum(['html', 'markdown']) }))
    .output(z.object({ file_name: z.string(), media_type: z.string(), text: z.string() })),
  send: base
    .route({
      method: 'POST',
      path: '/api/ops/reports/{report}/send',
      tags: TAGS,
      summary: 'Send it through the channels that take reports, or through one',
      description: OPS_PERSON,
    })
    .input(named.extend({ channel: storableText(z.string().min(1).max(100)).optional() }))
    .output(opsReportEntry),
};
