/** Turns whatever went wrong into an error of the contract; what the caller cannot mend is logged, not told. */
import { ValidationError } from '@orpc/contract';
import { ORPCError } from '@orpc/server';
import type { Logger } from 'pino';
import { ERRORS, type ErrorCode, type FieldIssue } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';

type Issue = ValidationError['issues'][number];

export function toApiError(error: unknown, logger: Logger): ORPCError<string, unknown> {
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) {
    return validationFailed(error.cause.issues.flatMap(fieldIssues));
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

function fromArchonError(error: ArchonError, logger: Logger): ORPCError<string, unknown> {
  if (error.code === 'VALIDATION_FAILED') return validationFailed([...error.issues]);
  if (ERRORS[error.code].status >= 500) logger.warn({ err: error }, 'request not served');
  return apiError(error.code, error.message);
}

function apiError(code: ErrorCode, message: string): ORPCError<string, unknown> {
  return new ORPCError(code, { status: ERRORS[code].status, message });
}

function validationFailed(issues: FieldIssue[]): ORPCError<string, unknown> {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
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
  if ('keys' in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({ field: fieldName([...path, String(key)]), message: 'is not a known field' }));
  }
  return [{ field: fieldName(path), message: issue.message }];
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
  return name === '' ? 'body' : name;
}
