import { describeSource, type LoadedConfig } from '../settings/load-config.ts';

/** What sets the connection of the configuration, such as `ARCHON_DATABASE_URL`; null when nothing does. */
export function configuredBy({ config, sources }: Pick<LoadedConfig, 'config' | 'sources'>): string | null {
  return config['database.url'] === null ? null : describeSource(sources['database.url']);
}
