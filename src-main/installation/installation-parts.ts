/** The doctor and the secrets of an installation, on whichever engine is open. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { createDoctor, type Doctor } from '../doctor/create-doctor.ts';
import type { Engine } from '../engine.ts';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { createSecrets, type Secrets } from '../secrets/create-secrets.ts';
import { placeIn } from '../secrets/sealed-store.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Config } from '../settings/config-schema.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';
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
      return {
        config: deps.config(),
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
function closedPlaces({ profiles, active }: InstallationPartsDeps): string[] {
  const open = active()?.profile_id;
  const closed = profiles()
    .list()
    .filter(({ profile_id }) => profile_id !== open);
  return closed.flatMap((profile) => SEALED_IN_DATABASES.map((what) => placeIn(what, placeOfProfile(profile))));
}

const SEALED_IN_DATABASES = ['Webhooks', 'Settings of organisations'];

/** How places in the database of a profile are told apart; null for the database of this computer. */
export const placeOfProfile = ({ kind, name }: StoredProfile): string | null => (kind === 'local' ? null : name);
