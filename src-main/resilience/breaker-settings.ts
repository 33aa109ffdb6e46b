/** When breakers open: settings of this computer, read at each use. */
import type { ParsedInputs, ResilientService } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';
import type { SettingsReader } from '../settings/live-settings.ts';
import type { BreakerSettings } from './circuit-breaker.ts';

export const SETTING_NAMES = ['enabled', 'threshold', 'reset_seconds'] as const;
type SettingName = (typeof SETTING_NAMES)[number];

const keyOf = <N extends SettingName>(service: ResilientService, name: N) => `resilience.${service}.${name}` as const;

export class BreakerSettingsStore {
  readonly #settings: SettingsReader;
  readonly #device: DeviceSettings;

  constructor(settings: SettingsReader, device: DeviceSettings) {
    this.#settings = settings;
    this.#device = device;
  }

  of(service: ResilientService): BreakerSettings {
    const config = this.#settings.device;
    return {
      enabled: this.#isEnabled(service),
      threshold: config[keyOf(service, 'threshold')],
      reset_seconds: config[keyOf(service, 'reset_seconds')],
    };
  }

  /** What a person set. */
  changed(service: ResilientService): SettingName[] {
    return SETTING_NAMES.filter((name) => this.#device.isOwn(keyOf(service, name)));
  }

  /**
   * Keeps what is given; `null` goes back to the configuration.
   *
   * @throws ArchonError when it cannot be kept: then nothing changed
   */
  set(scope: Scope, { service, ...patch }: ParsedInputs['resilience']['update']): void {
    const changes = SETTING_NAMES.flatMap((name) => {
      const value = patch[name];
      return value === undefined ? [] : [{ key: keyOf(service, name), value }];
    });
    this.#device.set(scope, changes).apply();
  }

  /**
   * The embedded database is part of this process: it is there as soon as its worker is, calls wait for that, and a busy
   * one is not away. A breaker could only refuse what would have been answered.
   */
  #isEnabled(service: ResilientService): boolean {
    const config = this.#settings.device;
    if (service === 'postgres' && config['database.url'] === null) return false;
    return config[keyOf(service, 'enabled')];
  }
}
