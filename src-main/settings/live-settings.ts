/**
 * The settings in force. They change while the engine runs, so nothing may keep a value of them: parts are given this,
 * and read when they need.
 */
import type { Config, ConfigName } from './config-schema.ts';

/** What changed: settings of an organisation, or of this computer (null). */
export interface SettingsChange {
  org_id: string | null;
  keys: ReadonlySet<ConfigName>;
  /** Who changed it, where that is known. */
  by?: string;
}

type Listener = (change: SettingsChange) => void;

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

  constructor(device: Config) {
    this.#device = device;
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
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function differing(before: Readonly<Config>, after: Readonly<Config>): Set<ConfigName> {
  const names = Object.keys(after) as ConfigName[];
  return new Set(names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])));
}
