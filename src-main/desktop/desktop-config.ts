/** The configuration of the desktop app: as `archon serve` reads it, but with the data folder of the app. */
import { type LoadedConfig, loadConfig } from '../settings/load-config.ts';

export interface DesktopConfigOptions {
  env: Readonly<Record<string, string | undefined>>;
  working_dir: string;
  /** Data folder when nobody names one. */
  user_data_dir: string;
  /** Data folder chosen in an earlier run; the environment goes before it. */
  remembered_data_dir: string | undefined;
  /** Data folder chosen in this run; it goes before everything. */
  chosen_data_dir: string | undefined;
}

/** @throws ConfigError */
export function loadDesktopConfig(options: DesktopConfigOptions): LoadedConfig {
  const { env, working_dir, user_data_dir, remembered_data_dir, chosen_data_dir } = options;
  return loadConfig({
    env,
    flags: chosen_data_dir === undefined ? {} : { data_dir: chosen_data_dir },
    platformDefaults: { data_dir: remembered_data_dir ?? user_data_dir, working_dir },
  });
}
