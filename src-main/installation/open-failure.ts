/** Why a profile could not be opened, as an error that a caller is told. */
import { explainConnectionError } from '../connections/connection-errors.ts';
import { ArchonError } from '../errors.ts';
import { SecretUnreadableError } from '../identity/secret-box.ts';
import type { StoredProfile } from './profile-file.ts';

/** The profile that was to be open first could not be. It says what its cause says, with its code. */
export class ProfileStartError extends ArchonError {
  readonly profile_id: string;

  constructor(profile_id: string, cause: Error) {
    const { code, data } = cause instanceof ArchonError ? cause : { code: 'CONFLICT' as const, data: undefined };
    super(code, cause.message, { cause, data });
    this.profile_id = profile_id;
  }
}

export function openFailure(error: unknown, profile: Pick<StoredProfile, 'name'>): Error {
  if (error instanceof ArchonError && error.code !== 'STORAGE_UNAVAILABLE') return error;
  const name = `"${profile.name}" could not be opened`;
  if (error instanceof SecretUnreadableError) {
    return new ArchonError(
      'CONFLICT',
      `${name}: its password cannot be read with the key of this installation. Edit the profile and type the password again.`,
      { cause: error },
    );
  }
  // Of ours, the reason is what pg or the system said.
  const cause = error instanceof ArchonError && error.cause instanceof Error ? error.cause : error;
  const { detail, advice, is_away } = explainConnectionError(cause);
  const told = advice === null ? detail : `${detail} ${advice}`;
  return new ArchonError(is_away ? 'STORAGE_UNAVAILABLE' : 'CONFLICT', `${name}: ${told}`, { cause: error });
}
