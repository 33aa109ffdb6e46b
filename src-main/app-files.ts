/** Where the app's own files are: beside the source in a checkout, beside the bundle in an installed app. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds migrations/ and resources/. */
export const appRoot = findRoot(import.meta.dirname);
export const migrationsFolder = join(appRoot, 'migrations');
export const sqliteMigrationsFolder = join(migrationsFolder, 'sqlite');
/** Schema of the built-in session store. */
export const sessionsMigrationsFolder = join(migrationsFolder, 'sessions-sqlite');
/** Schema of the journal of writes. */
export const journalMigrationsFolder = join(migrationsFolder, 'journal-sqlite');
/** Version of the app, from package.json. */
export const appVersion: string = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8')).version;

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'migrations', '0001_foundation.sql'))) return folder;
    if (folder === dirname(folder)) {
      throw new Error(
        `The folder migrations/ is missing above ${start}: the installation is not complete, install again.`,
      );
    }
  }
}
