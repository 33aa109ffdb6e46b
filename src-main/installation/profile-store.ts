/** The connection profiles of an installation, and which one was open last. Secrets lie in the file encrypted. */
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { LOCAL_PROFILE_ID, type ProfileColor } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { ConnectionSettings } from '../connections/connection-settings.ts';
import { ArchonError, invalidField, notFound } from '../errors.ts';
import type { Resealed, SealedStore } from '../secrets/sealed-store.ts';
import { SecretUnreadableError } from '../secrets/secret-errors.ts';
import { type ProfileFileContent, readProfileFile, type StoredProfile, writeProfileFile } from './profile-file.ts';
import { opened, resealed, type SecretSealer, sealed } from './profile-secrets.ts';

/** What an engine keeps on this computer for each profile but `local` lies in a folder of its own in here. */
const FOLDERS = 'profiles';

export interface ProfileLooks {
  name: string;
  color: ProfileColor;
  read_only: boolean;
  agents: boolean;
}
type Kind<K extends StoredProfile['kind']> = Extract<StoredProfile, { kind: K }>;

export class ProfileStore implements SealedStore {
  readonly id = 'profiles';
  readonly name = 'Connection profiles';
  /** That the file was damaged, and where it is now; undefined when it was whole. */
  readonly damage: string | undefined;
  readonly #data_dir: string;
  readonly #secrets: SecretSealer;
  readonly #clock: Clock;
  #content: ProfileFileContent;

