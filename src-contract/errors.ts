/** Every error an answer can carry: its code, its HTTP status, what it means and what to do. */
import { z } from 'zod';
import { migrationPreview } from './migration-preview.ts';
import { settingConflict } from './setting-values.ts';

/** One field that was refused. `field` is a path such as `messages[3].content`. */
export const fieldIssue = z.object({ field: z.string(), message: z.string() });
export type FieldIssue = z.infer<typeof fieldIssue>;

export const ERRORS = {
  VALIDATION_FAILED: {
    status: 400,
    message: 'The request is not valid.',
    data: z.object({ field: z.string(), issues: z.array(fieldIssue).describe('The first 20.') }),
  },
  CURSOR_INVALID: { status: 400, message: 'The cursor is not one of ours; start again from the first page.' },
  UNAUTHORIZED: { status: 401, message: 'Send the token as "Authorization: Bearer …".' },
  FORBIDDEN: { status: 403, message: 'This token may not do that.' },
  NOT_FOUND: { status: 404, message: 'There is nothing with this id.' },
  CONFLICT: { status: 409, message: 'The request conflicts with the current state.' },
  IDEMPOTENCY_KEY_REUSED: { status: 409, message: 'This idempotency key was used for another request.' },
  READ_ONLY: { status: 409, message: 'The open connection is for reading only.' },
  SETTINGS_CONFLICT: {
    status: 409,
    message: 'A setting was changed by somebody else meanwhile.',
    data: z.object({ conflicts: z.array(settingConflict) }),
  },
  MIGRATIONS_PENDING: {
    status: 409,
    message: 'The database must be brought up to date first; a person has to confirm it.',
    data: migrationPreview,
  },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'The request body is too large.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests; wait a moment.' },
  STORAGE_FULL: { status: 507, message: 'The disk that holds the data folder is full.' },
  STORAGE_UNAVAILABLE: { status: 503, message: 'A store is away; try again.' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Archon failed; the log says why.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;
