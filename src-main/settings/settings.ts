/** What can be set, what holds and why; changes of it, which are made as a whole or not at all. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type {
  FieldIssue,
  JsonObject,
  Outputs,
  ParsedInputs,
  ServiceTest,
  Setting,
  SettingConflict,
  TestableService,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { CONTROL_KEYS } from '../memory/control-settings.ts';
import { decodeCursor, encodeCursor } from '../memory/cursor.ts';
import type { MemoryControlSettings } from '../memory/memory-controls.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Workers } from '../workers/workers.ts';
import { checkTogether, checkValue, describeMisfit } from './check-value.ts';
import { isConfigName } from './config-file.ts';
import type { Config, ConfigName } from './config-schema.ts';
import { isSetting, keyDefinition, SETTING_NAMES } from './describe-key.ts';
import { type DeviceSettings, lockedMessage, type WrittenChange } from './device-settings.ts';
import type { SettingsReader } from './live-settings.ts';
import { suggestion } from './load-config.ts';
import { type OrganisationSettings, readOwn } from './organisation-settings.ts';
import { presentSetting, type SettingsView, storedOf } from './present-setting.ts';
import {
  type ChangedValue,
  type HistoryRecord,
  isToldChange,
  presentEntry,
  revisionOf,
  settingsConflict,
  told,
} from './setting-changes.ts';
import {
  EVERYBODY,
  lockSettings,
  noteChange,
  readHistory,
  readHistoryEntry,
  type SettingRow,
  writeRows,
} from './setting-rows.ts';
import { exportDocument, readDocument } from './settings-document.ts';
import { settingsSchema } from './settings-schema.ts';
import { scheduleOf, workerOf } from './worker-schedules.ts';

/** Tries a service with the values of an organisation, saved or not. */
export type TestService = (service: TestableService, values: Readonly<Config>) => Promise<ServiceTest>;

export interface SettingsDeps {
  live: SettingsReader;
  database: Pick<Database, 'withScope'>;
  device: DeviceSettings;
  organisation: OrganisationSettings;
  controls: Pick<MemoryControlSettings, 'askAgain' | 'refresh'>;
  workers: Pick<Workers, 'makeKnown' | 'writeSchedule' | 'poke'>;
  testService?: TestService;
  app_version: string;
  clock: Clock;
}

type Inputs = ParsedInputs['settings'];
type Answers = Outputs['settings'];

interface Change {
  key: ConfigName;
  /** Checked; null takes the own value back. */
  value: unknown;
  revision: string | undefined;
}

interface ChangeSet {
  user_id: string | undefined;
  changes: readonly Change[];
  undoes?: string | undefined;
}

const HISTORY = 'settings history';
const devicePlace = z.strictObject({ position: z.int().positive() });
const orgPlace = z.strictObject({ at: z.iso.datetime(), id: z.uuid() });

export class Settings {
  readonly #deps: SettingsDeps;

  constructor(deps: SettingsDeps) {
    this.#deps = deps;
  }

  async list(scope: Scope, { user_id }: Inputs['list']): Promise<Answers['list']> {
    const notices = this.#deps.device.refresh();
    const { rows, away } = await this.#deps.organisation.rows(scope, user_id);
    if (away) notices.push('The database is away. Settings of the organisation are told as they were last known.');
    for (const key of this.#deps.organisation.unusable(scope.org_id, rows)) {
      const { title, secret } = keyDefinition(key);
      const why = secret ? 'it was encrypted with a key that this computer does not have' : 'it is not allowed';
      notices.push(`“${title}” (${key}) of the organisation is set, but not used here: ${why}. Set it again.`);
    }
    const view = this.#view(scope, rows, user_id);
    const names = user_id === undefined ? SETTING_NAMES : SETTING_NAMES.filter(isOfUsers);
    return { items: names.map((name) => presentSetting(name, view)), notices };
  }

