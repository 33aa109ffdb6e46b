/** The doctor and the secrets of an installation, on whichever engine is open. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { createDoctor, type Doctor } from '../doctor/create-doctor.ts';
import type { Engine } from '../engine.ts';
import { assertNever } from '../errors.ts';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { createSecrets, type Secrets } from '../secrets/create-secrets.ts';
import { type DatabasePlace, OWN_DATABASE, placeId } from '../secrets/sealed-store.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Config } from '../settings/config-schema.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';
import { databasePlace } from '../storage/store-identity.ts';
import type { StoredProfile } from './profile-file.ts';
import type { ProfileStore } from './profile-store.ts';

export interface InstallationPartsDeps {
  box: SecretBox;
  engine(): Pick<Engine, 'services' | 'database' | 'sealedStores'>;
  profiles(): ProfileStore;
  /** The profile that is open; undefined when the configuration sets the connection. */
  active(): StoredProfile | undefined;
  /** Of what is open, for checks of this computer. */
  config(): Config;
  /** The settings of this computer; without them nothing is changed there. */
  device?(): DeviceSettings;
  clock: Clock;
  logger: Logger;
}

const OURS = { org_id: LOCAL_ORG_ID, actor: 'archon' };

export function createParts(deps: InstallationPartsDeps): { secrets: Secrets; doctor: Doctor } {
  const { box, clock, logger } = deps;
  const secrets = createSecrets({
    box,
    stores: () => [...deps.engine().sealedStores, deps.profiles()],
    elsewhere: () => closedPlaces(deps),
    clock,
    logger: componentLogger(logger, 'identity'),
  });
  const doctor = createDoctor({
    clock,
    host: () => {
      const device = deps.device?.();
      const active = deps.active();
      return {
        config: deps.config(),
        copy_dir: active?.kind === 'copy' ? deps.profiles().folderOf(active.profile_id) : undefined,
        clock,
        database: deps.engine().database,
        secrets: async () => await secrets.status(OURS),
        backUp: async () => (await deps.engine().services.backups.make()).name,
        profiles: async () => deps.profiles().list(),
        ...(device === undefined
          ? {}
          : {
              isLocked: (name) => device.lockedBy(name) !== undefined,
              changeSetting: async (key, value) => device.set(OURS, [{ key, value }]).apply(),
            }),
      };
    },
  });
  return { secrets, doctor };
}

/** Where databases that are not open keep secrets. */
export function closedPlaces({ profiles, active }: Pick<InstallationPartsDeps, 'profiles' | 'active'>): string[] {
  const open = active()?.profile_id;
  const store = profiles();
  const closed = store.list().filter(({ profile_id }) => profile_id !== open);
  return [
    ...closed.flatMap((profile) => {
      const place = placeOfProfile(profile);
      return [placeId('webhooks', place), placeId('settings', place)];
    }),
    ...(store.hasOthers ? ['profiles of a newer version'] : []),
  ];
}

/** @param named what it is called now; it may be renamed meanwhile */
export function placeOfProfile(profile: StoredProfile, named = (): string => profile.name): DatabasePlace {
  switch (profile.kind) {
    case 'local':
      return OWN_DATABASE;
    case 'copy':
      return { id: profile.profile_id, name: named };
    case 'remote': {
      // With another address it is another database, whose secrets were not looked at.
      const { host, port, database } = profile.database;
      return { id: `${profile.profile_id} ${host}:${port}/${database}`, name: named };
    }
    default:
      return assertNever(profile);
  }
}

/** The database that the configuration sets: not that of this computer, which has secrets of its own. */
export function placeOfConfigured(config: Readonly<Config>): DatabasePlace {
  const url = config['database.url'];
  return url === null ? OWN_DATABASE : { id: `configured ${databasePlace(url)}`, name: () => null };
}
