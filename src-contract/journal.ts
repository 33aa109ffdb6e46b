/** Writes that wait on the disk of this node while their store is away, and those the store refused afterwards. */
import { z } from 'zod';
import { base } from './base.ts';
import { cursor, instant, jsonObject, pageLimit, pageOf } from './primitives.ts';

/** Which store a write waits for. */
export const journaledStore = z.enum(['database', 'sessions']);
export type JournaledStore = z.infer<typeof journaledStore>;

/** Answered with status 202 in the place of what was written. */
export const queuedWrite = z
  .object({
    status: z.literal('queued'),
    id: z.string().describe('Of what is written: the memory or the session; of several memories the first.'),
    ids: z.array(z.string()).describe('Of all memories, or of the session and then its messages.'),
    queued_at: instant,
    store: journaledStore.describe('The store that is away.'),
  })
  .describe('It is kept on the disk of this node, and is in its store as soon as that is back: in order, and once.');
export type QueuedWrite = z.infer<typeof queuedWrite>;

/** The answer of a write that may be queued instead of done. */
export const orQueued = <T extends z.ZodType>(done: T) => z.union([done, queuedWrite]);

/** What a write that was done answers with. */
export type Done<T> = Exclude<T, QueuedWrite>;

/** Tells what was queued from what was done. */
export const isQueued = (answer: unknown): answer is QueuedWrite =>
  answer !== null &&
  typeof answer === 'object' &&
  'status' in answer &&
  answer.status === 'queued' &&
  'queued_at' in answer;

/** The answer of a write that was done. @throws Error when it is queued: what comes next needs it in its store */
export function requireDone<T>(answer: T | QueuedWrite): T {
  if (!isQueued(answer)) return answer;
  throw new Error('The store is away: what was written waits for it. Try again when it is back.');
}

const waitingFor = z.object({
  waiting: z.int().min(0).describe('Writes of the organisation.'),
  oldest_at: instant.nullable(),
  away_since: instant.nullable().describe('Null while the store takes writes.'),
  error: z.string().nullable().describe('Why it takes none.'),
});

export const journalStatus = z.object({
  database: waitingFor,
  sessions: waitingFor,
  refused: z.int().min(0).describe('Writes of the organisation that their store refused; nobody has dealt with them.'),
  bytes: z.int().min(0).describe('Of the writes of all organisations that wait.'),
  max_bytes: z.int().positive().describe('Further writes are refused then, until some are in their store.'),
});
export type JournalStatus = z.infer<typeof journalStatus>;

export const refusedWrite = z.object({
  id: z.uuid(),
  operation: z.string().describe('The route, such as `working.update`.'),
  store: journaledStore,
  user_id: z.string().nullable().describe('Whose memory it is, where the request says so.'),
  ids: z.array(z.string()),
  actor: z.string(),
  queued_at: instant,
  refused_at: instant,
  error: z.object({ code: z.string(), message: z.string() }),
  input: jsonObject.describe('The request.'),
});
export type RefusedWrite = z.infer<typeof refusedWrite>;

const TAGS = ['journal'];
const byId = z.strictObject({ id: z.uuid() });

export const journalContract = {
  status: base
    .route({
      method: 'GET',
      path: '/api/journal',
      tags: TAGS,
      summary: 'Writes that wait on this node for a store that is away',
    })
    .output(journalStatus),
  refused: base
    .route({
      method: 'GET',
      path: '/api/journal/refused',
      tags: TAGS,
      summary: 'Writes that were queued and then refused by their store, newest first; kept for 30 days',
    })
    .input(z.strictObject({ cursor: cursor.optional(), limit: pageLimit }))
    .output(pageOf(refusedWrite)),
  retry: base
    .route({
      method: 'POST',
      path: '/api/journal/refused/{id}/retry',
      tags: TAGS,
      successStatus: 202,
      summary: 'Queue a refused write again',
    })
    .input(byId)
    .output(queuedWrite),
  discard: base
    .route({
      method: 'POST',
      path: '/api/journal/refused/{id}/discard',
      tags: TAGS,
      summary: 'Give up a refused write for good',
    })
    .input(byId)
    .output(z.object({ discarded: z.literal(true) })),
};
