import type { Database } from '../../../storage/database.ts';
import type { DiagnosticsDocument } from './diagnostics.ts';

/** Only what the database says of itself: no table of ours but the list of migrations is read. */
export function databaseDocument(database: Pick<Database, 'transaction'>): DiagnosticsDocument {
  return {
    file: 'database.json',
    what: 'Version and extensions of the database, and the migrations it has had.',
    read: () =>
      database.transaction(async (tx) => ({
        version: (await tx.sql<{ version: string }>('SELECT version() AS version'))[0]?.version,
        extensions: await tx.sql('SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY extname'),
        migrations: await tx.sql('SELECT version, name, applied_at FROM archon_migrations ORDER BY version'),
      })),
  };
}
