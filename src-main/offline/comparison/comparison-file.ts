/** The records of two archives beside each other, in a file of SQLite: memory would not hold them. */
import BetterSqlite3 from 'better-sqlite3';
import {
  COMPARED_LAYERS,
  type ComparedLayer,
  DIFFERENCE_KINDS,
  type Difference,
  type DifferenceCounts,
  type DifferenceKind,
  type JsonObject,
} from '../../../src-contract/index.ts';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';
import { canonicalJson } from '../../transfer/archive/canonical-json.ts';
import { type ComparedRecord, changedFields, digestOf, shownOf } from './compared-record.ts';

/** Differences that are kept to be read; all are counted. With their texts they take a gigabyte at worst. */
const MAX_LISTED = 100_000;

const SCHEMA = `
  CREATE TABLE records (
    layer INTEGER NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL,
    -- What the second archive says: nothing, the same, something else, or it alone has the record.
    found INTEGER NOT NULL DEFAULT 0,
    -- The record as the second archive has it, of those that changed.
    after TEXT,
    PRIMARY KEY (layer, key)
  ) WITHOUT ROWID;
  CREATE TABLE users (side INTEGER NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (side, user_id)) WITHOUT ROWID;
  CREATE TABLE differences (
    place INTEGER PRIMARY KEY, kind INTEGER NOT NULL, layer INTEGER NOT NULL, user_id TEXT NOT NULL, difference TEXT NOT NULL
  );
  CREATE INDEX by_kind ON differences (kind, place);
  CREATE INDEX by_layer ON differences (layer, place);
  CREATE INDEX by_user ON differences (user_id, place);
`;
const UNSEEN = 0;
const SAME = 1;
const CHANGED = 2;
const ALONE = 3;

type Side = 'before' | 'after';
interface RecordRow {
  digest: Buffer;
  found: number;
  after: string | null;
}

export interface DifferenceFilter {
  kind?: DifferenceKind | undefined;
  layer?: ComparedLayer | undefined;
  user_id?: string | undefined;
}

export class ComparisonFile {
  readonly #db: BetterSqlite3.Database;
  readonly #counts = emptyCounts();
  #listed = 0;
  readonly #lastUser: Record<Side, string | undefined> = { before: undefined, after: undefined };
  readonly #insert;
  readonly #find;
  readonly #mark;
  readonly #done;
  readonly #list;
  readonly #addUser;

