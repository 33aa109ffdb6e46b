/**
 * The settings of organisations: rows in their database, which this computer remembers, so that they hold also while the
 * database is away.
 */
import type { Logger } from 'pino';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { type DatabasePlace, OWN_DATABASE, placeId, placeName, type SealedStore } from '../secrets/sealed-store.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { SecretUnreadableError } from '../secrets/secret-errors.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { checkValue } from './check-value.ts';
import { isConfigName } from './config-file.ts';
import type { Config, ConfigName } from './config-schema.ts';
import { keyDefinition } from './describe-key.ts';
import type { DeviceSettings } from './device-settings.ts';
import type { KnownRows } from './known-rows.ts';
import type { LiveSettings } from './live-settings.ts';
import { EVERYBODY, lockSettings, readRows, type SettingRow, sealedValue, tellOfSettings } from './setting-rows.ts';
import { readSchedules, workerOf } from './worker-schedules.ts';

export interface OrganisationSettingsDeps {
  /** What is told of what is set. */
  live: LiveSettings;
  database: Pick<Database, 'withScope'>;
  known: KnownRows;
  device: Pick<DeviceSettings, 'lockedBy'>;
  /** Without them secrets are not read. */
  secrets?: Pick<SecretBox, 'seal' | 'open'>;
  /** Which database it is; without it that of this computer. */
  place?: DatabasePlace | undefined;
  /** Those this process works for. */
  organisations(): Iterable<string>;
  /** Keeps secrets out of the log. */
  hide(secrets: string[]): void;
  logger: Logger;
}

export class OrganisationSettings implements SealedStore {
  readonly #deps: OrganisationSettingsDeps;
  /** What of each organisation and key could not be used, as it is stored: told once in the log, and not at each look. */
  readonly #unusable = new Map<string, string>();
  /** Grows with every change: what was read before one is not taken for what holds after it. */
  #changes = 0;

  constructor(deps: OrganisationSettingsDeps) {
    this.#deps = deps;
  }

  get id(): string {
    return placeId('settings', this.#place);
  }

  get name(): string {
    return placeName('settings', this.#place);
  }

  get #place(): DatabasePlace {
    return this.#deps.place ?? OWN_DATABASE;
  }

  /** What holds by what this computer remembers. */
  recall(org_id: string): void {
    this.#apply(org_id, this.#deps.known.rows(org_id));
  }

  /** Reads what is set, which holds from then on. */
  async refresh(scope: Scope): Promise<void> {
    for (;;) {
      const changes = this.#changes;
      const rows = await this.#deps.database.withScope(scope, (tx) => readOwn(tx, scope));
      if (changes !== this.#changes) continue;
      this.#learn(scope.org_id, rows);
      return;
    }
  }

  /** What is set in the organisation and for a user; as it was last known while the database is away. */
  async rows(scope: Scope, user_id: string | undefined): Promise<{ rows: readonly SettingRow[]; away: boolean }> {
    try {
      const changes = this.#changes;
      const rows = await this.#deps.database.withScope(scope, (tx) => readOwn(tx, scope, user_id));
      if (changes === this.#changes) this.#learn(scope.org_id, rows);
      return { rows, away: false };
    } catch (error) {
      const isAway = error instanceof ArchonError && error.code === 'STORAGE_UNAVAILABLE';
      // Of users this computer remembers only what their memory is given.
      if (!isAway || user_id !== undefined) throw error;
      return { rows: this.#deps.known.rows(scope.org_id), away: true };
    }
  }

  /** These rows are in the database now. */
  async changed({ org_id }: Scope, rows: readonly SettingRow[]): Promise<void> {
    this.#changes += 1;
    this.#learn(org_id, rows);
    await this.#deps.known.flush();
  }

  /** As it is in a row. */
  stored({ org_id }: Scope, key: ConfigName, value: unknown): unknown {
    if (typeof value !== 'string' || !keyDefinition(key).secret) return value;
    const { secrets } = this.#deps;
    if (secrets === undefined) throw new Error('nothing to encrypt secrets with');
    return { sealed: secrets.seal(value, placeOf(org_id, key)) };
  }

  /** Values of rows by their keys; without those that cannot be used. */
  values(org_id: string, rows: readonly SettingRow[]): Map<ConfigName, unknown> {
    const values = new Map<ConfigName, unknown>();
    for (const { key, value } of rows) {
      if (!isConfigName(key)) continue;
      const read = this.#valueOf(org_id, key, value);
      if (read !== undefined) values.set(key, read);
    }
    return values;
  }

  /** Keys that are set, but cannot be used here. */
  unusable(org_id: string, rows: readonly SettingRow[]): ConfigName[] {
    const everybody = rows.filter(({ user_id }) => user_id === EVERYBODY);
    const usable = this.values(org_id, everybody);
    return everybody.flatMap(({ key }) => (isConfigName(key) && !usable.has(key) ? [key] : []));
  }

  /** What is set over the settings of this computer, and holds. */
  over(org_id: string, rows: readonly SettingRow[]): Partial<Config> {
    const everybody = rows.filter(({ user_id }) => user_id === EVERYBODY);
    const values = [...this.values(org_id, everybody)].filter(
      // What an operator set of a schedule is over the one that holds otherwise, which is what this is asked for.
      ([key]) => this.#deps.device.lockedBy(key) === undefined && workerOf(key) === undefined,
    );
    return Object.fromEntries(values);
  }

  /** Encrypts every secret anew. What cannot be read stays as it is. */
  async reseal(again: (sealed: string, place: string) => string): Promise<{ count: number; unreadable: number }> {
    const done = { count: 0, unreadable: 0 };
    for (const org_id of new Set(this.#deps.organisations())) {
      const scope = { org_id, actor: 'archon' };
      const { count, unreadable } = await this.#deps.database.withScope(scope, (tx) => resealAll(tx, scope, again));
      done.count += count;
      done.unreadable += unreadable;
      await this.refresh(scope);
    }
    return done;
  }

  #learn(org_id: string, rows: readonly SettingRow[]): void {
    const everybody = rows.filter(({ user_id }) => user_id === EVERYBODY);
    this.#deps.known.learn(org_id, everybody);
    this.#apply(org_id, everybody);
  }

  #apply(org_id: string, rows: readonly SettingRow[]): void {
    const values = this.over(org_id, rows);
    const names = Object.keys(values) as ConfigName[];
    const secrets = names.filter((name) => keyDefinition(name).secret).map((name) => values[name]);
    this.#deps.hide(secrets.filter((value) => typeof value === 'string'));
    this.#deps.live.setOrganisation(org_id, values);
  }

  #valueOf(org_id: string, key: ConfigName, stored: unknown): unknown {
    const { secrets } = this.#deps;
    if (keyDefinition(key).secret && secrets === undefined) return undefined;
    try {
      const sealed = keyDefinition(key).secret ? sealedValue.parse(stored).sealed : undefined;
      const value = sealed === undefined ? stored : secrets?.open(sealed, placeOf(org_id, key));
      const checked = checkValue(key, value, '/');
      if ('value' in checked) return checked.value;
      this.#warnOnce(org_id, key, stored, (logger) =>
        logger.warn({ key }, `a setting of the organisation is not used: it ${checked.rule}`),
      );
    } catch (error) {
      this.#warnOnce(org_id, key, stored, (logger) =>
        logger.warn({ err: error, key }, 'a setting of the organisation cannot be read'),
      );
    }
    return undefined;
  }

