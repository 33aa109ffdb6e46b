/**
 * Alerts: those that are not over in memory, all of them as notes. What cannot be written now is written later, and
 * what another node wrote, which leads or has led, holds.
 */
import type { Logger } from 'pino';
import type { OpsRecords, RecordChange } from '../records/ops-records.ts';
import { AGAIN_WITHIN_MS, type Ended } from './flapping.ts';
import { isOver, type KeptAlert, keptAlert } from './kept-alert.ts';

/** Those beyond are not looked after; nor does anybody look at so many. */
export const MAX_ACTIVE = 2000;

/** Of those that are over, the newest are looked at for what comes again. */
const RECENT = 500;

/** Null: it is to be removed. */
type Unwritten = Map<string, KeptAlert | null>;

export class AlertStore {
  readonly #records: OpsRecords;
  readonly #logger: Logger;
  readonly #active = new Map<string, Map<string, KeptAlert>>();
  /** By organisation and fingerprint: how the last of each ended. */
  readonly #ended = new Map<string, Map<string, Ended>>();
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #soon = new Set<string>();

  constructor({ records, logger }: { records: OpsRecords; logger: Logger }) {
    this.#records = records;
    this.#logger = logger;
    records.onChange((change) => {
      if (change.kind === 'alert' && !change.own) this.#follow(change);
    });
  }

  /** Those that are not over, by id. @throws SqliteFileError the first time */
  active(org_id: string): ReadonlyMap<string, KeptAlert> {
    return this.#of(org_id);
  }

  /** How the last of a fingerprint ended, if that is not long ago. @throws SqliteFileError the first time */
  ended(org_id: string, fingerprint: string): Ended | undefined {
    this.#of(org_id);
    return this.#ended.get(org_id)?.get(fingerprint);
  }

  /** Also one that is over. @throws SqliteFileError */
  find(org_id: string, id: string): KeptAlert | undefined {
    const unwritten = this.#unwritten.get(org_id)?.get(id);
    if (unwritten !== undefined) return unwritten ?? undefined;
    const active = this.#of(org_id).get(id);
    if (active) return active;
    const document = this.#records.get(org_id, 'alert', id);
    return document && keptAlert(document);
  }

  /** @param write false: what changed is worth no write of its own, such as a value */
  keep(org_id: string, alert: KeptAlert, { write }: { write: boolean }): void {
    const active = this.#of(org_id);
    if (isOver(alert)) {
      active.delete(alert.id);
      this.#noteEnd(org_id, alert);
    } else active.set(alert.id, alert);
    const unwritten = this.#unwrittenOf(org_id);
    if (write || unwritten.has(alert.id)) unwritten.set(alert.id, alert);
  }

  /** As if it had never been. */
  drop(org_id: string, id: string): void {
    this.#of(org_id).delete(id);
    this.#unwrittenOf(org_id).set(id, null);
  }

  /** Writes what is not written, and with it what the work writes. @throws SqliteFileError then it still is to be written */
  flush(org_id: string, besides?: () => void): void {
    const unwritten = new Map(this.#unwritten.get(org_id));
    if (unwritten.size === 0 && !besides) return;
    this.#records.together(() => {
      for (const [id, alert] of unwritten) {
        if (alert) this.#write(org_id, alert);
        else this.#records.remove(org_id, 'alert', id);
      }
      besides?.();
    });
    this.#unwritten.delete(org_id);
  }

  /** Writes what comes up in this turn at once. */
  flushSoon(org_id: string): void {
    if (this.#soon.has(org_id)) return;
    this.#soon.add(org_id);
    setImmediate(() => {
      this.#soon.delete(org_id);
      try {
        this.flush(org_id);
      } catch (error) {
        this.#logger.warn({ err: error }, 'what happened to alerts could not be written yet');
      }
    });
  }

  #write(org_id: string, alert: KeptAlert): void {
    const at_ms = Date.parse(alert.started_at);
    this.#records.put(org_id, 'alert', { id: alert.id, at_ms, open: !isOver(alert), document: alert });
  }

  #of(org_id: string): Map<string, KeptAlert> {
    const known = this.#active.get(org_id);
    if (known) return known;
    const open = this.#records.list(org_id, 'alert', { open: true, limit: MAX_ACTIVE });
    const active = new Map(open.map(({ id, document }) => [id, keptAlert(document)]));
    for (const [id, alert] of this.#unwritten.get(org_id) ?? []) {
      if (alert && !isOver(alert)) active.set(id, alert);
      else active.delete(id);
    }
    for (const { document } of this.#records.list(org_id, 'alert', { limit: RECENT }).reverse()) {
      if (isOver(document)) this.#noteEnd(org_id, keptAlert(document));
    }
    this.#active.set(org_id, active);
    return active;
  }

  #noteEnd(org_id: string, { fingerprint, state, inner }: KeptAlert): void {
    if (state.state !== 'resolved') return;
    const ended = this.#ended.get(org_id) ?? new Map<string, Ended>();
    this.#ended.set(org_id, ended);
    const at_ms = Date.parse(state.at);
    ended.set(fingerprint, { at_ms, repeats: inner.repeats ?? 0 });
    if (ended.size <= MAX_ACTIVE) return;
    for (const [known, end] of ended) if (at_ms - end.at_ms > AGAIN_WITHIN_MS) ended.delete(known);
  }

  #unwrittenOf(org_id: string): Unwritten {
    const known = this.#unwritten.get(org_id);
    if (known) return known;
    const unwritten: Unwritten = new Map();
    this.#unwritten.set(org_id, unwritten);
    return unwritten;
  }

  #follow({ org_id, id }: RecordChange): void {
    this.#unwritten.get(org_id)?.delete(id);
    const active = this.#active.get(org_id);
    if (!active) return;
    try {
      const document = this.#records.get(org_id, 'alert', id);
      if (document && !isOver(document)) active.set(id, keptAlert(document));
      else active.delete(id);
      if (document && isOver(document)) this.#noteEnd(org_id, keptAlert(document));
    } catch {
      // All of them are read again when somebody asks.
      this.#active.delete(org_id);
    }
  }
}
