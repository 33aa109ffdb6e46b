/**
 * The settings of this computer: the file in its data folder over what holds without it. People write the file too, so it
 * is read anew whenever settings are looked at or changed.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { NewEvent, SettingConflict } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { HistoryStore } from '../storage/history-store.ts';
import { sqliteFault } from '../storage/sqlite-faults.ts';
import { checkTogether, checkValue, describeMisfit, isSafeBind } from './check-value.ts';
import {
  CONFIG_FILE_NAME,
  contentOf,
  editConfigText,
  isConfigName,
  parseConfigText,
  writeConfigFile,
} from './config-file.ts';
import type { Config, ConfigName } from './config-schema.ts';
import { keyDefinition, SETTING_NAMES } from './describe-key.ts';
import { DeviceHistory } from './device-history.ts';
import { LiveSettings, logFault } from './live-settings.ts';
import { type ConfigSource, damagedFiles, describeSource, type SettingsOrigin } from './load-config.ts';
import { type ChangedValue, revisionOf, settingsConflict, told } from './setting-changes.ts';

/** Where breakers were set before there were settings. */
const OLD_BREAKERS = 'resilience.settings';

interface LocalEventLog {
  removeEvent(source_id: string): void;
  addEvent(event: { source_id: string; org_id: string; actor: string; at: string; event: NewEvent }): void;
}

export interface DeviceSettingsDeps {
  config: Config;
  /** Without one `config` is what holds without the file, and nothing is locked. */
  origin?: SettingsOrigin | undefined;
  /** What is told of what is set; made when there is none yet. */
  live?: LiveSettings;
  history: HistoryStore;
  /** Events of this computer, until they are in the log; none are noted before somebody writes a log. */
  events?: LocalEventLog;
  clock: Clock;
  logger: Logger;
}

type Own = ReadonlyMap<ConfigName, unknown>;

/** What is to be set; null takes the own value back. */
export interface DeviceChange {
  key: ConfigName;
  value: unknown;
  revision?: string | undefined;
}

/** A change that is on the disk, and not in force yet. */
export interface WrittenChange {
  changed: readonly ChangedValue[];
  apply(): void;
  takeBack(): void;
}

const NO_CHANGE: WrittenChange = { changed: [], apply: () => {}, takeBack: () => {} };

export class DeviceSettings {
  readonly live: LiveSettings;
  readonly history: DeviceHistory;
  readonly path: string;
  /** What holds without the file. */
  readonly base: Config;
  readonly #locked: ReadonlyMap<ConfigName, ConfigSource>;
  readonly #data_dir: string;
  readonly #deps: DeviceSettingsDeps;
  #own: Own = new Map();
  /** Of the engines that run: while one takes over from another there are two. */
  readonly #logs: LocalEventLog[];

  constructor(deps: DeviceSettingsDeps) {
    const { config, origin } = deps;
    this.#deps = deps;
    this.#logs = deps.events ? [deps.events] : [];
    this.#data_dir = config.data_dir;
    this.path = join(config.data_dir, CONFIG_FILE_NAME);
    this.base = origin ? { ...config, ...pick(origin.base) } : config;
    this.#locked = origin?.locked ?? new Map();
    this.history = new DeviceHistory(deps.history.db);
    this.#adoptBreakers();
    const { own, problems } = this.#read();
    for (const problem of problems) deps.logger.warn({ file: this.path }, problem);
    this.#own = own;
    this.live = deps.live ?? new LiveSettings(this.current);
    this.live.reportFaults((error) => logFault(deps.logger, error));
    this.live.setDevice(this.current);
  }

  /** Notes events of changes for this log from now on, and for the one before once it has stopped. @returns how to stop */
  recordIn(events: LocalEventLog): () => void {
    this.#logs.push(events);
    return () => {
      const index = this.#logs.indexOf(events);
      if (index >= 0) this.#logs.splice(index, 1);
    };
  }

  /** The engine begins anew: what waited for that is in force. */
  restarted(): void {
    this.live.setDevice(this.current);
  }

  /** What is set now, in force or not. */
  get current(): Config {
    return this.#configOf(this.#own);
  }

  /** What is in the file of a key, as its type; undefined when nothing is. */
  own(key: ConfigName): unknown {
    return this.#own.get(key);
  }

  lockedBy(key: ConfigName): ConfigSource | undefined {
    return this.#locked.get(key);
  }

  /** Set, but in force only after a restart. */
  waits(key: ConfigName): boolean {
    return keyDefinition(key).needs_restart && !isDeepStrictEqual(this.current[key], this.live.device[key]);
  }

