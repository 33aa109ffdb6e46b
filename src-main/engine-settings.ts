import type { MemorySettings, MemorySettingsOf } from './memory/memory-settings.ts';
import type { Config } from './settings/config-schema.ts';
import type { SettingsReader } from './settings/live-settings.ts';

/** The part of the configuration that memory works by. */
export function memorySettings(config: Readonly<Config>): MemorySettings {
  return {
    working_ttl_days: config['memory.working_ttl_days'],
    session_ttl_seconds: config['memory.session_ttl_minutes'] * 60,
    relevance_half_life_days: config['memory.relevance_half_life_days'],
    importance_half_life_days: config['memory.importance_half_life_days'],
    search_language: config['memory.search_language'],
    reserves: {
      session: config['memory.reserve_session'],
      working: config['memory.reserve_working'],
      longterm: config['memory.reserve_longterm'],
    },
    longterm_min_importance: config['memory.longterm_min_importance'],
  };
}

export const memorySettingsOf =
  (settings: SettingsReader): MemorySettingsOf =>
  ({ org_id }) =>
    memorySettings(settings.of(org_id));
