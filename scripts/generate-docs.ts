/**
 * Writes the reference pages that list what the source defines. With `--check` it only compares, and fails when a page
 * is not what the source says: that runs with the linter.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { settingsSchema } from '../src-main/settings/settings-schema.ts';
import { commandLinePage } from './docs/command-line-page.ts';
import { configurationPage } from './docs/configuration-page.ts';
import { errorsPage } from './docs/errors-page.ts';
import { eventsPage } from './docs/events-page.ts';
import { metricsPage } from './docs/metrics-page.ts';
import { opsSignalsPage } from './docs/ops-signals-page.ts';
import { routesPage } from './docs/routes-page.ts';
import { securityPage } from './docs/security-page.ts';

const folder = resolve(import.meta.dirname, '..', 'docs');
const pages: Record<string, string> = {
  'reference/archon.config.schema.json': `${JSON.stringify(settingsSchema(), null, 2)}\n`,
  'reference/command-line.md': commandLinePage(),
  'reference/configuration.md': configurationPage(),
  'reference/errors.md': errorsPage(),
  'reference/events.md': eventsPage(),
  'reference/metrics.md': metricsPage(),
  'reference/ops-signals.md': opsSignalsPage(),
  'reference/routes.md': routesPage(),
  'operations/security.md': securityPage(),
};

const stale = Object.keys(pages).filter((name) => current(name) !== pages[name]);
if (process.argv.includes('--check')) {
  for (const name of stale) console.error(`docs/${name} is not up to date: run "node scripts/generate-docs.ts".`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const name of stale) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), pages[name] ?? '');
  }
  console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'nothing to write');
}

function current(name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}
