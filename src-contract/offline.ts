/** Routes for memory without its server: copies of a profile, archives opened for reading, archives compared. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { LAYERS, role } from './entities.ts';
import { cursor, instant, labelText, pageLimit, pageOf, userId } from './primitives.ts';
import { profileId } from './profiles.ts';
import { importSource, MAX_EXPORTED_USERS } from './transfer.ts';

const snapshotCommon = {
  snapshot_id: z.uuid(),
  name: z.string(),
  into: z.enum(['archive', 'copy']),
  source: z.string().describe('The profile or archive it is made from, by name.'),
  users: z.array(z.string()).nullable().describe('Null: everybody.'),
  started_at: instant,
  progress: z.object({
    phase: z
      .enum(['reading', 'writing'])
      .describe('From the source into an archive (or through an archive, to check it), then from it into the copy.'),
    bytes_done: z.int().min(0),
    bytes_total: z.int().min(0).nullable(),
    records_done: z.int().min(0),
    records_total: z.int().min(0).nullable(),
  }),
};
const writtenArchive = z.object({
  file_name: z.string(),
  bytes: z.int().min(0),
  sha256: z.string(),
});
/** A copy being made, to look at without the server it comes from. */
export const snapshot = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), ...snapshotCommon }),
  z.object({
    state: z.literal('paused'),
    ...snapshotCommon,
    reason: z.string().nullable().describe('Null when a person paused it.'),
  }),
  z.object({
    state: z.literal('succeeded'),
    ...snapshotCommon,
    finished_at: instant,
    taken_at: instant.describe('The moment it shows.'),
    profile_id: profileId.nullable().describe('The copy; null for an archive.'),
    archive: writtenArchive.nullable().describe('The file, until the snapshot is forgotten; null for a copy.'),
  }),
  z.object({ state: z.literal('failed'), ...snapshotCommon, finished_at: instant, failure: z.string() }),
  z.object({ state: z.literal('cancelled'), ...snapshotCommon, finished_at: instant }),
]);
export type Snapshot = z.infer<typeof snapshot>;

/** Where an archive is, or memory that can be made one. */
export const archiveSource = z.discriminatedUnion('kind', [
  ...importSource.options,
  z.strictObject({ kind: z.literal('export'), job_id: z.uuid() }).describe('A finished export.'),
  z.strictObject({ kind: z.literal('snapshot'), snapshot_id: z.uuid() }).describe('An archive taken before.'),
]);
export type ArchiveSource = z.infer<typeof archiveSource>;
export const comparedSource = z.discriminatedUnion('kind', [
  ...archiveSource.options,
  z.strictObject({ kind: z.literal('open') }).describe('What is in the open profile now.'),
]);
export type ComparedSource = z.infer<typeof comparedSource>;

/** What archives are compared by: messages belong to their sessions. */
export const COMPARED_LAYERS = [...LAYERS, 'message'] as const;
export const comparedLayer = z.enum(COMPARED_LAYERS);
export type ComparedLayer = z.infer<typeof comparedLayer>;
export const DIFFERENCE_KINDS = ['added', 'changed', 'gone'] as const;
export const differenceKind = z.enum(DIFFERENCE_KINDS);
export type DifferenceKind = z.infer<typeof differenceKind>;

const counts = z.object({
  added: z.int().min(0),
  changed: z.int().min(0),
  gone: z.int().min(0),
  same: z.int().min(0),
});
export type DifferenceCounts = z.infer<typeof counts>;
const side = z.object({ name: z.string(), created_at: instant, users: z.int().min(0), records: z.int().min(0) });
const comparisonCommon = {
  comparison_id: z.uuid(),
  started_at: instant,
  before_name: z.string(),
  after_name: z.string(),
};
export const comparison = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    ...comparisonCommon,
    progress: z.object({
      step: z
        .int()
        .min(1)
        .describe('Of 4: the open profile is exported, then both archives are read, the first twice.'),
      share: z.number().min(0).max(1).describe('Of the step.'),
      records_done: z.int().min(0),
    }),
  }),
  z.object({
    state: z.literal('succeeded'),
    ...comparisonCommon,
    finished_at: instant,
    before: side,
    after: side,
    counts: z.object({ session: counts, message: counts, working: counts, longterm: counts }),
    listed: z.int().min(0).describe('Differences that can be read; all of them are counted.'),
  }),
  z.object({ state: z.literal('failed'), ...comparisonCommon, finished_at: instant, failure: z.string() }),
]);
export type Comparison = z.infer<typeof comparison>;

