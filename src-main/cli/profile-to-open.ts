/** Which connection profile a command works on when it opens an engine for itself. */
import pino from 'pino';
import { systemClock } from '../clock.ts';
import type { DoctorHost } from '../doctor/check.ts';
import type { EngineOptions } from '../engine-options.ts';
import { openProfiles } from '../installation/installation-folder.ts';
import { configOfProfile } from '../installation/profile-config.ts';
import type { StoredProfile } from '../installation/profile-file.ts';
import { momentOf } from '../offline/moment.ts';
import { secretBoxOf } from '../secrets/secret-box.ts';
import { KeyUnavailableError, SecretUnreadableError } from '../secrets/secret-errors.ts';
import type { Config } from '../settings/config-schema.ts';
import { refuseBesideConfigured } from './beside-configured.ts';

export interface ProfileToOpen {
  config: Config;
  /** Undefined when the configuration sets the connection. */
  profile: StoredProfile | undefined;
  /** How the engine is to be told. */
  engine: Pick<EngineOptions, 'moment' | 'profile' | 'migrations'>;
}

/**
 * @param wanted name or id; without it the profile that was open last
 * @throws CommandError when the configuration sets the connection and a profile is wanted; ArchonError NOT_FOUND;
 *   SecretUnreadableError
 */
export function profileToOpen(config: Config, wanted: string | undefined): ProfileToOpen {
  refuseBesideConfigured(config, wanted);
  if (config['database.url'] !== null) return { config, profile: undefined, engine: {} };
  const secrets = secretBoxOf(config, { logger: pino({ level: 'silent' }) });
  const store = openProfiles(config, secrets, systemClock);
  const profile = wanted === undefined ? store.last : store.named(wanted);
  const { profile_id, kind, name, color, read_only, agents } = profile;
  return {
    config: configOfProfile(config, profile, store),
    profile,
    engine: {
      ...(kind === 'copy' ? { moment: momentOf(profile.taken_at) } : {}),
      profile: () => ({ profile_id, kind, name, color, read_only, agents }),
      migrations: kind === 'remote' ? { confirmed: undefined, read_only } : 'apply',
    },
  };
}

/**
 * For checks of this computer and of what it works on: the data folder is that of the installation. A password that cannot
 * be read is one of the things to tell.
 */
export function connectionToCheck(
  config: Config,
  wanted: string | undefined,
): Pick<DoctorHost, 'config' | 'copy_dir' | 'connection_problem'> {
  try {
    const opened = profileToOpen(config, wanted);
    const copy_dir = opened.profile?.kind === 'copy' ? opened.config.data_dir : undefined;
    return { config: { ...opened.config, data_dir: config.data_dir }, copy_dir };
  } catch (error) {
    if (!(error instanceof SecretUnreadableError || error instanceof KeyUnavailableError)) throw error;
    return { config, connection_problem: error.message };
  }
}