  /** Takes in what people wrote into the file. @returns what a person should know */
  refresh(): string[] {
    const { own, problems } = this.#read();
    if (problems.length === 0) {
      this.#own = own;
      this.#apply();
    }
    const damaged = damagedFiles(this.#data_dir).map(
      (path) => `The settings of this computer were no JSON. They were put aside as ${path}, and the defaults hold.`,
    );
    return [...damaged, ...problems];
  }

  /**
   * Writes a change into the file, together with its entry in the history and its event.
   *
   * @throws ArchonError SETTINGS_CONFLICT, VALIDATION_FAILED, CONFLICT for what is locked or a file that is no JSON;
   *   STORAGE_FULL or STORAGE_UNAVAILABLE when it cannot be written. Then nothing was changed.
   */
  set(scope: Scope, changes: readonly DeviceChange[], undoes?: string): WrittenChange {
    for (const { key } of changes) this.#refuseLocked(key);
    const before = this.#text();
    const { own } = this.#parsed(before ?? '{}');
    const stale = this.#conflicts(changes, own);
    if (stale.length > 0) throw settingsConflict(stale);
    const after = this.#edited(before ?? '{}', changes);
    const next = this.#parsed(after);
    const misfits = checkTogether(this.#configOf(next.own));
    const [problem] = [...next.problems, ...misfits.map(describeMisfit)];
    if (problem !== undefined) throw refused(misfits[0]?.keys[0] ?? 'settings', `${problem}. Nothing was changed.`);
    this.#refuseUnsafeBind(own, next.own);
    const changed = changes
      .map(({ key }) => ({ key, before: own.get(key) ?? null, after: next.own.get(key) ?? null }))
      .filter((change) => !isDeepStrictEqual(change.before, change.after));
    if (changed.length === 0) return NO_CHANGE;
    const { id, forgetEvent } = this.#write(scope, changed, { before, after, undoes });
    return {
      changed,
      apply: () => {
        this.#own = next.own;
        this.#apply(scope.actor);
      },
      takeBack: () => {
        this.#restore(before);
        this.history.remove(id);
        forgetEvent();
      },
    };
  }

  /** Changed settings that this computer has of its own. */
  isOwn(key: ConfigName): boolean {
    return this.#own.has(key);
  }

  #write(
    scope: Scope,
    changed: readonly ChangedValue[],
    { before, after, undoes }: { before: string | undefined; after: string; undoes: string | undefined },
  ): { id: string; forgetEvent(): void } {
    const { clock } = this.#deps;
    const log = this.#logs.at(-1);
    const source_id = `local/${uuidv7()}`;
    const id = uuidv7();
    const at = isoTime(clock.now());
    const payload = { keys: changed.map(({ key }) => key) };
    const event: NewEvent = { type: 'settings.changed', user_id: null, payload };
    let noted = false;
    let written = false;
    try {
      this.history.add({ id, at, by: scope.actor, changed, undoes }, () => {
        log?.addEvent({ source_id, org_id: scope.org_id, actor: scope.actor, at, event });
        noted = true;
        this.#writeFile(after);
        written = true;
      });
    } catch (error) {
      if (written) this.#restore(before);
      // In another file than the history, it was not rolled back with it.
      if (noted) log?.removeEvent(source_id);
      throw error;
    }
    return { id, forgetEvent: () => log?.removeEvent(source_id) };
  }

