/** Rows to insert together; when the database refuses the batch, each row is tried alone, so that one bad row costs one. */
import { assertNever } from '../errors.ts';
import type { TransferBatch, TransferRow } from '../memory/memory-transfer.ts';
import type { LinkRow, LongTermRow, RevisionRow, WorkingRow } from '../storage/schema.ts';
import type { ImportContext, RecordPlace } from './importers/importer.ts';
import { isRefusal, withRetries } from './retry.ts';

/** The count each type of row belongs to. */
const COUNT_OF = { working: 'working', longterm: 'longterm', revision: 'revisions', link: 'links' } as const;

export class MemoryBatch {
  readonly #context: ImportContext;
  #rows: { row: TransferRow; place: RecordPlace }[] = [];

  constructor(context: ImportContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#rows.length;
  }

  add(row: TransferRow, place: RecordPlace): void {
    this.#rows.push({ row, place });
  }

  /** Inserts all rows that are not there yet, and counts them. */
  async store(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    try {
      await this.#insert(rows);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      for (const row of rows) await this.#insertAlone(row);
    }
  }

  async #insertAlone(row: { row: TransferRow; place: RecordPlace }): Promise<void> {
    try {
      await this.#insert([row]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      this.#context.report.error(row.place, `the database refused the ${row.row.type} memory: ${why}`);
    }
  }

  async #insert(rows: readonly { row: TransferRow }[]): Promise<void> {
    const { scope, memory, report, retry_delays_ms, signal } = this.#context;
    const batch = toBatch(rows.map(({ row }) => row));
    const inserted = await withRetries(() => memory.insert(scope, batch), retry_delays_ms, signal);
    for (const count of Object.values(COUNT_OF)) report.added[count] += inserted[count];
    for (const { row } of rows) report.already_there[COUNT_OF[row.type]] += 1;
    for (const count of Object.values(COUNT_OF)) report.already_there[count] -= inserted[count];
  }
}

function toBatch(rows: readonly TransferRow[]): Required<TransferBatch> {
  const working: WorkingRow[] = [];
  const longterm: LongTermRow[] = [];
  const revisions: RevisionRow[] = [];
  const links: LinkRow[] = [];
  for (const item of rows) {
    switch (item.type) {
      case 'working':
        working.push(item.row);
        break;
      case 'longterm':
        longterm.push(item.row);
        break;
      case 'revision':
        revisions.push(item.row);
        break;
      case 'link':
        links.push(item.row);
        break;
      default:
        assertNever(item);
    }
  }
  return { working, longterm, revisions, links };
}
