/** Why nothing may be switched now: what is under way must not go on in another database, nor end halfway. */
import { ArchonError } from '../errors.ts';

/** There is a reason to stay with what is open; it says nothing of the other. */
export class StayError extends ArchonError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}

export class ReasonsToStay {
  readonly #reasons = new Set<() => string | undefined>();

  /** @param reason in words; undefined when there is none now */
  add(reason: () => string | undefined): void {
    this.#reasons.add(reason);
  }

  /** @throws StayError */
  refuseToLeave(): void {
    for (const reason of this.#reasons) {
      const told = reason();
      if (told !== undefined) throw new StayError(told);
    }
  }
}
