/**
 * A data folder with an empty database in it, and an empty PostgreSQL server, made once for all tests: making a database
 * takes many times as long as copying one. Vitest runs `setup` before the tests; scripts that use the same helpers go
 * without it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, constants, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { COMPILE_CACHE, childEnvironment } from './child-environment.ts';
import { copyEmptyCluster } from './embedded-cluster.ts';
import { makePostgresTemplate } from './postgres-server.ts';

const TEMPLATE = 'ARCHON_TEST_TEMPLATE_FOLDER';
const SOURCE = resolve(import.meta.dirname, '..', '..', 'src-main', 'headless.ts');

/** What vitest calls for every project that needs it; the first makes it. @returns what it calls at the end */
export async function setup(): Promise<() => void> {
  if (process.env[TEMPLATE] !== undefined) return () => {};
  const folder = mkdtempSync(join(tmpdir(), 'archon-template-'));
  const path = join(folder, 'data');
  mkdirSync(path, { mode: 0o700 });
  process.env[COMPILE_CACHE] = join(folder, 'compiled');
  await copyEmptyCluster(join(path, 'postgres'));
  const migrate = spawn(process.execPath, [SOURCE, 'migrate'], {
    env: { ...childEnvironment(), ARCHON_DATA_DIR: path },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(migrate, 'close');
  if (code !== 0) throw new Error(`archon migrate ended with ${code}: there is no data folder to copy for the tests`);
  process.env[TEMPLATE] = path;
  const removePostgres = makePostgresTemplate();
  return () => {
    rmSync(folder, { recursive: true, force: true });
    removePostgres();
  };
}

/** Puts an empty database where a data folder will be; without a template nothing: Archon makes one itself. */
export function copyTemplate(path: string): void {
  const template = process.env[TEMPLATE];
  if (template === undefined) return;
  cpSync(template, path, { recursive: true, mode: constants.COPYFILE_FICLONE });
  // Copying does not keep what the app takes care of.
  chmodSync(path, 0o700);
}
