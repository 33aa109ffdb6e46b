/** How secrets are protected, in plain words. */
import type { SecretsStatus } from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';

export const PROTECTION_WORDS: Record<SecretsStatus['protection'], { title: string; tone: Tone }> = {
  keyring: { title: 'Locked by the keyring of this system', tone: 'ok' },
  basic: { title: 'Basic: this system has no keyring', tone: 'warn' },
  key_file: { title: 'In a key file that only this user may read', tone: 'plain' },
  passphrase: { title: 'With a passphrase of the configuration', tone: 'ok' },
};

/** What is kept, in a sentence for each place. */
export function placeWords({ count, unreadable, problem }: SecretsStatus['kept'][number]): string {
  if (problem !== null) return `could not be looked at: ${problem}`;
  const secrets = count === 1 ? '1 secret' : `${count} secrets`;
  return unreadable === 0 ? secrets : `${secrets}, ${unreadable} of them cannot be read`;
}

export const UNREADABLE_HELP =
  'They were encrypted with a key that is not here. Bring back the file secret.key, or set ARCHON_SECRET_KEY_OLD to the passphrase they were encrypted with, and start Archon again. Otherwise enter them again: of a webhook, make a new secret.';
