/** Secrets as the API shows them: how they are protected, how many there are, and a new key. */
import type { Logger } from 'pino';
import type { ParsedInputs, SecretsStatus } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { KeyRotation } from './key-rotation.ts';
import type { SealedStore } from './sealed-store.ts';
import type { Protection, SecretBox } from './secret-box.ts';
import { KeyUnavailableError } from './secret-errors.ts';

export interface SecretsDeps {
  box: SecretBox;
  /** Places that can be reached now; asked each time, as connections are opened and closed. */
  stores(): readonly SealedStore[];
  /** Ids of places that cannot: those of connections that are not open. Keys are kept for them. */
  elsewhere?(): readonly string[];
  clock: Clock;
  logger: Logger;
}

export interface Secrets {
  status(scope: Scope, input?: unknown): Promise<SecretsStatus>;
  rotate(scope: Scope, input: ParsedInputs['secrets']['rotate']): Promise<SecretsStatus>;
  /** Goes on with a change of keys that was interrupted; to be called when there are places to look through. */
  start(): void;
  stop(): void;
}

const PASSPHRASE_HELP =
  'The key is made from secret_key. To change it: on every node set ARCHON_SECRET_KEY_OLD to the new passphrase and restart; then exchange the two and restart again. Everything is encrypted with the new one by itself.';

export function createSecrets(deps: SecretsDeps): Secrets {
  const { box } = deps;
  const elsewhere = () => deps.elsewhere?.() ?? [];
  const rotation = new KeyRotation({ ...deps, elsewhere });
  const status = async (): Promise<SecretsStatus> => {
    const { protection, problem } = protectionOf(box);
    return {
      protection,
      detail: problem ?? detailOf(box, protection),
      problem,
      key_made_at: problem === null ? box.madeAt() : null,
      older_keys: problem === null ? box.olderKeys().length : 0,
      rotate_refused: refusalOf(box, problem),
      kept: await Promise.all(deps.stores().map((store) => look(store, box))),
    };
  };
  return {
    status,
    rotate: async (_scope, { key_file }) => {
      const refused = refusalOf(box, protectionOf(box).problem);
      if (refused !== null) throw new ArchonError('CONFLICT', refused);
      await rotation.rotate({ locked: box.hasKeyring && !key_file });
      return await status();
    },
    start: () => rotation.start(),
    stop: () => rotation.stop(),
  };
}

function protectionOf(box: SecretBox): { protection: Protection; problem: string | null } {
  try {
    const protection = box.protection();
    return { protection, problem: null };
  } catch (error) {
    if (!(error instanceof KeyUnavailableError)) throw error;
    return { protection: error.is_locked ? 'keyring' : 'key_file', problem: error.message };
  }
}

function refusalOf(box: SecretBox, problem: string | null): string | null {
  if (problem !== null) return problem;
  return box.isPassphrase && !box.hasOthers ? PASSPHRASE_HELP : null;
}

function detailOf(box: SecretBox, protection: Protection): string {
  switch (protection) {
    case 'keyring':
      return 'The key is locked by the keyring of this system: only this user can unlock it. A server (`archon serve`) cannot read it; `archon secrets rotate --key-file`, while the app runs, makes one that it can.';
    case 'basic':
      return 'This system has no keyring, so protection is basic: whoever can read the files of this user can read the key, and with it the secrets. Install GNOME Keyring or KWallet, start Archon again and make a new key to be safer.';
    case 'key_file':
      return box.hasKeyring
        ? 'The key is in secret.key in the data folder, which only this user may read. It was made without a keyring; a new key is locked by the one of this system.'
        : 'The key is in secret.key in the data folder, which only this user may read. Keep a copy apart from backups of the database; whoever has both can read the secrets.';
    case 'passphrase':
      return 'The key is made from secret_key (ARCHON_SECRET_KEY). Keep it where the process gets it from; without it the secrets cannot be read.';
  }
}

async function look(store: SealedStore, box: SecretBox): Promise<SecretsStatus['kept'][number]> {
  try {
    const { count, unreadable } = await store.reseal((sealed, place) => {
      box.open(sealed, place);
      return sealed;
    });
    return { where: store.name, count, unreadable, problem: null };
  } catch (error) {
    return {
      where: store.name,
      count: 0,
      unreadable: 0,
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}
