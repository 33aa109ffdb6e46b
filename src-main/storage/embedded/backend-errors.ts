/** PGlite no longer answers as PostgreSQL does; the worker has to be replaced, and recovery runs at the next start. */
export class BackendBrokenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BackendBrokenError';
  }
}

/** An error of a statement the server ran for itself, or on command. */
export class BackendStatementError extends Error {
  /** SQLSTATE. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'BackendStatementError';
    this.code = code;
  }
}
