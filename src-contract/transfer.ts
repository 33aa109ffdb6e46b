/** Routes that bring conversations in and take memory out. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { role } from './entities.ts';
import { fileName, filePath, instant, userId } from './primitives.ts';

/** Kinds of files that can be imported. `auto` looks at the first records. */
export const IMPORT_KINDS = ['chatgpt', 'claude-ai', 'claude-code', 'openai-jsonl', 'archon'] as const;
export const importKind = z.enum(IMPORT_KINDS);
export type ImportKind = z.infer<typeof importKind>;

/** Largest piece of an upload: below the default request limit of 5 MB. */
export const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

/** Errors of an import that the list of jobs shows; the job itself has more. */
export const LISTED_ERRORS = 20;

/** A record that could not be imported. `line` counts from 1; `record` from 1 where the file has records. */
export const recordError = z.object({
  line: z.int().nullable(),
  record: z.int().nullable(),
  message: z.string(),
});
export type RecordError = z.infer<typeof recordError>;

const counts = z.object({
  sessions: z.int().min(0),
  messages: z.int().min(0),
  working: z.int().min(0),
  longterm: z.int().min(0),
  revisions: z.int().min(0),
  links: z.int().min(0),
});
export type TransferCounts = z.infer<typeof counts>;

const progress = z.object({
  bytes_done: z.int().min(0),
  bytes_total: z.int().min(0).nullable(),
  records_done: z.int().min(0),
  records_total: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('As counted at the beginning; others write meanwhile.'),
});

/** Life of a job: running, at rest (`paused` by a person, `interrupted` when the process ended under it), or at one of its ends. */
export const JOB_STATES = ['running', 'paused', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;

const jobCommon = {
  job_id: z.uuid(),
  org_id: z.uuid(),
  state: z.enum(JOB_STATES),
  started_at: instant,
  finished_at: instant.nullable(),
  progress,
  failure: z.string().nullable().describe('Why the whole job failed and what to do.'),
};

export const importJob = z.object({
  ...jobCommon,
  kind: z.literal('import'),
  name: z.string().describe('File name.'),
  format: importKind.nullable().describe('Null until it is detected.'),
  user_id: z.string().nullable(),
  added: counts,
  already_there: counts,
  error_count: z.int().min(0),
  errors: z.array(recordError).describe(`The first 1,000; in the list of jobs the first ${LISTED_ERRORS}.`),
  can_resume: z
    .enum(['at_once', 'same_file'])
    .nullable()
    .default(null)
    .describe(
      'How an import goes on that did not come to its end: at once, for Archon knows where its file is, or when the same file is imported again. Null: not at all, or a later import of the file went on with it.',
    ),
  resumed_from_record: z.int().min(0),
});
export type ImportJob = z.infer<typeof importJob>;

/** Users an export can be of, short of everybody. */
export const MAX_EXPORTED_USERS = 1000;

export const exportScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), user_id: userId }),
  z.strictObject({
    kind: z.literal('users'),
    user_ids: boundedList(userId, MAX_EXPORTED_USERS).min(1).describe('Each once.'),
  }),
  z.strictObject({ kind: z.literal('org') }),
]);
export type ExportScope = z.infer<typeof exportScope>;

export const exportJob = z.object({
  ...jobCommon,
  kind: z.literal('export'),
  scope: exportScope,
  file_name: z.string(),
  bytes: z.int().min(0).nullable(),
  exported: counts,
  sha256: z.string().nullable().describe('Of the file, once it is written.'),
  can_resume: z
    .enum(['at_once'])
    .nullable()
    .default(null)
    .describe('Set while what was written is kept, so that the export goes on behind it.'),
});
export type ExportJob = z.infer<typeof exportJob>;

export const transferJob = z.discriminatedUnion('kind', [importJob, exportJob]);
export type TransferJob = z.infer<typeof transferJob>;

/** Where an import reads from: an upload that was sent before, or a file of the machine Archon runs on. */
export const importSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('upload'), upload_id: z.uuid() }),
  z.strictObject({ kind: z.literal('file'), path: filePath }),
]);
export type ImportSource = z.infer<typeof importSource>;

export const importOptions = {
  format: importKind.or(z.literal('auto')).default('auto'),
  user_id: userId
    .optional()
    .describe(
      'Whose memory the conversations become. Needed for every format but our own archive, which names its users.',
    ),
};