  /** @param file does not exist yet; it is of no use after the process, so nothing of it is synced */
  constructor(file: string) {
    this.#db = withSqliteFaults(file, () => {
      const db = new BetterSqlite3(file);
      db.pragma('journal_mode = OFF');
      db.pragma('synchronous = OFF');
      db.exec(SCHEMA);
      return db;
    });
    const of = <Result>(statement: string) => this.#db.prepare<unknown[], Result>(statement);
    this.#insert = of('INSERT OR IGNORE INTO records (layer, key, digest, found) VALUES (?, ?, ?, ?)');
    this.#find = of<RecordRow>('SELECT digest, found, after FROM records WHERE layer = ? AND key = ?');
    this.#mark = of('UPDATE records SET found = ?, after = ? WHERE layer = ? AND key = ?');
    this.#done = of('UPDATE records SET found = ?, after = NULL WHERE layer = ? AND key = ?');
    this.#list = of('INSERT INTO differences (kind, layer, user_id, difference) VALUES (?, ?, ?, ?)');
    this.#addUser = of('INSERT OR IGNORE INTO users (side, user_id) VALUES (?, ?)');
  }

  get counts(): Readonly<Record<ComparedLayer, DifferenceCounts>> {
    return this.#counts;
  }

  /** Differences that can be read. */
  get listed(): number {
    return this.#listed;
  }

  /** Runs many steps as one: each alone would cost a write. */
  begin(): void {
    this.#run(() => this.#db.exec('BEGIN'));
  }

  commit(): void {
    this.#run(() => this.#db.exec('COMMIT'));
  }

  /** First: each record of the first archive. A record that stands in it twice counts once, as an import takes it. */
  takeBefore(record: ComparedRecord): void {
    this.#run(() => this.#insert.run(layerNumber(record.layer), record.key, digestOf(record), UNSEEN));
    this.#user('before', record.user_id);
  }

  /** Then: each of the second. What it alone has is a difference already. */
  takeAfter(record: ComparedRecord): void {
    this.#user('after', record.user_id);
    const layer = layerNumber(record.layer);
    const digest = digestOf(record);
    const row = this.#run(() => this.#find.get(layer, record.key));
    if (row === undefined) {
      this.#run(() => this.#insert.run(layer, record.key, digest, ALONE));
      this.#tell('added', record, { before: null, after: shownOf(record), fields: [] });
      return;
    }
    if (row.found !== UNSEEN) return;
    const isSame = row.digest.equals(digest);
    if (isSame) this.#counts[record.layer].same += 1;
    const after = isSame ? null : canonicalJson(record.fields);
    this.#run(() => this.#mark.run(isSame ? SAME : CHANGED, after, layer, record.key));
  }

  /** Last: each of the first once more, for what the second does not have, or has otherwise. */
  takeBeforeAgain(record: ComparedRecord): void {
    const layer = layerNumber(record.layer);
    const row = this.#run(() => this.#find.get(layer, record.key));
    if (row === undefined || (row.found !== UNSEEN && row.after === null)) return;
    // Once: the record may stand in the archive twice.
    this.#run(() => this.#done.run(SAME, layer, record.key));
    const before = shownOf(record);
    if (row.after === null) {
      this.#tell('gone', record, { before, after: null, fields: [] });
      return;
    }
    const fields = JSON.parse(row.after) as JsonObject;
    const after = shownOf({ layer: record.layer, fields });
    this.#tell('changed', record, { before, after, fields: changedFields(record.fields, fields) });
  }

  /** The differences are told; what they were made from is let go. */
  finish(): void {
    this.#run(() => this.#db.exec('DROP TABLE records'));
  }

  users(side: Side): number {
    const count = this.#run(() =>
      this.#db.prepare<unknown[], number>('SELECT count(*) FROM users WHERE side = ?').pluck().get(sideNumber(side)),
    );
    return count ?? 0;
  }

  /** Behind a place, at most so many, each with its place. */
  page(filter: DifferenceFilter, after: number, limit: number): { place: number; difference: Difference }[] {
    const { kind, layer, user_id } = filter;
    const wheres: [string, unknown][] = [['place > ?', after]];
    if (kind !== undefined) wheres.push(['kind = ?', DIFFERENCE_KINDS.indexOf(kind)]);
    if (layer !== undefined) wheres.push(['layer = ?', layerNumber(layer)]);
    if (user_id !== undefined) wheres.push(['user_id = ?', user_id]);
    const rows = this.#run(() =>
      this.#db
        .prepare<unknown[], { place: number; difference: string }>(
          `SELECT place, difference FROM differences WHERE ${wheres.map(([where]) => where).join(' AND ')}
           ORDER BY place LIMIT ?`,
        )
        .all(...wheres.map(([, value]) => value), limit),
    );
    return rows.map(({ place, difference }) => ({ place, difference: JSON.parse(difference) as Difference }));
  }

  close(): void {
    this.#db.close();
  }

  #tell(kind: DifferenceKind, record: ComparedRecord, said: Pick<Difference, 'before' | 'after' | 'fields'>): void {
    this.#counts[record.layer][kind] += 1;
    if (this.#listed >= MAX_LISTED) return;
    this.#listed += 1;
    const { layer, user_id, id, session_id } = record;
    const difference: Difference = { kind, layer, user_id, id, session_id, ...said };
    this.#run(() =>
      this.#list.run(DIFFERENCE_KINDS.indexOf(kind), layerNumber(layer), user_id, JSON.stringify(difference)),
    );
  }

  #user(side: Side, user_id: string): void {
    // Records of one user stand together.
    if (this.#lastUser[side] === user_id) return;
    this.#lastUser[side] = user_id;
    this.#run(() => this.#addUser.run(sideNumber(side), user_id));
  }

  #run<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }
}

const layerNumber = (layer: ComparedLayer): number => COMPARED_LAYERS.indexOf(layer);
const sideNumber = (side: Side): number => (side === 'before' ? 0 : 1);

function emptyCounts(): Record<ComparedLayer, DifferenceCounts> {
  const none = () => ({ added: 0, changed: 0, gone: 0, same: 0 });
  return { session: none(), message: none(), working: none(), longterm: none() };
}