  /** Reads the file; nothing is written before something changes. The data folder must be ours. */
  constructor(deps: { data_dir: string; secrets: SecretSealer; clock: Clock }) {
    this.#data_dir = deps.data_dir;
    this.#secrets = deps.secrets;
    this.#clock = deps.clock;
    const now = isoTime(deps.clock.now());
    const { content, damage } = readProfileFile(deps.data_dir, now.replaceAll(/[:.]/g, '-'));
    this.damage = damage;
    this.#content = content ?? {
      last_profile_id: LOCAL_PROFILE_ID,
      profiles: [],
      others: { members: {}, profiles: [] },
    };
    if (!this.#content.profiles.some(({ kind }) => kind === 'local')) {
      this.#content = { ...this.#content, profiles: [localProfile(now), ...this.#content.profiles] };
    }
  }

  /** `local` first, then as they were made. */
  list(): readonly StoredProfile[] {
    const { profiles } = this.#content;
    return [...profiles.filter(({ kind }) => kind === 'local'), ...profiles.filter(({ kind }) => kind !== 'local')];
  }

  /** @throws ArchonError NOT_FOUND */
  get(profile_id: string): StoredProfile {
    const found = this.#content.profiles.find((profile) => profile.profile_id === profile_id);
    if (found === undefined) throw notFound('connection profile', profile_id);
    return found;
  }

  /** By id, or by name in upper or lower case. @throws ArchonError NOT_FOUND */
  named(text: string): StoredProfile {
    const name = text.trim().toLowerCase();
    const found =
      this.#content.profiles.find(({ profile_id }) => profile_id === name) ??
      this.#content.profiles.find((profile) => profile.name.toLowerCase() === name);
    if (found !== undefined) return found;
    const names = this.list().map((profile) => `"${profile.name}"`);
    throw new ArchonError('NOT_FOUND', `There is no connection profile "${text}"; there are ${names.join(', ')}.`);
  }

  /** The one that was open last; `local` when that is gone. */
  get last(): StoredProfile {
    const { last_profile_id, profiles } = this.#content;
    return profiles.find(({ profile_id }) => profile_id === last_profile_id) ?? this.get(LOCAL_PROFILE_ID);
  }

  /** Whether there are some that a newer version wrote: what they hold is not known, but that it may be sealed. */
  get hasOthers(): boolean {
    return this.#content.others.profiles.length > 0;
  }

  /** Where an engine keeps what belongs to the profile on this computer. */
  folderOf(profile_id: string): string {
    return profile_id === LOCAL_PROFILE_ID ? this.#data_dir : join(this.#data_dir, FOLDERS, profile_id);
  }

  /** With its secrets. @throws SecretUnreadableError */
  connectionOf(profile: Kind<'remote'>): ConnectionSettings {
    return opened(profile, this.#secrets);
  }

  /** @throws ArchonError VALIDATION_FAILED for a name that another has */
  createRemote(looks: ProfileLooks, settings: ConnectionSettings): Kind<'remote'> {
    const profile_id = uuidv7();
    const profile = {
      kind: 'remote' as const,
      profile_id,
      ...this.#made(looks),
      ...sealed(profile_id, settings, this.#secrets),
    };
    this.#add(profile);
    return profile;
  }

  /** @param copy of what, by name, and when it was taken; its folder is filled already */
  createCopy(looks: ProfileLooks, copy: { profile_id: string; source: string; taken_at: string }): Kind<'copy'> {
    const profile = { kind: 'copy' as const, ...this.#made(looks), ...copy };
    this.#add(profile);
    return profile;
  }

  /** @throws ArchonError NOT_FOUND; VALIDATION_FAILED for a name that another has, or a connection it cannot have */
  update(profile_id: string, change: Partial<ProfileLooks>, settings?: ConnectionSettings): StoredProfile {
    const before = this.get(profile_id);
    if (change.name !== undefined) this.#refuseName(change.name, profile_id);
    if (before.kind === 'copy' && change.read_only === false) {
      throw invalidField('read_only', 'stays set for a copy: it shows a moment that has passed');
    }
    let after = { ...before, ...change };
    if (settings !== undefined) {
      if (after.kind !== 'remote') throw invalidField('connection', 'belongs to remote profiles only');
      after = { ...after, ...sealed(profile_id, settings, this.#secrets) };
    }
    this.#replace(after);
    return after;
  }

  /** @throws ArchonError NOT_FOUND; CONFLICT for `local` */
  remove(profile_id: string): StoredProfile {
    const profile = this.get(profile_id);
    if (profile.kind === 'local') {
      throw new ArchonError('CONFLICT', 'The database of this computer is always there; it cannot be removed.');
    }
    this.#write({ ...this.#content, profiles: this.#content.profiles.filter((one) => one !== profile) });
    return profile;
  }

  /** The next start opens it. */
  choose(profile_id: string): void {
    this.#write({ ...this.#content, last_profile_id: this.get(profile_id).profile_id });
  }

  /** It is open: the next start opens it again. */
  opened(profile_id: string): void {
    const profile = this.get(profile_id);
    const last_used_at = isoTime(this.#clock.now());
    this.#content = { ...this.#content, last_profile_id: profile_id };
    this.#replace({ ...profile, last_used_at, last_problem: null });
  }

  /** It could not be opened. */
  failed(profile_id: string, message: string): void {
    this.#replace({ ...this.get(profile_id), last_problem: { at: isoTime(this.#clock.now()), message } });
  }

  /**
   * Encrypts every secret anew, for a new key. What cannot be read stays as it is.
   *
   * @param again opens with the key before and seals with the next one; throws when it cannot
   */
  async reseal(again: (sealed: string, place: string) => string): Promise<Resealed> {
    let count = 0;
    let changed = 0;
    let unreadable = 0;
    const counted = (box: string, place: string) => {
      try {
        const box_again = again(box, place);
        count += 1;
        if (box_again !== box) changed += 1;
        return box_again;
      } catch (error) {
        if (!(error instanceof SecretUnreadableError)) throw error;
        count += 1;
        unreadable += 1;
        return box;
      }
    };
    const profiles = this.#content.profiles.map((one) => (one.kind === 'remote' ? resealed(one, counted) : one));
    if (changed > 0) this.#write({ ...this.#content, profiles });
    return { count, unreadable };
  }

  #made(looks: ProfileLooks) {
    return { ...looks, created_at: isoTime(this.#clock.now()), last_used_at: null, last_problem: null };
  }

  #add(profile: StoredProfile): void {
    this.#refuseName(profile.name, profile.profile_id);
    this.#write({ ...this.#content, profiles: [...this.#content.profiles, profile] });
  }

  #refuseName(name: string, profile_id: string): void {
    const taken = this.#content.profiles.some(
      (one) => one.profile_id !== profile_id && one.name.toLowerCase() === name.toLowerCase(),
    );
    if (taken) throw invalidField('name', 'is the name of another profile');
  }

  #replace(profile: StoredProfile): void {
    const profiles = this.#content.profiles.map((one) => (one.profile_id === profile.profile_id ? profile : one));
    this.#write({ ...this.#content, profiles });
  }

  #write(content: ProfileFileContent): void {
    writeProfileFile(this.#data_dir, content);
    this.#content = content;
  }
}

function localProfile(created_at: string): Kind<'local'> {
  return {
    kind: 'local',
    profile_id: LOCAL_PROFILE_ID,
    name: 'This computer',
    color: 'violet',
    read_only: false,
    agents: true,
    created_at,
    last_used_at: null,
    last_problem: null,
  };
}
