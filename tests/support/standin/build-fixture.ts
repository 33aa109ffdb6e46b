/** Builds the fixture page once per test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

/** @returns the folder of the built page */
export async function buildFixture(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-fixture-'));
  await build({
    configFile: false,
    root: join(import.meta.dirname, 'fixture'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, target: 'chrome130', modulePreload: { polyfill: false } },
  });
  return folder;
}

export function removeFixture(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
