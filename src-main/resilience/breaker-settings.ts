/** When breakers open: as configured, unless a person set it otherwise on this computer. */
import { z } from 'zod';
import { type ParsedInputs, RESILIENT_SERVICES, type ResilientService } from '../../src-contract/index.ts';
import type { SettingsReader } from '../settings/live-settings.ts';
import type { BreakerSettings } from './circuit-breaker.ts';
import type { LocalStore } from './local-store.ts';

const KEY = 'resilience.settings';
export const SETTING_NAMES = ['enabled', 'threshold', 'reset_seconds'] as const;
type SettingName = (typeof SETTING_NAMES)[number];

const overrides = z.partialRecord(
  z.enum(RESILIENT_SERVICES),
  z.object({
    enabled: z.boolean().optional(),
    threshold: z.int().min(1).max(10).optional(),
    reset_seconds: z.int().min(1).max(3600).optional(),
  }),
);
type Overrides = z.infer<typeof overrides>;

export class BreakerSettingsStore {
  readonly #settings: SettingsReader;
  readonly #store: LocalStore;
  #overrides: Overrides;

  constructor(settings: SettingsReader, store: LocalStore) {
    this.#settings = settings;
    this.#store = store;
    this.#overrides = store.read(KEY, overrides) ?? {};
  }

  of(service: ResilientService): BreakerSettings {
    const { enabled, threshold, reset_seconds } = this.#overrides[service] ?? {};
    const configured = this.#configured(service);
    return {
      enabled: enabled ?? configured.enabled,
      threshold: threshold ?? configured.threshold,
      reset_seconds: reset_seconds ?? configured.reset_seconds,
    };
  }

  /** What a person set. */
  changed(service: ResilientService): SettingName[] {
    const own = this.#overrides[service] ?? {};
    return SETTING_NAMES.filter((name) => own[name] !== undefined);
  }

  /**
   * Keeps what is given and not as it was; `null` goes back to the configuration.
   *
   * @param alsoKeep what belongs to it, given the names of what changed
   * @returns those names
   * @throws SqliteFileError when it cannot be kept: then nothing changed
   */
  set(
    { service, ...patch }: ParsedInputs['resilience']['update'],
    alsoKeep: (changed: readonly SettingName[]) => void,
  ): SettingName[] {
    const before = this.#overrides[service] ?? {};
    const changed = SETTING_NAMES.filter(
      (name) => patch[name] !== undefined && (patch[name] ?? undefined) !== before[name],
    );
    if (changed.length === 0) return [];
    const given = Object.fromEntries(changed.map((name) => [name, patch[name] ?? undefined]));
    const next = overrides.parse({ ...this.#overrides, [service]: { ...before, ...given } });
    this.#store.write(KEY, next, () => alsoKeep(changed));
    this.#overrides = next;
    return changed;
  }

  #configured(service: ResilientService): BreakerSettings {
    return {
      enabled: this.#isEnabled(service),
      threshold: this.#settings.device[`resilience.${service}.threshold`],
      reset_seconds: this.#settings.device[`resilience.${service}.reset_seconds`],
    };
  }

  /**
   * The embedded database is part of this process: it is there as soon as its worker is, calls wait for that, and a busy
   * one is not away. A breaker could only refuse what would have been answered.
   */
  #isEnabled(service: ResilientService): boolean {
    if (service === 'postgres' && this.#settings.device['database.url'] === null) return false;
    return this.#settings.device[`resilience.${service}.enabled`];
  }
}
