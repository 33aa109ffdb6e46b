/**
 * Samples in `history.db`: every 10 seconds for a day, put together to 5 minutes for 30 days.
 *
 * A locked file is never waited for: what cannot be written now is a gap. Everything of a sample is one transaction.
 */
import type { Database } from 'better-sqlite3';
import { METRIC_DAYS } from '../../../src-contract/index.ts';
import { withoutWaiting } from '../../storage/sqlite-patience.ts';
import { addRow, encodeSpan, type SampleLayout, sampleLayout } from './sample-codec.ts';
import { COUNTERS, GAUGES, HISTOGRAMS } from './sample-columns.ts';
import { Span } from './span.ts';

/** Seconds that a row is of. */
export const SAMPLE_SECONDS = 10;
export const ROLLUP_SECONDS = 300;
/** Seconds that rows are kept. */
export const SAMPLES_KEPT = 86_400;
export const ROLLUPS_KEPT = METRIC_DAYS * 86_400;
/** A row that is ahead of the clock by so much was written by a clock that was wrong. */
const AHEAD_SECONDS = 86_400;

const LAYOUT = { counters: COUNTERS, gauges: GAUGES, histograms: [...HISTOGRAMS] };
const SAMPLE_LAYOUT: SampleLayout = { ...LAYOUT, ranges: false };
const ROLLUP_LAYOUT: SampleLayout = { ...LAYOUT, ranges: true };

type Table = 'metric_samples' | 'metric_rollups';

interface Row {
  at: number;
  layout_id: number;
  cells: Buffer;
}

/** Times are in seconds since the epoch. Every method may throw a `SqliteFileError`. */
export class SampleStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #layouts = new Map<number, SampleLayout>();
  readonly #ids = new Map<SampleLayout, number>();
  /** Where the first 5 minutes begin that are not put together yet; undefined until it was looked up. */
  #rolled_until: number | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  /** Writes a sample, puts together what is complete with it, and removes what is too old. */
  add(at: number, span: Span): void {
    withoutWaiting(this.#db, () => {
      const rolled = this.#db
        .transaction(() => {
          this.#write('metric_samples', SAMPLE_LAYOUT, at, span);
          return this.#rollUp(at + SAMPLE_SECONDS);
        })
        .immediate();
      // Only now: a transaction that failed has put nothing together.
      this.#rolled_until = rolled;
    });
  }

  /** Up to where 5 minutes were put together: what comes later is in the samples alone. */
  rolledUntil(): number {
    return this.#rolled_until ?? this.#lastRolled();
  }

  /** Rows from one time to another, the first of them at most so many. */
  read(kind: 'samples' | 'rollups', from: number, to: number, limit: number): Row[] {
    const table = kind === 'samples' ? 'metric_samples' : 'metric_rollups';
    return withoutWaiting(this.#db, () => this.#sql[table].read.all(from, to, limit));
  }

  /** Adds a row to a span. */
  addTo(span: Span, row: Row): void {
    addRow(span, this.#layout(row.layout_id), row.cells);
  }

  #rollUp(until: number): number {
    let rolled = this.rolledUntil();
    const complete = until - (until % ROLLUP_SECONDS);
    // The clock went back: what is written now is put together again.
    if (rolled > complete + ROLLUP_SECONDS) rolled = complete - ROLLUP_SECONDS;
    if (complete <= rolled) return rolled;
    const spans = new Map<number, Span>();
    for (const row of this.#sql.metric_samples.read.all(rolled, complete, SAMPLES_KEPT)) {
      const begin = row.at - (row.at % ROLLUP_SECONDS);
      const span = spans.get(begin) ?? new Span();
      this.addTo(span, row);
      spans.set(begin, span);
    }
    for (const [begin, span] of spans) this.#write('metric_rollups', ROLLUP_LAYOUT, begin, span);
    this.#sql.metric_samples.prune.run(until - SAMPLES_KEPT, until + AHEAD_SECONDS);
    this.#sql.metric_rollups.prune.run(until - ROLLUPS_KEPT, until + AHEAD_SECONDS);
    return complete;
  }

  #lastRolled(): number {
    const last = this.#sql.lastRollup.get();
    return last === undefined || last === null ? 0 : last + ROLLUP_SECONDS;
  }

  #write(table: Table, layout: SampleLayout, at: number, span: Span): void {
    this.#sql[table].write.run(at, this.#idOf(layout), encodeSpan(layout, span));
  }

  #idOf(layout: SampleLayout): number {
    const known = this.#ids.get(layout);
    if (known !== undefined && this.#sql.layout.get(known) !== undefined) return known;
    const text = JSON.stringify(layout);
    this.#sql.addLayout.run(text);
    const id = this.#sql.layoutId.get(text);
    if (id === undefined) throw new Error('the layout of a sample was not kept');
    this.#ids.set(layout, id);
    return id;
  }

  #layout(id: number): SampleLayout {
    const known = this.#layouts.get(id);
    if (known !== undefined) return known;
    const layout = sampleLayout.parse(JSON.parse(this.#sql.layout.get(id) ?? 'null'));
    this.#layouts.set(id, layout);
    return layout;
  }
}

function prepare(db: Database) {
  const statements = (table: Table) => ({
    write: db.prepare<[number, number, Buffer]>(
      `INSERT INTO ${table} (at, layout_id, cells) VALUES (?, ?, ?)
       ON CONFLICT (at) DO UPDATE SET layout_id = excluded.layout_id, cells = excluded.cells`,
    ),
    read: db.prepare<[number, number, number], Row>(
      `SELECT at, layout_id, cells FROM ${table} WHERE at >= ? AND at < ? ORDER BY at LIMIT ?`,
    ),
    prune: db.prepare<[number, number]>(`DELETE FROM ${table} WHERE at < ? OR at > ?`),
  });
  return {
    metric_samples: statements('metric_samples'),
    metric_rollups: statements('metric_rollups'),
    lastRollup: db.prepare<[], number | null>('SELECT max(at) FROM metric_rollups').pluck(),
    addLayout: db.prepare<[string]>('INSERT INTO metric_layouts (layout) VALUES (?) ON CONFLICT (layout) DO NOTHING'),
    layoutId: db.prepare<[string], number>('SELECT layout_id FROM metric_layouts WHERE layout = ?').pluck(),
    layout: db.prepare<[number], string>('SELECT layout FROM metric_layouts WHERE layout_id = ?').pluck(),
  };
}
