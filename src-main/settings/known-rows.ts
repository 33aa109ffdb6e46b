/**
 * Settings as they were last read from the database, kept on this computer: what a person switched off stays off, also
 * when this process begins anew and the database goes away before it was asked.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { HistoryStore } from '../storage/history-store.ts';
import { type SettingRow, settingRows } from './setting-rows.ts';

export class KnownRows {
  readonly #kept_as: string;
  readonly #history: Pick<HistoryStore, 'getSetting' | 'writeSetting'>;
  readonly #logger: Logger;
  readonly #rows = new Map<string, readonly SettingRow[]>();
  readonly #unwritten = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  /** @param deps.kept_as name of these rows in `history.db` */
  constructor(deps: {
    kept_as: 'memory_controls' | 'organisation_settings';
    history: Pick<HistoryStore, 'getSetting' | 'writeSetting'>;
    logger: Logger;
  }) {
    this.#kept_as = deps.kept_as;
    this.#history = deps.history;
    this.#logger = deps.logger;
  }

  /** Every row of the organisation that is known. */
  rows(org_id: string): readonly SettingRow[] {
    const known = this.#rows.get(org_id) ?? this.#read(org_id);
    this.#rows.set(org_id, known);
    return known;
  }

  /** These are the rows of these users now; of all users when none are named. Written down in the background. */
  learn(org_id: string, rows: readonly SettingRow[], user_ids?: readonly string[]): void {
    const before = this.rows(org_id);
    const others = user_ids === undefined ? [] : before.filter(({ user_id }) => !user_ids.includes(user_id));
    const now = [...others, ...rows].sort((a, b) => order(a).localeCompare(order(b), 'en'));
    if (isDeepStrictEqual(now, before)) return;
    this.#rows.set(org_id, now);
    this.#unwritten.add(org_id);
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** Resolves when everything that was learned is on the disk, or was tried to be. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #keyOf(org_id: string): string {
    return `${this.#kept_as}:${org_id}`;
  }

  #read(org_id: string): readonly SettingRow[] {
    try {
      const text = this.#history.getSetting(this.#keyOf(org_id));
      return text === undefined ? [] : settingRows.parse(JSON.parse(text));
    } catch (error) {
      this.#logger.warn({ err: error }, 'the settings of the last run could not be read');
      return [];
    }
  }

  async #write(): Promise<void> {
    for (const org_id of this.#unwritten) {
      this.#unwritten.delete(org_id);
      try {
        await this.#history.writeSetting(this.#keyOf(org_id), JSON.stringify(this.rows(org_id)));
      } catch (error) {
        this.#logger.warn({ err: error }, 'the settings could not be remembered for the next start');
      }
    }
  }
}

const order = ({ user_id, key }: SettingRow): string => `${user_id} ${key}`;