  /**
   * @throws ArchonError VALIDATION_FAILED, CONFLICT for what is locked, SETTINGS_CONFLICT for what was changed since, and
   *   when it cannot be written; then nothing was changed
   */
  async set(scope: Scope, { user_id, changes }: Inputs['set']): Promise<Answers['set']> {
    const checked = this.#checked(changes, user_id);
    return { items: await this.#set(scope, { user_id, changes: checked }) };
  }

  async history(scope: Scope, input: Inputs['history']): Promise<Answers['history']> {
    return input.scope === 'device' ? this.#deviceHistory(input) : await this.#orgHistory(scope, input);
  }

  /** @throws ArchonError NOT_FOUND, CONFLICT for what cannot be taken back, SETTINGS_CONFLICT when it was changed since */
  async undo(scope: Scope, input: Inputs['undo']): Promise<Answers['undo']> {
    const entry = await this.#entry(scope, input);
    if (entry === undefined) throw notFound('change of settings', input.id);
    const user_id = entry.user_id === EVERYBODY ? undefined : entry.user_id;
    this.#deps.device.refresh();
    const { rows } = await this.#deps.organisation.rows(scope, user_id);
    const view = this.#view(scope, rows, user_id);
    const changes = entry.changes.map(({ key, before }): Change => {
      if (!isConfigName(key) || !isSetting(key)) throw cannotUndo(`${key} is no setting any more`);
      if (keyDefinition(key).secret && before === true) {
        throw cannotUndo(`what ${key} was is not kept: set the secret again`);
      }
      const value = keyDefinition(key).secret ? null : before;
      return { key, value, revision: revisionOf(key, storedOf(key, view)) };
    });
    const stale = changes.filter(({ key }) => {
      const now = told(key, storedOf(key, view));
      return !entry.changes.some((change) => change.key === key && isToldChange(key, change.after, now));
    });
    if (stale.length > 0) {
      throw settingsConflict(await Promise.all(stale.map((change) => this.#conflict(scope, change, view))));
    }
    return { items: await this.#set(scope, { user_id, changes, undoes: entry.id }) };
  }

  async export(scope: Scope): Promise<JsonObject> {
    const { items } = await this.list(scope, {});
    const set = items.flatMap(({ key, value, is_set }) => (is_set && isConfigName(key) ? [{ key, value }] : []));
    const exported_at = isoTime(this.#deps.clock.now());
    return exportDocument(set, { exported_at, app_version: this.#deps.app_version });
  }

  async import(scope: Scope, { document, dry_run }: Inputs['import']): Promise<Answers['import']> {
    const { changes, skipped } = readDocument(document, (key) => this.#lock(key));
    const { items } = await this.list(scope, {});
    const known = new Map(items.map((item) => [item.key, item]));
    const checked = this.#checked(changes, undefined).filter(({ key, value }) => {
      const now = known.get(key);
      return !(now?.is_set && isDeepStrictEqual(now.value, value));
    });
    if (!dry_run && checked.length > 0) await this.#set(scope, { user_id: undefined, changes: checked });
    return {
      changes: checked.map(({ key, value }) => {
        const now = known.get(key);
        return {
          key,
          title: keyDefinition(key).title,
          before: now?.is_set ? now.value : null,
          after: told(key, value),
        };
      }),
      skipped,
    };
  }

  schema(): JsonObject {
    return settingsSchema();
  }

  /** Sends a real request. */
  async test({ org_id }: Scope, { service, values }: Inputs['test']): Promise<ServiceTest> {
    const { testService, live, device } = this.#deps;
    if (testService === undefined) throw new ArchonError('CONFLICT', 'This process cannot try services.');
    const changes = Object.entries(values).map(([key, value]) => ({ key, value }));
    const config = { ...live.of(org_id) };
    for (const { key, value } of this.#checked(changes, undefined)) {
      Object.assign(config, { [key]: value ?? device.current[key] });
    }
    return await testService(service, config);
  }

  /** Everything that is wrong is told at once. */
  #checked(changes: Inputs['set']['changes'], user_id: string | undefined): Change[] {
    const issues: FieldIssue[] = [];
    const seen = new Set<string>();
    const checked = changes.flatMap(({ key, value, revision }): Change[] => {
      const refuse = (message: string) => {
        issues.push({ field: key, message });
        return [];
      };
      if (seen.has(key)) return refuse('is given twice');
      seen.add(key);
      if (!isConfigName(key) || !isSetting(key)) {
        return refuse(`is no setting.${suggestion(key, SETTING_NAMES)}`);
      }
      if (user_id !== undefined && !isOfUsers(key)) return refuse('is not a setting that users have of their own');
      if (value === null) return [{ key, value, revision }];
      const { data_dir } = this.#deps.device.base;
      const result = checkValue(key, value, data_dir);
      return 'rule' in result ? refuse(result.rule) : [{ key, value: result.value, revision }];
    });
    if (issues.length > 0) {
      const message = issues.map(({ field, message: said }) => `${field} ${said}`).join('; ');
      throw new ArchonError('VALIDATION_FAILED', message, { issues });
    }
    return checked;
  }

  #lock(key: ConfigName): string | undefined {
    const source = this.#deps.device.lockedBy(key);
    return source && lockedMessage(key, source);
  }

  /** The database first, with the file of this computer as its last step: what fails there undoes the rest. */
  async #set(scope: Scope, set: ChangeSet): Promise<Setting[]> {
    for (const { key } of set.changes) {
      const locked = this.#lock(key);
      if (locked !== undefined) throw new ArchonError('CONFLICT', locked);
    }
    const { device } = this.#deps;
    const ofDevice = set.changes.filter(({ key }) => keyDefinition(key).scope === 'device');
    const others = set.changes.filter((change) => !ofDevice.includes(change));
    if (others.length === 0) device.set(scope, ofDevice, set.undoes).apply();
    else await this.#setInDatabase(scope, { ...set, changes: others }, ofDevice);
    const { rows } = await this.#deps.organisation.rows(scope, set.user_id);
    const view = this.#view(scope, rows, set.user_id);
    return set.changes.map(({ key }) => presentSetting(key, view));
  }

  async #setInDatabase(scope: Scope, set: ChangeSet, ofDevice: readonly Change[]): Promise<void> {
    const { database, device, organisation, workers, controls } = this.#deps;
    const schedules = set.changes.flatMap(({ key }) => workerOf(key) ?? []);
    for (const worker of schedules) await workers.makeKnown(scope, worker);
    let written: WrittenChange | undefined;
    let rows: readonly SettingRow[];
    try {
      rows = await database.withScope(scope, async (tx) => {
        await lockSettings(tx, scope);
        const view = this.#view(scope, await readOwn(tx, scope, set.user_id), set.user_id);
        await this.#refuseStale(tx, scope, set.changes, ofDevice, view);
        const changed = await this.#writeRows(tx, scope, set);
        await noteChange(tx, scope, {
          user_id: set.user_id ?? EVERYBODY,
          changed,
          undoes: set.undoes,
          now: isoTime(this.#deps.clock.now()),
          told: new Set(changed.map(({ key }) => key).filter((key) => workerOf(key) !== undefined)),
        });
        const after = await readOwn(tx, scope, set.user_id);
        this.#refuseMisfits(scope, after);
        if (ofDevice.length > 0) written = device.set(scope, ofDevice, set.undoes);
        return after;
      });
    } catch (error) {
      written?.takeBack();
      // The commit may have come through all the same.
      organisation.refresh(scope).catch(() => {});
      throw error;
    }
    written?.apply();
    await organisation.changed(scope, rows);
    if (set.changes.some(({ key }) => CONTROL_KEYS.includes(key))) {
      controls.askAgain(scope.org_id);
      await controls.refresh(scope);
    }
    if (schedules.length > 0) workers.poke();
  }

  async #writeRows(tx: Transaction, scope: Scope, { user_id, changes }: ChangeSet): Promise<ChangedValue[]> {
    const { organisation, workers, clock } = this.#deps;
    const rows = changes.filter(({ key }) => workerOf(key) === undefined);
    const stored = rows.map(({ key, value }) => [key, organisation.stored(scope, key, value)] as const);
    const changed = await writeRows(tx, scope, user_id ?? EVERYBODY, stored, isoTime(clock.now()));
    for (const { key, value } of changes) {
      const worker = workerOf(key);
      if (worker === undefined) continue;
      changed.push(...(await workers.writeSchedule(tx, scope, worker, scheduleOf(value))));
    }
    return changed;
  }

  /** Those of the organisation and of this computer are told together: whoever decides sees them all. */
  async #refuseStale(
    tx: Transaction,
    scope: Scope,
    changes: readonly Change[],
    ofDevice: readonly Change[],
    view: SettingsView,
  ): Promise<void> {
    const stale = changes.filter(
      ({ key, revision }) => revision !== undefined && revision !== revisionOf(key, storedOf(key, view)),
    );
    const conflicts: SettingConflict[] = [];
    for (const change of stale) {
      const [last] = await readHistory(tx, scope, { key: change.key, limit: 1 });
      conflicts.push(conflictOf(change, view, last));
    }
    conflicts.push(...this.#deps.device.conflictsOf(ofDevice));
    if (conflicts.length > 0) throw settingsConflict(conflicts);
  }

  async #conflict(scope: Scope, change: Change, view: SettingsView): Promise<SettingConflict> {
    const { key } = change;
    const of = keyDefinition(key).scope === 'device' ? 'device' : 'org';
    const { items } = await this.history(scope, { scope: of, key, limit: 1 });
    const [last] = items;
    return conflictOf(change, view, last && { by_whom: last.by, at: last.at });
  }

  /** Only what the change brought about: what did not fit before is not the fault of whoever changes something else. */
  #refuseMisfits({ org_id }: Scope, rows: readonly SettingRow[]): void {
    const { live, device, organisation } = this.#deps;
    const before = new Set(checkTogether(live.of(org_id)).map(describeMisfit));
    const after = checkTogether({ ...device.current, ...organisation.over(org_id, rows) });
    const issues = after
      .filter((misfit) => !before.has(describeMisfit(misfit)))
      .flatMap(({ keys, problem }) => keys.map((field) => ({ field, message: problem })));
    if (issues.length === 0) return;
    const message = issues.map(({ field, message: said }) => `${field} ${said}`).join('; ');
    throw new ArchonError('VALIDATION_FAILED', message, { issues });
  }

  #view({ org_id }: Scope, rows: readonly SettingRow[], user_id: string | undefined): SettingsView {
    const { device, organisation } = this.#deps;
    const of = (id: string) =>
      organisation.values(
        org_id,
        rows.filter((row) => row.user_id === id),
      );
    return { device, rows, user_id, everybody: of(EVERYBODY), own: user_id === undefined ? new Map() : of(user_id) };
  }

