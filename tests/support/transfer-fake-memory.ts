/** Memories in memory: inserts what is not there, gives all of it out again, refuses or is away when told to. */
import { ArchonError } from '../../src-main/errors.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import {
  type InsertedCounts,
  type MemoryTransfer,
  positionOf,
  type RowFilter,
  type RowPosition,
  type TransferBatch,
  type TransferRow,
} from '../../src-main/memory/memory-transfer.ts';
import type { LinkRow, LongTermRow, RevisionRow, WorkingRow } from '../../src-main/storage/schema.ts';

export class FakeMemoryTransfer implements MemoryTransfer {
  readonly working = new Map<string, WorkingRow>();
  readonly longterm = new Map<string, LongTermRow>();
  readonly revisions = new Map<string, RevisionRow>();
  readonly links = new Map<string, LinkRow>();
  /** Sizes of the batches that came. */
  readonly batches: number[] = [];
  /** Inserts that fail before the next succeeds. */
  failures = 0;
  /** Working memories with this text are refused, as the database would refuse what it cannot hold. */
  refused_text: string | undefined;
  onInsert: () => void = () => undefined;

  async insert(scope: Scope, batch: TransferBatch): Promise<InsertedCounts> {
    this.onInsert();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new ArchonError('STORAGE_UNAVAILABLE', 'The database is away (ECONNREFUSED); try again.');
    }
    if (batch.working?.some(({ content }) => content.text === this.refused_text)) {
      throw Object.assign(new Error('string is too long for tsvector'), { code: '54000' });
    }
    this.batches.push((batch.working?.length ?? 0) + (batch.longterm?.length ?? 0));
    const { org_id } = scope;
    return {
      working: addAll(this.working, batch.working, org_id, ({ id }) => id),
      longterm: addAll(this.longterm, batch.longterm, org_id, ({ id }) => id),
      revisions: addAll(
        this.revisions,
        batch.revisions,
        org_id,
        ({ memory_id, revision }) => `${memory_id} ${revision}`,
      ),
      links: addAll(this.links, batch.links, org_id, (row) => `${row.from_id} ${row.to_id} ${row.relation}`),
    };
  }

  async *rows(scope: Scope, filter: RowFilter, after?: RowPosition): AsyncGenerator<TransferRow> {
    const rows = this.#rows(scope, filter);
    const key = after && JSON.stringify(after);
    const last = rows.findIndex((row) => JSON.stringify(positionOf(row)) === key);
    yield* rows.slice(last + 1);
  }

  async count(scope: Scope, filter: RowFilter): Promise<number> {
    return this.#rows(scope, filter).length;
  }

  #rows(scope: Scope, { user_ids }: RowFilter): TransferRow[] {
    const mine = <T extends { org_id: string }>(rows: Map<string, T>) =>
      [...rows.values()].filter(({ org_id }) => org_id === scope.org_id).map((row) => structuredClone(row));
    const isUsers = (row: { user_id: string }) => user_ids === undefined || user_ids.includes(row.user_id);
    const working = mine(this.working).filter(isUsers);
    const longterm = mine(this.longterm).filter(isUsers);
    const ids = new Set([...working, ...longterm].map(({ id }) => id));
    const revisions = mine(this.revisions).filter((row) => ids.has(row.memory_id));
    const links = mine(this.links).filter((row) => ids.has(row.from_id) && ids.has(row.to_id));
    return [
      ...working.map((row): TransferRow => ({ type: 'working', row })),
      ...longterm.map((row): TransferRow => ({ type: 'longterm', row })),
      ...revisions.map((row): TransferRow => ({ type: 'revision', row })),
      ...links.map((row): TransferRow => ({ type: 'link', row })),
    ];
  }

  /** Working memories by the time they were made. */
  get timeline(): WorkingRow[] {
    return [...this.working.values()].sort((a, b) => a.created_at.localeCompare(b.created_at));
  }
}

function addAll<T extends { org_id: string }>(
  table: Map<string, T>,
  rows: readonly T[] = [],
  org_id: string,
  keyOf: (row: T) => string,
): number {
  let added = 0;
  for (const row of rows) {
    const key = `${org_id} ${keyOf(row)}`;
    if (table.has(key)) continue;
    table.set(key, structuredClone({ ...row, org_id }));
    added += 1;
  }
  return added;
}
