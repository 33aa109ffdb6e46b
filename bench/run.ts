/** `npm run bench`: measures the engine, prints a table, then the same as JSON. `-- NAME …` runs only some parts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { appRoot, appVersion } from '../src-main/app-files.ts';
import { benchDashboard } from './dashboard-work.ts';
import { benchDelivery } from './delivery-work.ts';
import { benchEvents } from './events-work.ts';
import { printTable, type Row, RUNS } from './measure.ts';
import { benchMemories } from './memory-work.ts';
import { benchMetrics } from './metrics-work.ts';
import { benchResilience } from './resilience-work.ts';
import { benchServe } from './serve-work.ts';
import { benchSessions } from './session-work.ts';
import { benchUi } from './ui-work.ts';

const PARTS: Record<string, () => Promise<Row[]>> = {
  memories: benchMemories,
  sessions: benchSessions,
  events: benchEvents,
  delivery: benchDelivery,
  metrics: benchMetrics,
  resilience: benchResilience,
  serve: benchServe,
  ui: benchUi,
  dashboard: benchDashboard,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are: ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
const rows: Row[] = [];
for (const [name, bench] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`measuring ${name} …`);
  rows.push(...(await bench()));
}
const result = {
  version: appVersion,
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  runs: RUNS,
  rows,
};
printTable(rows);
console.log(JSON.stringify(result));
const folder = join(appRoot, 'bench/results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`), JSON.stringify(result, null, 2));
