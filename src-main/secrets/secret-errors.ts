/** What can be wrong with keys and with what is sealed with them. */
import { ArchonError } from '../errors.ts';

/** What was encrypted cannot be read: with another key, or it was changed. */
export class SecretUnreadableError extends Error {
  override readonly name = 'SecretUnreadableError';
  constructor() {
    super(
      'A secret cannot be read with the key of this installation. Set secret_key (ARCHON_SECRET_KEY) to what it was on the node that wrote it (or secret_key_old, ARCHON_SECRET_KEY_OLD, to have it read as well), or bring back its file secret.key; or enter the secret again.',
    );
  }
}

/** There is a key and it cannot be used. Nothing is written over it: what it sealed could never be read again. */
export class KeyUnavailableError extends ArchonError {
  override readonly name = 'KeyUnavailableError';
  /** It is locked, and not by a keyring that this process has. */
  readonly is_locked: boolean;

  constructor(message: string, { is_locked = false, cause }: { is_locked?: boolean; cause?: unknown } = {}) {
    super('CONFLICT', message, { cause });
    this.is_locked = is_locked;
  }
}
