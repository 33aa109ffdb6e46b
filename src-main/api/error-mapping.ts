/** Turns whatever went wrong into an error of the contract; what the caller cannot mend is logged, not told. */
import { ValidationError } from '@orpc/contract';
import { ORPCError } from '@orpc/server';
import type { Logger } from 'pino';
import { ERRORS, type ErrorCode, type FieldIssue } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';

type Issue = ValidationError['issues'][number];

/** Faults told by name; the message says how many more there are. An answer must not outgrow its request. */
const FAULTS_TOLD = 20;
/** A field's name is what the caller made it: a longer one is told by its beginning. */
const MAX_NAME_LENGTH = 200;

export function toApiError(error: unknown, logger: Logger): ORPCError<string, unknown> {
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) {
    const { issues } = error.cause;
    const total = issues.reduce((sum, issue) => sum + (unknownKeys(issue)?.length ?? 1), 0);
    return validationFailed(issues.slice(0, FAULTS_TOLD).flatMap(fieldIssues), total);
  }
  if (error instanceof ArchonError) return fromArchonError(error, logger);
  if (error instanceof SessionStoreUnavailableError) {
    logger.warn({ err: error }, 'session store away');
    // A full disk under the built-in store is told as such.
    const code = error.cause instanceof ArchonError ? error.cause.code : 'STORAGE_UNAVAILABLE';
    return apiError(code, error.message);
  }
  if (error instanceof ORPCError && error.status < 500) return error;
  logger.error({ err: error }, 'request failed');
  return apiError('INTERNAL_SERVER_ERROR', ERRORS.INTERNAL_SERVER_ERROR.message);
}

/** Seconds after which the caller may try again; undefined where nobody knows. */
export function retryAfter(error: unknown): number | undefined {
  if (error instanceof ArchonError) return error.retry_after_seconds;
  return error instanceof SessionStoreUnavailableError ? retryAfter(error.cause) : undefined;
}

function fromArchonError(error: ArchonError, logger: Logger): ORPCError<string, unknown> {
  if (error.code === 'VALIDATION_FAILED') return validationFailed(error.issues);
  if (ERRORS[error.code].status >= 500) logger.warn({ err: error }, 'request not served');
  return apiError(error.code, error.message, error.data);
}

function apiError(code: ErrorCode, message: string, data?: unknown): ORPCError<string, unknown> {
  return new ORPCError(code, { status: ERRORS[code].status, message, data });
}

/** @param total number of faults, told or not */
function validationFailed(faults: readonly FieldIssue[], total = faults.length): ORPCError<string, unknown> {
  const issues = faults.slice(0, FAULTS_TOLD);
  const [first] = issues;
  const more = total > 1 ? ` (and ${total - 1} more)` : '';
  const { field, message } = first ?? { field: 'body', message: 'is not valid' };
  return new ORPCError('VALIDATION_FAILED', {
    status: ERRORS.VALIDATION_FAILED.status,
    message: `${field}: ${message}${more}`,
    data: { field, issues },
  });
}

/** Issues of a schema with the path written as one would in code; an unknown key is named itself. */
function fieldIssues(issue: Issue): FieldIssue[] {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const keys = unknownKeys(issue);
  if (keys) {
    return keys
      .slice(0, FAULTS_TOLD)
      .map((key) => ({ field: fieldName([...path, String(key)]), message: 'is not a known field' }));
  }
  return [{ field: fieldName(path), message: issue.message }];
}

/** The keys that no schema knows, which zod tells as one issue. */
function unknownKeys(issue: Issue): unknown[] | undefined {
  return 'keys' in issue && Array.isArray(issue.keys) ? issue.keys : undefined;
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
  if (name.length > MAX_NAME_LENGTH) return `${name.slice(0, MAX_NAME_LENGTH).toWellFormed()}…`;
  return name === '' ? 'body' : name;
}
