/** Which errors a route can answer with: for its description, which tests hold against what really happens. */
import { z } from 'zod';
import { ERRORS } from '../../src-contract/index.ts';
import { DOOR_ERRORS, type DoorErrorCode } from './door-errors.ts';
import { PUBLIC_ROUTES, type Route } from './route-table.ts';

/** Whatever is asked: the door and the process may always fail. METHOD_NOT_ALLOWED is the answer of a path, not a route. */
const ANY_ROUTE = ['REQUEST_TIMEOUT', 'HOST_NOT_ALLOWED', 'HEADERS_TOO_LARGE', 'INTERNAL_SERVER_ERROR'] as const;
const WITH_TOKEN = ['UNAUTHORIZED', 'RATE_LIMITED', 'STORAGE_UNAVAILABLE', 'STORAGE_FULL'] as const;
const WITH_BODY = ['VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

/** What only the route itself knows. */
const OWN: Readonly<Record<string, readonly DoorErrorCode[]>> = {
  'sessions.create': ['CONFLICT'],
  'sessions.get': ['NOT_FOUND'],
  'sessions.update': ['NOT_FOUND'],
  'sessions.delete': ['NOT_FOUND'],
  'sessions.append': ['NOT_FOUND'],
  'sessions.messages': ['NOT_FOUND'],
  'working.get': ['NOT_FOUND'],
  'working.update': ['NOT_FOUND'],
  'working.delete': ['NOT_FOUND'],
  'longterm.get': ['NOT_FOUND'],
  'longterm.update': ['NOT_FOUND'],
  'longterm.supersede': ['NOT_FOUND', 'CONFLICT'],
  'longterm.delete': ['NOT_FOUND'],
  'memories.history': ['NOT_FOUND'],
  'memories.link': ['NOT_FOUND', 'CONFLICT'],
  'context.assemble': ['NOT_FOUND'],
  'events.get': ['NOT_FOUND'],
  'transfer.sendChunk': ['NOT_FOUND', 'CONFLICT'],
  'transfer.import': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'transfer.download': ['NOT_FOUND', 'CONFLICT'],
  'transfer.job': ['NOT_FOUND'],
  'transfer.cancel': ['NOT_FOUND'],
  'transfer.pause': ['NOT_FOUND'],
  'transfer.resume': ['NOT_FOUND', 'CONFLICT'],
  'transfer.forget': ['NOT_FOUND', 'CONFLICT'],
  'transfer.preview': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.snapshots': ['FORBIDDEN', 'CONFLICT'],
  'offline.snapshot': ['FORBIDDEN', 'CONFLICT'],
  'offline.openArchive': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.read': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.download': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.pause': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.resume': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.cancel': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.forget': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.compare': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.comparisons': ['FORBIDDEN', 'CONFLICT'],
  'offline.comparison': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.forgetComparison': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'offline.differences': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'backups.create': ['FORBIDDEN', 'CONFLICT'],
  'deadLetters.get': ['NOT_FOUND'],
  'deadLetters.replay': ['NOT_FOUND', 'CONFLICT'],
  'deadLetters.replayRun': ['NOT_FOUND'],
  'deadLetters.cancelReplayRun': ['NOT_FOUND'],
  'webhooks.get': ['NOT_FOUND'],
  'webhooks.create': ['FORBIDDEN', 'CONFLICT'],
  'webhooks.update': ['FORBIDDEN', 'NOT_FOUND'],
  'webhooks.remove': ['FORBIDDEN', 'NOT_FOUND'],
  'webhooks.rotateSecret': ['FORBIDDEN', 'NOT_FOUND'],
  'webhooks.test': ['FORBIDDEN', 'NOT_FOUND'],
  'webhooks.deliveries': ['NOT_FOUND'],
  'workers.get': ['NOT_FOUND'],
  'workers.runs': ['NOT_FOUND'],
  'workers.runNow': ['NOT_FOUND', 'CONFLICT'],
  'workers.pause': ['NOT_FOUND'],
  'workers.resume': ['NOT_FOUND'],
  'workers.restart': ['NOT_FOUND'],
  'workers.cancel': ['NOT_FOUND'],
  'workers.setSchedule': ['NOT_FOUND'],
  'journal.retry': ['NOT_FOUND'],
  'journal.discard': ['NOT_FOUND'],
  'resilience.probe': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'resilience.reset': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'resilience.isolate': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'resilience.release': ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  'resilience.update': ['FORBIDDEN'],
  'logs.list': ['FORBIDDEN'],
  'logs.tail': ['FORBIDDEN'],
  'logs.components': ['FORBIDDEN'],
  'logs.level': ['FORBIDDEN'],
  'logs.setLevel': ['FORBIDDEN'],
  'logs.diagnosticsContents': ['FORBIDDEN'],
  'logs.diagnostics': ['FORBIDDEN'],
  'app.createToken': ['FORBIDDEN'],
  'app.revokeToken': ['FORBIDDEN', 'NOT_FOUND'],
  'app.loadDemo': ['FORBIDDEN'],
};

/** The codes, in the order of the lists they come from. */
export function errorsOf(route: Route): DoorErrorCode[] {
  const { inputSchema } = route.procedure['~orpc'];
  const fields = inputSchema instanceof z.ZodObject ? Object.keys(inputSchema.shape) : [];
  const codes = new Set<DoorErrorCode>([
    ...ANY_ROUTE,
    ...(PUBLIC_ROUTES.has(route.name) ? [] : WITH_TOKEN),
    ...(route.method === 'GET' ? [] : WITH_BODY),
    ...(inputSchema === undefined ? [] : (['VALIDATION_FAILED'] as const)),
    ...(fields.includes('cursor') ? (['CURSOR_INVALID'] as const) : []),
    ...(fields.includes('idempotency_key') ? (['IDEMPOTENCY_KEY_REUSED'] as const) : []),
    ...(OWN[route.name] ?? []),
  ]);
  return (Object.keys({ ...ERRORS, ...DOOR_ERRORS }) as DoorErrorCode[]).filter((code) => codes.has(code));
}
