/** Every setting and key of the configuration. Each is defined once, in the file of its section. */
import type { ProfileConnection } from '../connections/connection-settings.ts';
import { ALERT_KEYS } from './definitions/alerts.ts';
import { API_KEYS } from './definitions/api.ts';
import { CONNECTION_KEYS } from './definitions/connections.ts';
import { DATA_KEYS } from './definitions/data.ts';
import type { ConfigKey } from './definitions/define.ts';
import { EMBEDDING_KEYS } from './definitions/embedding.ts';
import { EVENT_KEYS } from './definitions/events.ts';
import { LLM_KEYS } from './definitions/llm.ts';
import { LOG_KEYS } from './definitions/logs.ts';
import { MEMORY_KEYS } from './definitions/memory.ts';
import { OPS_KEYS } from './definitions/ops.ts';
import { RESILIENCE_KEYS } from './definitions/resilience.ts';
import { WORKER_KEYS } from './definitions/workers.ts';

export type { ConfigKey } from './definitions/define.ts';

export const CONFIG_KEYS = {
  ...CONNECTION_KEYS,
  ...MEMORY_KEYS,
  ...WORKER_KEYS,
  ...EVENT_KEYS,
  ...RESILIENCE_KEYS,
  ...ALERT_KEYS,
  ...OPS_KEYS,
  ...EMBEDDING_KEYS,
  ...LLM_KEYS,
  ...DATA_KEYS,
  ...API_KEYS,
  ...LOG_KEYS,
} satisfies Record<string, ConfigKey>;

export type ConfigName = keyof typeof CONFIG_KEYS;
type ValueOf<K extends ConfigName> = (typeof CONFIG_KEYS)[K] extends ConfigKey<infer T> ? T : never;
/** Values of all keys. `data_dir` is resolved before an engine sees it. */
export type Config = { [K in ConfigName]: ValueOf<K> } & {
  data_dir: string;
  /** Set when a connection profile is open; it goes before keys of the same. */
  profile?: ProfileConnection;
};

/** Defaults of all keys for a data folder. */
export function defaultConfig(data_dir: string): Config {
  const entries = Object.entries(CONFIG_KEYS).map(([name, definition]) => [name, definition.default]);
  return { ...Object.fromEntries(entries), data_dir } as Config;
}
