/** Which PostgreSQL servers we run on. */

/** The oldest, as `server_version_num` says it: the SQL of the migrations and queries is tested from there on. */
const LEAST_VERSION_NUMBER = 150_000;

/** The server is older than we can use. */
export class DatabaseTooOldError extends Error {
  override readonly name = 'DatabaseTooOldError';
  constructor(version: string) {
    super(
      `The server of database.url runs ${version}; Archon needs PostgreSQL 15 or newer. Update the server, use another, or leave database.url out for the embedded database.`,
    );
  }
}

export function isSupportedServer(version_number: number): boolean {
  return version_number >= LEAST_VERSION_NUMBER;
}

/** @throws DatabaseTooOldError */
export function requireSupportedServer(server: { version: string; version_number: number }): void {
  if (!isSupportedServer(server.version_number)) throw new DatabaseTooOldError(server.version);
}
