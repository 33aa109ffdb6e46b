/** Routes for memory without its server: copies of a profile, archives opened for reading, archives compared. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { LAYERS, role } from './entities.ts';
import { cursor, instant, labelText, pageLimit, pageOf, userId } from './primitives.ts';
import { profileId } from './profiles.ts';
import { importSource } from './transfer.ts';

const snapshotCommon = {
  snapshot_id: z.uuid(),
  name: z.string(),
  source: z.string().describe('The profile or archive it is made from, by name.'),
  users: z.array(z.string()).nullable().describe('Null: everybody.'),
  started_at: instant,
  progress: z.object({
    phase: z.enum(['reading', 'writing']).describe('From the source into an archive, then from it into the copy.'),
    bytes_done: z.int().min(0),
    bytes_total: z.int().min(0).nullable(),
    records_done: z.int().min(0),
  }),
};
/** A copy being made, to look at without the server it comes from. */
export const snapshot = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), ...snapshotCommon }),
  z.object({ state: z.literal('paused'), ...snapshotCommon, reason: z.string().nullable() }),
  z.object({
    state: z.literal('succeeded'),
    ...snapshotCommon,
    finished_at: instant,
    profile_id: profileId.nullable().describe('The copy; null for an archive.'),
    export_job_id: z.uuid().nullable().describe('The export whose file is the archive.'),
  }),
  z.object({ state: z.literal('failed'), ...snapshotCommon, finished_at: instant, failure: z.string() }),
  z.object({ state: z.literal('cancelled'), ...snapshotCommon, finished_at: instant }),
]);
export type Snapshot = z.infer<typeof snapshot>;

const counts = z.object({
  added: z.int().min(0),
  changed: z.int().min(0),
  gone: z.int().min(0),
  same: z.int().min(0),
});
const side = z.object({ name: z.string(), created_at: instant, users: z.int().min(0), records: z.int().min(0) });
export const comparison = z.object({
  comparison_id: z.uuid(),
  before: side,
  after: side,
  counts: z.object({ sessions: counts, messages: counts, working: counts, longterm: counts }),
});
export type Comparison = z.infer<typeof comparison>;

const differing = z.object({
  text: z.string().describe('The beginning.'),
  role: role.nullable(),
  memory_type: z.string().nullable(),
  at: instant.nullable(),
});
export const difference = z.object({
  kind: z.enum(['added', 'changed', 'gone']),
  layer: z.enum([...LAYERS, 'message']),
  user_id: z.string(),
  id: z.string(),
  before: differing.nullable(),
  after: differing.nullable(),
  fields: z.array(z.string()).describe('What differs, of one that changed.'),
});
export type Difference = z.infer<typeof difference>;

const TAGS = ['offline'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';
const bySnapshot = z.strictObject({ snapshot_id: z.uuid() });

export const offlineContract = {
  snapshots: base
    .route({
      method: 'GET',
      path: '/api/offline/snapshots',
      tags: TAGS,
      summary: 'Copies that are being made or were made, newest first',
      description: PERSON,
    })
    .output(z.object({ items: z.array(snapshot) })),
  snapshot: base
    .route({
      method: 'POST',
      path: '/api/offline/snapshots',
      tags: TAGS,
      successStatus: 202,
      summary: 'Copy the memory of the open profile into an archive, or into a profile on this computer',
      description: `${PERSON} Answers at once with the job.`,
    })
    .input(
      z.strictObject({
        name: labelText,
        users: boundedList(userId, 1000).min(1).nullable().default(null).describe('Null: everybody.'),
        into: z.enum(['archive', 'copy']),
      }),
    )
    .output(snapshot),
  openArchive: base
    .route({
      method: 'POST',
      path: '/api/offline/archives',
      tags: TAGS,
      successStatus: 202,
      summary: 'Make a read-only copy on this computer from an archive; no other data is touched',
      description: `${PERSON} Answers at once with the job.`,
    })
    .input(z.strictObject({ name: labelText, source: importSource }))
    .output(snapshot),
  pause: base
    .route({
      method: 'POST',
      path: '/api/offline/snapshots/{snapshot_id}/pause',
      tags: TAGS,
      summary: 'Stop for now; it goes on where it was',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(snapshot),
  resume: base
    .route({
      method: 'POST',
      path: '/api/offline/snapshots/{snapshot_id}/resume',
      tags: TAGS,
      summary: 'Go on with one that was paused or cut off',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(snapshot),
  cancel: base
    .route({
      method: 'POST',
      path: '/api/offline/snapshots/{snapshot_id}/cancel',
      tags: TAGS,
      summary: 'End it and remove what it wrote',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(snapshot),
  forget: base
    .route({
      method: 'DELETE',
      path: '/api/offline/snapshots/{snapshot_id}',
      tags: TAGS,
      summary: 'Take one that has ended off the list; a copy it made stays',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(z.object({ snapshot_id: z.string() })),
  compare: base
    .route({
      method: 'POST',
      path: '/api/offline/comparisons',
      tags: TAGS,
      successStatus: 201,
      summary: 'Compare two archives: what was added, what changed, what is gone',
      description: PERSON,
    })
    .input(z.strictObject({ before: importSource, after: importSource }))
    .output(comparison),
  differences: base
    .route({
      method: 'GET',
      path: '/api/offline/comparisons/{comparison_id}/differences',
      tags: TAGS,
      summary: 'What differs, in pages',
      description: `${PERSON} The last comparisons are kept until Archon ends.`,
    })
    .input(
      z.strictObject({
        comparison_id: z.uuid(),
        kind: z.enum(['added', 'changed', 'gone']).optional(),
        layer: z.enum([...LAYERS, 'message']).optional(),
        user_id: userId.optional(),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(difference)),
};