const differing = z.object({
  text: z.string().describe('The beginning.'),
  is_cut: z.boolean(),
  role: role.nullable(),
  memory_type: z.string().nullable(),
  at: instant.nullable(),
});
const changedField = z.object({
  field: z.string(),
  before: z.string().nullable().describe('As JSON, its beginning; null where there is none.'),
  after: z.string().nullable(),
});
export const difference = z.object({
  kind: differenceKind,
  layer: comparedLayer,
  user_id: z.string(),
  id: z.string(),
  session_id: z.string().nullable().describe('Whose message it is.'),
  before: differing.nullable(),
  after: differing.nullable(),
  fields: z.array(changedField).describe('What differs, of one that changed.'),
});
export type Difference = z.infer<typeof difference>;

const TAGS = ['offline'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';
const bySnapshot = z.strictObject({ snapshot_id: z.uuid() });
const byComparison = z.strictObject({ comparison_id: z.uuid() });

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
        users: boundedList(userId, MAX_EXPORTED_USERS).min(1).nullable().default(null).describe('Null: everybody.'),
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
      description: `${PERSON} Answers at once with the job. An archive that is damaged, or was written by a newer Archon, makes it fail with the line.`,
    })
    .input(z.strictObject({ name: labelText, source: archiveSource }))
    .output(snapshot),
  read: base
    .route({
      method: 'GET',
      path: '/api/offline/snapshots/{snapshot_id}',
      tags: TAGS,
      summary: 'One copy that is being made or was made',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(snapshot),
  download: base
    .route({
      method: 'GET',
      path: '/api/offline/snapshots/{snapshot_id}/file',
      tags: TAGS,
      summary: 'The archive a finished snapshot wrote',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(z.file()),
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
      summary: 'Take one that has ended off the list, with the archive it wrote; a copy it made stays',
      description: PERSON,
    })
    .input(bySnapshot)
    .output(z.object({ snapshot_id: z.string() })),
  compare: base
    .route({
      method: 'POST',
      path: '/api/offline/comparisons',
      tags: TAGS,
      successStatus: 202,
      summary: 'Compare two archives: what was added, what changed, what is gone',
      description: `${PERSON} Answers at once with the job. Records are the same when their ids are. What merely reading memory changes does not count.`,
    })
    .input(z.strictObject({ before: comparedSource, after: comparedSource }))
    .output(comparison),
  comparisons: base
    .route({
      method: 'GET',
      path: '/api/offline/comparisons',
      tags: TAGS,
      summary: 'The last comparisons, newest first',
      description: `${PERSON} The last five are kept, until Archon ends.`,
    })
    .output(z.object({ items: z.array(comparison) })),
  comparison: base
    .route({
      method: 'GET',
      path: '/api/offline/comparisons/{comparison_id}',
      tags: TAGS,
      summary: 'One comparison',
      description: PERSON,
    })
    .input(byComparison)
    .output(comparison),
  forgetComparison: base
    .route({
      method: 'DELETE',
      path: '/api/offline/comparisons/{comparison_id}',
      tags: TAGS,
      summary: 'End a comparison, or forget what it found',
      description: PERSON,
    })
    .input(byComparison)
    .output(z.object({ comparison_id: z.string() })),
  differences: base
    .route({
      method: 'GET',
      path: '/api/offline/comparisons/{comparison_id}/differences',
      tags: TAGS,
      summary: 'What differs, in pages',
      description: PERSON,
    })
    .input(
      byComparison.extend({
        kind: differenceKind.optional(),
        layer: comparedLayer.optional(),
        user_id: userId.optional(),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(difference)),
};