  async #entry(scope: Scope, { id, scope: of }: Inputs['undo']): Promise<HistoryRecord | undefined> {
    if (of === 'device') return this.#deps.device.history.get(id);
    return await this.#deps.database.withScope(scope, (tx) => readHistoryEntry(tx, scope, id));
  }

  #deviceHistory({ key, cursor, limit }: Inputs['history']): Answers['history'] {
    const before = cursor === undefined ? undefined : decodeCursor(HISTORY, cursor, devicePlace).position;
    const found = this.#deps.device.history.list({ key, before, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map((record) => presentEntry('device', record)),
      next_cursor: last ? encodeCursor(HISTORY, { position: last.position }) : null,
    };
  }

  async #orgHistory(scope: Scope, { key, cursor, limit }: Inputs['history']): Promise<Answers['history']> {
    const after = cursor === undefined ? undefined : decodeCursor(HISTORY, cursor, orgPlace);
    const found = await this.#deps.database.withScope(scope, (tx) =>
      readHistory(tx, scope, { key, after, limit: limit + 1 }),
    );
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map((record) => presentEntry('org', record)),
      next_cursor: last ? encodeCursor(HISTORY, { at: last.at, id: last.id }) : null,
    };
  }
}

const isOfUsers = (name: ConfigName): boolean => keyDefinition(name).scope === 'user';

const cannotUndo = (why: string): ArchonError => new ArchonError('CONFLICT', `It cannot be taken back: ${why}.`);

function conflictOf(
  { key, value }: Change,
  view: SettingsView,
  last: Pick<HistoryRecord, 'by_whom' | 'at'> | undefined,
): SettingConflict {
  const { secret } = keyDefinition(key);
  const stored = storedOf(key, view);
  return {
    key,
    yours: secret ? null : told(key, value),
    theirs: secret ? null : told(key, stored),
    revision: revisionOf(key, stored),
    by: last?.by_whom ?? null,
    at: last?.at ?? null,
  };
}
