/**
 * Secrets that must be known again, such as those that webhooks are signed with: encrypted, with the key outside of the
 * database.
 *
 * A box says which key it was sealed with. One key seals; others are only read with, until nothing is sealed with them:
 * those before it in the key file, and a passphrase that was given before (`secret_key_old`).
 */
import type { Logger } from 'pino';
import { type Clock, isoTime, systemClock } from '../clock.ts';
import type { Config } from '../settings/config-schema.ts';
import { type KeptKey, type KeptKeys, KeyFile } from './key-file.ts';
import type { Keyring } from './keyring.ts';
import { keyOfPassphrase, type MasterKey, newMasterKey, openWith, parseBox, sealWith } from './master-key.ts';
import { SecretUnreadableError } from './secret-errors.ts';

export interface SecretBoxOptions {
  data_dir: string;
  /** The same on every node of a database; null for a key of this data folder, made when needed. */
  passphrase: string | null;
  /** Another passphrase to read with, while nodes change from one to the other. */
  old_passphrase?: string | null;
  keyring?: Keyring | undefined;
  clock?: Clock;
  /** Is told of a key file that others could read. */
  onWrongMode?: (message: string) => void;
}

/** The secrets of a data folder, as its configuration protects them. */
export function secretBoxOf(
  config: Pick<Config, 'data_dir' | 'secret_key' | 'secret_key_old'>,
  { logger, keyring }: { logger: Logger; keyring?: Keyring | undefined },
): SecretBox {
  return new SecretBox({
    data_dir: config.data_dir,
    passphrase: config.secret_key,
    old_passphrase: config.secret_key_old,
    keyring,
    onWrongMode: (message) => logger.warn(message),
  });
}

export type Protection = 'passphrase' | 'keyring' | 'basic' | 'key_file';

/** Keys, the one that seals first. */
interface Ring {
  keys: readonly [MasterKey, ...MasterKey[]];
  /** Of the key file, as far as there is one. */
  file: KeptKeys | undefined;
}

export class SecretBox {
  readonly #options: SecretBoxOptions;
  readonly #clock: Clock;
  readonly #file: KeyFile;
  #known: Ring | undefined;
  /** Of the passphrases: each takes long to make, by intent. */
  #passphraseKeys: { current: MasterKey | null; old: MasterKey[] } | undefined;

  constructor(options: SecretBoxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#file = new KeyFile(options.data_dir, options.keyring, options.onWrongMode);
  }

  /** @throws KeyUnavailableError */
  seal(secret: string, place: string): string {
    return sealWith(this.#ring(true).keys[0], secret, place);
  }

  /** @throws SecretUnreadableError, KeyUnavailableError */
  open(box: string, place: string): string {
    const parsed = parseBox(box);
    if (parsed === undefined) throw new SecretUnreadableError();
    for (const key of this.#keysFor(parsed.key_id)) {
      const secret = openWith(key, parsed.body, place);
      if (secret !== undefined) return secret;
    }
    throw new SecretUnreadableError();
  }

  /** Keys that a box may be sealed with. Of one nobody knows the file is asked again: another process may have made it. */
  #keysFor(key_id: string | null): readonly MasterKey[] {
    const { keys } = this.#ring(true);
    if (key_id === null) return keys;
    const known = keys.filter(({ id }) => id === key_id);
    if (known.length > 0) return known;
    this.#known = undefined;
    return this.#ring(true).keys.filter(({ id }) => id === key_id);
  }

  /**
   * The same secret, sealed with the current key; the box itself when it is already.
   *
   * @throws SecretUnreadableError, KeyUnavailableError
   */
  sealAgain(box: string, place: string): string {
    const secret = this.open(box, place);
    return parseBox(box)?.key_id === this.#ring(true).keys[0].id ? box : this.seal(secret, place);
  }