  #writeFile(text: string): void {
    try {
      writeConfigFile(this.path, text);
    } catch (error) {
      throw sqliteFault(error, this.path) ?? error;
    }
  }

  #restore(text: string | undefined): void {
    if (text === undefined) rmSync(this.path, { force: true });
    else this.#writeFile(text);
  }

  #apply(by?: string): void {
    const { current } = this;
    const waiting = SETTING_NAMES.filter((name) => keyDefinition(name).needs_restart);
    this.live.setDevice({ ...current, ...pick(this.live.device, waiting) }, by);
  }

  #configOf(own: Own): Config {
    const values = [...own].filter(([key]) => !this.#locked.has(key));
    return { ...this.base, ...Object.fromEntries(values) };
  }

  /** The server would stay where it is, and not start again. */
  #refuseUnsafeBind(before: Own, after: Own): void {
    const config = this.#configOf(after);
    if (isSafeBind(config) || !isSafeBind(this.#configOf(before))) return;
    throw refused(
      'server.host',
      `must be an address of this computer such as 127.0.0.1, or server.allow_remote must be on: other machines can reach ${config['server.host']}, and nothing encrypts what they are sent. Nothing was changed.`,
    );
  }

  #refuseLocked(key: ConfigName): void {
    const source = this.#locked.get(key);
    if (source) throw new ArchonError('CONFLICT', lockedMessage(key, source));
  }

  /** Changes that were made on what is not there any more. */
  conflictsOf(changes: readonly DeviceChange[]): SettingConflict[] {
    return this.#conflicts(changes, this.#parsed(this.#text() ?? '{}').own);
  }

  #conflicts(changes: readonly DeviceChange[], own: Own): SettingConflict[] {
    return changes
      .filter(({ key, revision }) => revision !== undefined && revision !== revisionOf(key, own.get(key)))
      .map((change) => this.#conflict(change, own));
  }

  #conflict({ key, value }: DeviceChange, own: Own): SettingConflict {
    const { secret } = keyDefinition(key);
    const [last] = this.history.list({ key, limit: 1 });
    return {
      key,
      yours: secret ? null : told(key, value),
      theirs: secret ? null : told(key, own.get(key)),
      revision: revisionOf(key, own.get(key)),
      by: last?.by_whom ?? null,
      at: last?.at ?? null,
    };
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw sqliteFault(error, this.path) ?? error;
    }
  }

  #edited(text: string, changes: readonly DeviceChange[]): string {
    if (parseConfigText(text).kind !== 'object') {
      throw new ArchonError(
        'CONFLICT',
        `${this.path} does not hold a JSON object: mend it, or move it away, and try again. Nothing was changed.`,
      );
    }
    return editConfigText(
      text,
      changes.map(({ key, value }) => [key, value ?? undefined]),
    );
  }

  /** What is in the file; what was known before when it cannot be used. */
  #read(): { own: Own; problems: string[] } {
    let text: string | undefined;
    try {
      text = this.#text();
    } catch (error) {
      return { own: this.#own, problems: [error instanceof Error ? error.message : String(error)] };
    }
    const read = this.#parsed(text ?? '{}');
    const problems = [...read.problems, ...checkTogether(this.#configOf(read.own)).map(describeMisfit)];
    return { own: problems.length === 0 ? read.own : this.#own, problems };
  }

  #parsed(text: string): { own: Own; problems: string[] } {
    const parsed = parseConfigText(text);
    if (parsed.kind !== 'object') return { own: this.#own, problems: [`${this.path} does not hold a JSON object`] };
    const own = new Map<ConfigName, unknown>();
    const problems: string[] = [];
    for (const [name, value] of contentOf(parsed.members).given) {
      if (keyDefinition(name).section === null) continue;
      const checked = checkValue(name, value, dirname(this.path));
      if ('rule' in checked) problems.push(`${name} (from ${this.path}): ${checked.rule}`);
      else own.set(name, checked.value);
    }
    return { own, problems };
  }

  /** Moves what was set of breakers in an older version into the file. */
  #adoptBreakers(): void {
    const { history, logger } = this.#deps;
    try {
      const old = oldBreakers.parse(JSON.parse(history.getSetting(OLD_BREAKERS) ?? '{}'));
      const values = Object.entries(old).flatMap(([service, settings]) =>
        Object.entries(settings).map(([name, value]): [string, unknown] => [`resilience.${service}.${name}`, value]),
      );
      if (values.length === 0) return;
      const text = this.#text() ?? '{}';
      const { own } = this.#parsed(text);
      const missing = values.flatMap(([key, value]): [ConfigName, unknown][] =>
        isConfigName(key) && !own.has(key) ? [[key, value]] : [],
      );
      this.#writeFile(editConfigText(text, missing));
      history.setSetting(OLD_BREAKERS, '{}');
    } catch (error) {
      logger.warn({ err: error }, 'what was set of circuit breakers before is not in the settings yet');
    }
  }
}

const oldBreakers = z.record(z.string(), z.record(z.string(), z.union([z.boolean(), z.number()])));

function pick(config: Readonly<Config>, names: readonly ConfigName[] = SETTING_NAMES): Partial<Config> {
  return Object.fromEntries(names.map((name) => [name, config[name]]));
}

export function refused(field: string, message: string): ArchonError {
  return new ArchonError('VALIDATION_FAILED', message, { issues: [{ field, message }] });
}

export const lockedMessage = (key: ConfigName, source: ConfigSource): string =>
  `${key} is set by ${describeSource(source)}, which goes before: change it there.`;