/** What a file holds, read from its beginning only. */
export const importPreview = z.object({
  name: z.string(),
  bytes: z.int().min(0),
  format: importKind,
  needs_user: z.boolean().describe('False for our own archive, which names its users.'),
  conversations: z
    .array(
      z.object({
        title: z.string().nullable(),
        started_at: instant.nullable(),
        messages: z.array(z.object({ role, text: z.string() })).describe('The first ones, shortened.'),
      }),
    )
    .describe('The first ones; none for an archive.'),
  archive: z
    .object({ created_at: instant, app_version: z.string(), scope: exportScope })
    .nullable()
    .describe('Set for our own archive.'),
  errors: z.array(recordError).describe('What is wrong with the records looked at.'),
});
export type ImportPreview = z.infer<typeof importPreview>;

const TAGS = ['import and export'];
const jobId = z.strictObject({ job_id: z.uuid() });

export const transferContract = {
  beginUpload: base
    .route({
      method: 'POST',
      path: '/api/memory/import/uploads',
      tags: TAGS,
      successStatus: 201,
      summary: 'Begin to send a file in pieces',
    })
    .input(
      z.strictObject({
        name: fileName,
        size: z
          .int()
          .min(1)
          .max(64 * 1024 ** 3),
      }),
    )
    .output(z.object({ upload_id: z.uuid(), received: z.int() })),
  sendChunk: base
    .route({
      method: 'PUT',
      path: '/api/memory/import/uploads/{upload_id}',
      tags: TAGS,
      summary: 'Send the next piece, at most 4 MiB',
      description: 'A piece sent again is not added twice; `received` says where to go on.',
    })
    .input(
      z.strictObject({
        upload_id: z.uuid(),
        offset: z.int().min(0),
        chunk: z.file().max(MAX_CHUNK_BYTES),
      }),
    )
    .output(z.object({ upload_id: z.uuid(), received: z.int() })),
  preview: base
    .route({
      method: 'POST',
      path: '/api/memory/import/preview',
      tags: TAGS,
      summary: 'What kind of file it is and how it begins; imports nothing',
    })
    .input(z.strictObject({ source: importSource, format: importOptions.format }))
    .output(importPreview),
  import: base
    .route({
      method: 'POST',
      path: '/api/memory/import',
      tags: TAGS,
      successStatus: 202,
      summary: 'Import conversations or an archive; answers at once with the job',
      description:
        'Importing the same file twice adds nothing. Only the desktop app and the command line may name a file path; others send an upload first.',
    })
    .input(z.strictObject({ source: importSource, ...importOptions }))
    .output(importJob),
  export: base
    .route({
      method: 'POST',
      path: '/api/memory/export',
      tags: TAGS,
      successStatus: 202,
      summary: 'Export one user or the whole organisation to an archive; answers at once with the job',
    })
    .input(z.strictObject({ scope: exportScope }))
    .output(exportJob),
  download: base
    .route({
      method: 'GET',
      path: '/api/memory/exports/{job_id}/file',
      tags: TAGS,
      summary: 'The archive a finished export wrote',
    })
    .input(jobId)
    .output(z.file()),
  jobs: base
    .route({
      method: 'GET',
      path: '/api/memory/jobs',
      tags: TAGS,
      summary: 'Imports and exports, newest first (at most 100)',
    })
    .input(z.strictObject({}))
    .output(z.object({ items: z.array(transferJob) })),
  job: base
    .route({ method: 'GET', path: '/api/memory/jobs/{job_id}', tags: TAGS, summary: 'One import or export' })
    .input(jobId)
    .output(transferJob),
  cancel: base
    .route({
      method: 'POST',
      path: '/api/memory/jobs/{job_id}/cancel',
      tags: TAGS,
      summary: 'Stop a running job; what is imported stays',
    })
    .input(jobId)
    .output(transferJob),
  pause: base
    .route({
      method: 'POST',
      path: '/api/memory/jobs/{job_id}/pause',
      tags: TAGS,
      summary: 'Let a running job rest; it goes on where it was, after a restart too',
    })
    .input(jobId)
    .output(transferJob),
  resume: base
    .route({
      method: 'POST',
      path: '/api/memory/jobs/{job_id}/resume',
      tags: TAGS,
      successStatus: 202,
      summary: 'Go on with a job that rests or stopped; answers at once',
      description:
        'For a job whose `can_resume` is `at_once`; with `same_file`, import the file again instead. An import goes on as a new job, which tells of the whole file: what was imported is not imported twice. An export goes on as the same job, behind what it has written.',
    })
    .input(jobId)
    .output(transferJob),
  forget: base
    .route({
      method: 'DELETE',
      path: '/api/memory/jobs/{job_id}',
      tags: TAGS,
      summary: 'Forget a job that has ended, with the archive an export wrote; memory stays as it is',
    })
    .input(jobId)
    .output(z.object({ job_id: z.string() })),
};
