/** What is written down of opening profiles: which was open last, and why one could not be. */
import type { Logger } from 'pino';
import { ArchonError } from '../errors.ts';
import { openFailure } from './open-failure.ts';
import type { StoredProfile } from './profile-file.ts';
import type { ProfileStore } from './profile-store.ts';
import { StayError } from './switch-reasons.ts';

interface OpeningNotesDeps {
  profiles(): Pick<ProfileStore, 'opened' | 'failed'>;
  logger: Logger;
}

/** What is only noted must not keep anything from working. */
export class OpeningNotes {
  readonly #deps: OpeningNotesDeps;

  constructor(deps: OpeningNotesDeps) {
    this.#deps = deps;
  }

  opened(profile_id: string): void {
    this.#try(() => this.#deps.profiles().opened(profile_id));
  }

  /** @returns why it could not be opened, in words */
  failed(profile: StoredProfile, error: unknown): Error {
    const told = openFailure(error, profile);
    const isProblem =
      !(error instanceof StayError) && !(told instanceof ArchonError && told.code === 'MIGRATIONS_PENDING');
    if (isProblem) this.#try(() => this.#deps.profiles().failed(profile.profile_id, told.message));
    return told;
  }

  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'profiles.json could not be written');
    }
  }
}