  /** How the key is protected, or will be once there is one. */
  protection(): Protection {
    if (this.#options.passphrase !== null) return 'passphrase';
    const file = this.#ringOrNone()?.file;
    if (file?.locked) return 'keyring';
    if (this.#options.keyring === undefined) return 'key_file';
    if (this.#options.keyring.strength() === 'basic') return 'basic';
    return file === undefined ? 'keyring' : 'key_file';
  }

  /** Whether a new key could be locked by a keyring. */
  get hasKeyring(): boolean {
    return this.#options.keyring?.strength() === 'keyring';
  }

  /** When the key of the file was made that is used now; null without one. @throws KeyUnavailableError */
  madeAt(): string | null {
    if (this.#options.passphrase !== null) return null;
    return this.#ringOrNone()?.file?.keys[0].made_at ?? null;
  }

  /** Whether there are keys that secrets are only read with. @throws KeyUnavailableError */
  get hasOthers(): boolean {
    return (this.#ringOrNone()?.keys.length ?? 0) > 1;
  }

  /** Whether the key comes from the configuration, which only its administrator changes. */
  get isPassphrase(): boolean {
    return this.#options.passphrase !== null;
  }

  /** Keys of the file that are kept only until nothing is sealed with them. @throws KeyUnavailableError */
  olderKeys(): readonly KeptKey[] {
    if (this.isPassphrase) return [];
    return this.#ringOrNone()?.file?.keys.slice(1) ?? [];
  }

  /**
   * Seals with a new key from now on, and reads with those before. The caller holds the data folder.
   *
   * @param options.locked by the keyring
   */
  addKey({ locked }: { locked: boolean }): void {
    const made_at = isoTime(this.#clock.now());
    const before = this.#file.read();
    const older = (before?.keys ?? []).map((key) => ({ ...key, retired_at: key.retired_at ?? made_at }));
    const fresh: KeptKey = { ...newMasterKey(), made_at, retired_at: null, resealed: [] };
    this.#replace({ locked, keys: [fresh, ...older] });
  }

  /** Remembers that nothing in these places is sealed with an older key, and forgets the keys that `isDone` names. */
  noteResealed(notes: ReadonlyMap<string, readonly string[]>, isDone: (key: KeptKey) => boolean): void {
    const file = this.#file.read();
    if (file === undefined) return;
    const [current, ...older] = file.keys;
    const noted = older.map((key) => ({
      ...key,
      resealed: [...new Set([...key.resealed, ...(notes.get(key.id) ?? [])])],
    }));
    this.#replace({ locked: file.locked, keys: [current, ...noted.filter((key) => !isDone(key))] });
  }

  #replace(keys: KeptKeys): void {
    this.#file.replace(keys);
    this.#known = undefined;
  }

  #ringOrNone(): Ring | undefined {
    return this.#ring(false);
  }

  #ring(make: true): Ring;
  #ring(make: boolean): Ring | undefined;
  #ring(make: boolean): Ring | undefined {
    if (this.#known !== undefined) return this.#known;
    const found = this.#readRing(make);
    if (found !== undefined) this.#known = found;
    return found;
  }

  #readRing(make: boolean): Ring | undefined {
    const { current, old } = this.#keysOfPassphrases();
    if (current !== null) {
      const file = this.#readBeside();
      return { keys: [current, ...old, ...(file?.keys ?? [])], file };
    }
    const file = this.#file.read() ?? (make ? this.#makeFile() : undefined);
    return file && { keys: [...file.keys, ...old], file };
  }

  #keysOfPassphrases() {
    const { passphrase, old_passphrase = null } = this.#options;
    this.#passphraseKeys ??= {
      current: passphrase === null ? null : keyOfPassphrase(passphrase),
      old: old_passphrase === null ? [] : [keyOfPassphrase(old_passphrase)],
    };
    return this.#passphraseKeys;
  }

  /** Beside a passphrase the file is only for what was sealed before there was one. */
  #readBeside(): KeptKeys | undefined {
    try {
      return this.#file.read();
    } catch {
      return undefined;
    }
  }

  #makeFile(): KeptKeys {
    const made_at = isoTime(this.#clock.now());
    const key: KeptKey = { ...newMasterKey(), made_at, retired_at: null, resealed: [] };
    return this.#file.create({ locked: this.hasKeyring, keys: [key] });
  }
}
