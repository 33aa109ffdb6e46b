/** Snapshots and archives of an installation: they outlive the profile they are made of, and become profiles. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { copyEngineStarter } from '../offline/copy-engine.ts';
import { Offline } from '../offline/offline.ts';
import type { Copies } from '../offline/open-profile.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
import type { ProfileStore } from './profile-store.ts';

/** Names that are tried for a copy before it is given up. */
const MAX_NAMES = 1000;
/** UTF-16 units of a name that a number is put behind. */
const MAX_NAME = 190;

/** What is asked of whoever holds the data folder and the engine that is open. */
export interface OfflineHost {
  config: Config;
  /** The configuration as it is set by now, and what seals secrets, for the engine that fills a copy. */
  forCopies(): { config: Config; secrets: SecretBox };
  profiles: Pick<ProfileStore, 'list' | 'folderOf' | 'createCopy'>;
  services: Pick<Services, 'app' | 'transfer'>;
}

/** @param host asked at each call, for both may change */
export function createOffline(host: OfflineHost, clock: Clock, logger: Logger): Offline {
  const log = componentLogger(logger, 'transfer');
  return new Offline({
    data_dir: host.config.data_dir,
    open: () => {
      const { app, transfer } = host.services;
      const profile = app.profile();
      return {
        name: profile?.name ?? 'The configured database',
        // Databases and sessions on this computer are named alike, whichever folder they are in.
        place: JSON.stringify([profile?.profile_id ?? null, transfer.stores]),
        transfer,
      };
    },
    copies: copiesIn(() => host.profiles),
    startCopyEngine: copyEngineStarter(() => host.forCopies(), log),
    clock,
    logger: log,
  });
}

/** Copies as profiles of their own: read-only, and not for agents. */
function copiesIn(profiles: () => OfflineHost['profiles']): Copies {
  return {
    folderOf: (profile_id) => profiles().folderOf(profile_id),
    has: (wanted) =>
      profiles()
        .list()
        .some(({ profile_id }) => profile_id === wanted),
    add: ({ name, ...copy }) => {
      const looks = { name: freeName(profiles(), name), color: 'grey', read_only: true, agents: false } as const;
      profiles().createCopy(looks, copy);
    },
  };
}

function freeName(profiles: OfflineHost['profiles'], name: string): string {
  const taken = new Set(profiles.list().map((profile) => profile.name.toLowerCase()));
  for (let number = 1; number <= MAX_NAMES; number += 1) {
    const tried = number === 1 ? name : `${name.slice(0, MAX_NAME)} (${number})`;
    if (!taken.has(tried.toLowerCase())) return tried;
  }
  throw new ArchonError('CONFLICT', `There are too many profiles named ${name}; choose another name.`);
}
