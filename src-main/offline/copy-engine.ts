/** Starts the engine that fills a copy: an embedded database and sessions in a folder of its own, and no one else on it. */
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Engine } from '../engine.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Config } from '../settings/config-schema.ts';
import { momentOf } from './moment.ts';
import type { StartCopyEngine } from './open-profile.ts';

/** What a copy has of the settings of this computer: all but where memory is. */
export function copyConfig({ profile: _profile, ...config }: Config, folder: string): Config {
  return {
    ...config,
    data_dir: folder,
    'database.url': null,
    'redis.url': null,
    'redis.sentinels': [],
    'redis.cluster_nodes': [],
    'backup.interval_hours': 0,
  };
}

/** @param installation asked for each copy: settings may have changed. Its secrets are the copy's, which makes no key of its own */
export function copyEngineStarter(
  installation: () => { config: Config; secrets: SecretBox },
  logger: Logger,
): StartCopyEngine {
  return async ({ folder, moment, signal }) => {
    const { config, secrets } = installation();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const engine = new Engine({ config: copyConfig(config, folder), logger, secrets, moment: momentOf(moment) });
    await engine.start({ signal });
    return {
      transfer: engine.services.transfer,
      ensure: (scope) => engine.organisations.ensure(scope),
      stop: () => engine.stop(),
    };
  };
}
