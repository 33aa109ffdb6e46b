/**
 * Gives an archive of one user to another: every record under the new name, every id made anew.
 *
 * The ids must differ because the organisation may hold the first user's records too, and two users cannot share one.
 * They are made from the old ids, so that importing twice adds nothing and every reference still fits.
 */
import type { JsonObject } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import { stableId } from '../conversations/stable-ids.ts';
import type { ArchiveRecord } from './archive-format.ts';

export class ArchiveRenaming {
  readonly #userId: string;

  constructor(user_id: string) {
    this.#userId = user_id;
  }

  apply(record: ArchiveRecord): ArchiveRecord {
    switch (record.type) {
      case 'session':
        return { ...record, session: { ...record.session, ...this.#session(record.session) } };
      case 'message':
        return { ...record, ...this.#session(record) };
      case 'working':
        return { ...record, row: this.#row(record.row) };
      case 'longterm':
        return { ...record, row: this.#row(record.row) };
      case 'revision': {
        const before = this.#row(record.row.before);
        return { ...record, row: { ...record.row, memory_id: this.#id(record.row.memory_id), before } };
      }
      case 'link': {
        const { from_id, to_id } = record.row;
        return { ...record, row: { ...record.row, from_id: this.#id(from_id), to_id: this.#id(to_id) } };
      }
      default:
        return assertNever(record);
    }
  }

  #session({ session_id }: { session_id: string }): { session_id: string; user_id: string } {
    return { session_id: this.#sessionId(session_id), user_id: this.#userId };
  }

  /** A row of either memory table, or what a revision kept of one. */
  #row<Row extends object>(row: Row): Row {
    const fields = row as Row & Record<string, unknown>;
    const changed: Record<string, unknown> = { ...fields };
    if (typeof fields.user_id === 'string') changed.user_id = this.#userId;
    if (typeof fields.id === 'string') changed.id = this.#id(fields.id);
    if (typeof fields.session_id === 'string') changed.session_id = this.#sessionId(fields.session_id);
    if (typeof fields.superseded_by === 'string') changed.superseded_by = this.#id(fields.superseded_by);
    if (typeof fields.provenance === 'object' && fields.provenance !== null) {
      changed.provenance = this.#provenance(fields.provenance as JsonObject);
    }
    return changed as Row;
  }

  #provenance(provenance: JsonObject): JsonObject {
    const changed = { ...provenance };
    if (typeof provenance.session_id === 'string') changed.session_id = this.#sessionId(provenance.session_id);
    if (Array.isArray(provenance.working_ids)) {
      changed.working_ids = provenance.working_ids.map((id) => (typeof id === 'string' ? this.#id(id) : id));
    }
    return changed;
  }

  #id(id: string): string {
    return stableId('archive copy', this.#userId, id.toLowerCase());
  }

  #sessionId(session_id: string): string {
    return stableId('archive session copy', this.#userId, session_id);
  }
}
