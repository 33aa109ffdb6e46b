/** Errors the domain throws on purpose. The API answers with their code; the command line prints what to do. */
import type { ErrorCode, FieldIssue } from '../src-contract/index.ts';

/** A refusal that the caller can understand and act on. */
export class ArchonError extends Error {
  override readonly name: string = 'ArchonError';
  readonly code: ErrorCode;
  readonly issues: readonly FieldIssue[];
  /** Seconds after which trying again may help; undefined where nobody knows. */
  readonly retry_after_seconds: number | undefined;
  /** What the caller needs to go on, as the contract says for the code. */
  readonly data: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      issues?: readonly FieldIssue[];
      retry_after_seconds?: number | undefined;
      data?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.retry_after_seconds = options.retry_after_seconds;
    this.data = options.data;
  }
}

/** A value the schema could not judge alone, such as one that must fit another. */
export function invalidField(field: string, message: string): ArchonError {
  return new ArchonError('VALIDATION_FAILED', `${field} ${message}`, { issues: [{ field, message }] });
}

export function notFound(what: string, id: string): ArchonError {
  return new ArchonError('NOT_FOUND', `There is no ${what} with id ${id}.`);
}

export function keyReused(key: string): ArchonError {
  return new ArchonError(
    'IDEMPOTENCY_KEY_REUSED',
    `The idempotency key "${key}" was used for another request. Use a new key for a new write.`,
    { issues: [{ field: 'idempotency_key', message: 'was used for another request' }] },
  );
}

/** For the end of a switch over a union: the compiler proves that no case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
