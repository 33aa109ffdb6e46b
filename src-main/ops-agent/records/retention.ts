/** How long notes of the ops agent are kept, here and in the database that nodes share. */
import type { Documents, RecordKind } from './documents.ts';
import type { Belonging, OpsRecords } from './ops-records.ts';
import type { SharedTable } from './shared-table.ts';

const DAY_MS = 86_400_000;
/** Of kinds whose number nobody drives up. */
const NO_BOUND = 1_000_000;

const KEPT: readonly { kind: RecordKind; days: number; most: number }[] = [
  { kind: 'alert', days: 90, most: 10_000 },
  { kind: 'action', days: 90, most: 10_000 },
  { kind: 'delivery', days: 30, most: 10_000 },
  { kind: 'report', days: 400, most: NO_BOUND },
  { kind: 'node', days: 1, most: NO_BOUND },
];
/** What persons said is kept as long as that of which they said it; it may come in before that. */
const SAID: readonly Belonging[] = [
  { kind: 'remark', owner: 'alert', field: 'alert_id' },
  { kind: 'decision', owner: 'action', field: 'action_id' },
];
const ORPHAN_DAYS = 1;
/** A node that was away for as long as that shows for good what was removed meanwhile. */
const REMOVED_DAYS = 400;
/** Every process that ends removes its own: one that is started again and again would leave hundreds of thousands. */
const ENDED_NODE_DAYS = 1;
const SILENCE_DAYS = 30;
const MOST_SILENCES = 10_000;

/** Here. */
export function pruneRecords(records: OpsRecords, org_id: string, now_ms: number): void {
  for (const { kind, days, most } of KEPT) records.prune(org_id, kind, { before_ms: now_ms - days * DAY_MS, most });
  for (const said of SAID) records.pruneOrphans(org_id, said, now_ms - ORPHAN_DAYS * DAY_MS);
  records.pruneRemoved(org_id, now_ms - REMOVED_DAYS * DAY_MS);
  records.pruneRemoved(org_id, now_ms - ENDED_NODE_DAYS * DAY_MS, 'node');
}

/** In the database. Rejects while it is away. */
export async function pruneShared(table: SharedTable, org_id: string, now_ms: number): Promise<void> {
  const scope = { org_id, actor: 'archon' };
  for (const { kind, days, most } of KEPT) {
    await table.prune(scope, kind, { before_ms: now_ms - days * DAY_MS, most });
  }
  for (const said of SAID) await table.pruneOrphans(scope, said, now_ms - ORPHAN_DAYS * DAY_MS);
  await table.pruneRemoved(scope, now_ms - REMOVED_DAYS * DAY_MS);
  await table.pruneRemoved(scope, now_ms - ENDED_NODE_DAYS * DAY_MS, 'node');
}

/** Removes silences that have been over for long; every node hears of it. */
export function removeOldSilences(records: OpsRecords, org_id: string, now_ms: number): void {
  for (const { id, document } of records.list(org_id, 'silence', { limit: MOST_SILENCES })) {
    const over_ms = overAt(document);
    if (over_ms !== undefined && over_ms < now_ms - SILENCE_DAYS * DAY_MS) records.remove(org_id, 'silence', id);
  }
}

/** Undefined: it holds for good. */
function overAt({ time, ended }: Documents['silence']): number | undefined {
  if (ended) return Date.parse(ended.at);
  const end = time.kind === 'once' ? time.to : time.until;
  return end === null ? undefined : Date.parse(end);
}