  #warnOnce(org_id: string, key: ConfigName, stored: unknown, warn: (logger: Logger) => void): void {
    const place = placeOf(org_id, key);
    const text = JSON.stringify(stored);
    if (this.#unusable.get(place) === text) return;
    this.#unusable.set(place, text);
    warn(this.#deps.logger);
  }
}

const placeOf = (org_id: string, key: string): string => `settings/${org_id}/${key}`;

export async function readOwn(tx: Transaction, scope: Scope, user_id?: string): Promise<SettingRow[]> {
  const user_ids = user_id === undefined ? [EVERYBODY] : [EVERYBODY, user_id];
  const [rows, schedules] = await Promise.all([readRows(tx, scope, user_ids), readSchedules(tx, scope)]);
  return [...rows, ...schedules];
}

async function resealAll(
  tx: Transaction,
  scope: Scope,
  again: (sealed: string, place: string) => string,
): Promise<{ count: number; unreadable: number }> {
  await lockSettings(tx, scope);
  const done = { count: 0, unreadable: 0 };
  let changed = 0;
  for (const { key, value } of await readRows(tx, scope, [EVERYBODY])) {
    const { data } = sealedValue.safeParse(value);
    if (data === undefined) continue;
    done.count += 1;
    const sealed = sealedAgain(data.sealed, placeOf(scope.org_id, key), again);
    if (sealed === undefined) {
      done.unreadable += 1;
      continue;
    }
    // Only looked at, or sealed with the current key already.
    if (sealed === data.sealed) continue;
    changed += 1;
    await tx.sql('UPDATE archon_settings SET value = $4 WHERE org_id = $1 AND user_id = $2 AND key = $3', [
      scope.org_id,
      EVERYBODY,
      key,
      JSON.stringify({ sealed }),
    ]);
  }
  if (changed > 0) await tellOfSettings(tx, scope);
  return done;
}

function sealedAgain(
  sealed: string,
  place: string,
  again: (sealed: string, place: string) => string,
): string | undefined {
  try {
    return again(sealed, place);
  } catch (error) {
    if (error instanceof SecretUnreadableError) return undefined;
    throw error;
  }
}
