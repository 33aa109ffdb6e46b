/**
 * The settings in force. They change while the engine runs, so nothing may keep a value of them: parts are given this,
 * and read when they need.
 */
import type { Logger } from 'pino';
import type { Config, ConfigName } from './config-schema.ts';

/** What changed: settings of an organisation, or of this computer (null). */
export interface SettingsChange {
  org_id: string | null;
  keys: ReadonlySet<ConfigName>;
  /** Who changed it, where that is known. */
  by?: string;
}

type Listener = (change: SettingsChange) => void;
/** Hears what a listener threw. */
type OnFault = (error: unknown) => void;

/** What parts of the engine see of it. */
export interface SettingsReader {
  /** What holds on this computer: for settings of the device, and for what has no organisation. */
  readonly device: Readonly<Config>;
  /** What holds for an organisation: its own settings over those of this computer. Never fails, never waits. */
  of(org_id: string): Readonly<Config>;
  /** Calls the listener after a change is in force. @returns how to stop */
  onChange(listener: Listener): () => void;
}

export class LiveSettings implements SettingsReader {
  #device: Readonly<Config>;
  readonly #organisations = new Map<string, Readonly<Partial<Config>>>();
  readonly #merged = new Map<string, Readonly<Config>>();
  readonly #listeners = new Set<Listener>();
  #onFault: OnFault = (error) => {
    // Told by the process itself, since nobody was named to tell.
    queueMicrotask(() => {
      throw error;
    });
  };

  constructor(device: Config) {
    this.#device = device;
  }

  /** Has what listeners throw told there: a change is in force all the same. */
  reportFaults(onFault: OnFault): void {
    this.#onFault = onFault;
  }

  get device(): Readonly<Config> {
    return this.#device;
  }

  of(org_id: string): Readonly<Config> {
    const known = this.#merged.get(org_id);
    if (known) return known;
    const merged = { ...this.#device, ...this.#organisations.get(org_id) };
    this.#merged.set(org_id, merged);
    return merged;
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** These hold on this computer from now on. */
  setDevice(device: Config, by?: string): void {
    const keys = differing(this.#device, device);
    if (keys.size === 0) return;
    this.#device = device;
    this.#merged.clear();
    this.#tell({ org_id: null, keys, ...(by === undefined ? {} : { by }) });
  }

  /** These are the settings of an organisation from now on; what is not among them holds as on this computer. */
  setOrganisation(org_id: string, values: Partial<Config>): void {
    const before = this.of(org_id);
    this.#organisations.set(org_id, values);
    this.#merged.delete(org_id);
    const keys = differing(before, this.of(org_id));
    if (keys.size > 0) this.#tell({ org_id, keys });
  }

  #tell(change: SettingsChange): void {
    // One that fails must keep neither the others from hearing of it, nor whoever changed it from being answered.
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}

export const logFault = (logger: Logger, error: unknown): void =>
  logger.error({ err: error }, 'settings changed, but a part of Archon failed to follow');

/**
 * Has settings follow those of the computer, but for what they say otherwise from the beginning: the connection of a
 * profile and what belongs to it. @returns how to stop
 */
export function followDevice(computer: SettingsReader, settings: LiveSettings): () => void {
  const own = differing(computer.device, settings.device);
  return computer.onChange(({ org_id, keys, by }) => {
    if (org_id !== null) return;
    const changed = [...keys].filter((key) => !own.has(key)).map((key) => [key, computer.device[key]]);
    settings.setDevice({ ...settings.device, ...Object.fromEntries(changed) }, by);
  });
}

function differing(before: Readonly<Config>, after: Readonly<Config>): Set<ConfigName> {
  const names = Object.keys(after) as ConfigName[];
  return new Set(names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])));
}
