/**
 * A new master key, and every secret sealed with it.
 *
 * The key file holds the new key and those before it, from the first step to the last; so a secret can be read however
 * far this came, and the next start goes on. A key is dropped when every place was looked through and nothing is sealed
 * with it any more.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { SealedStore } from './sealed-store.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * How long after a key was retired something sealed with it may still be written: by a call that was under way. Far more
 * than the longest deadline of a request.
 */
export const SETTLED_MS = 10 * 60_000;
/** Between passes while there is something to do: a database may be away. */
const AGAIN_MS = 15 * 60_000;

interface RotationDeps {
  box: SecretBox;
  /** Places that can be reached now. */
  stores(): readonly SealedStore[];
  /** Ids of places that cannot, such as those of connections that are not open. */
  elsewhere(): readonly string[];
  clock: Clock;
  logger: Logger;
}

export class KeyRotation {
  readonly #deps: RotationDeps;
  #last: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: RotationDeps) {
    this.#deps = deps;
  }

  /** Goes on with what was begun, now and as long as there is something left to do. */
  start(): void {
    void this.finish();
  }

  /** Writes no key from now on: the data folder may be another process's soon. A pass that runs ends with its database. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Everything is sealed with the new key when it is done, as far as it can be reached. @throws KeyUnavailableError */
  async rotate({ locked }: { locked: boolean }): Promise<void> {
    await this.#alone(async () => {
      // Asked first: nothing is changed while no database is open.
      this.#deps.stores();
      if (!this.#deps.box.isPassphrase && !this.#stopped) this.#deps.box.addKey({ locked });
      await this.#pass();
    });
  }

  /** A pass when there are keys that something may still be sealed with. Never throws: what fails is tried again. */
  async finish(): Promise<void> {
    await this.#alone(async () => {
      try {
        if (this.#deps.box.hasOthers) await this.#pass();
      } catch (error) {
        this.#deps.logger.warn({ err: error }, 'secrets could not be sealed with the current key');
      }
    });
  }

  async #pass(): Promise<void> {
    const began_ms = this.#deps.clock.now();
    let isWhole = false;
    try {
      const stores = this.#deps.stores();
      const done = await this.#lookThrough(stores);
      isWhole = done.length === stores.length;
      this.#note(done, began_ms);
    } finally {
      this.#goOnLater(isWhole);
    }
  }

  /** @returns ids of the places that were looked through to the end */
  async #lookThrough(stores: readonly SealedStore[]): Promise<string[]> {
    const { box, logger } = this.#deps;
    const done: string[] = [];
    for (const store of stores) {
      try {
        const { unreadable } = await store.reseal((sealed, place) => box.sealAgain(sealed, place));
        if (unreadable > 0) logger.warn({ place: store.name, unreadable }, 'secrets that no key reads were left alone');
        done.push(store.id);
      } catch (error) {
        logger.warn(
          { err: error, place: store.name },
          'secrets could not be sealed with the current key; it is tried again',
        );
      }
    }
    return done;
  }

  #note(done: readonly string[], began_ms: number): void {
    const { box, logger } = this.#deps;
    const settled = box.olderKeys().filter(({ retired_at }) => began_ms - Date.parse(retired_at ?? '') >= SETTLED_MS);
    if (this.#stopped || settled.length === 0 || done.length === 0) return;
    const places = [...this.#deps.stores().map(({ id }) => id), ...this.#deps.elsewhere()];
    box.noteResealed(new Map(settled.map(({ id }) => [id, done])), (key) => {
      const isDone = settled.some(({ id }) => id === key.id) && places.every((id) => key.resealed.includes(id));
      if (isDone) logger.info({ key: key.id }, 'nothing is sealed with this key any more; it is dropped');
      return isDone;
    });
  }

  /** While a place was not reached, or keys are kept. Passphrases are kept by whoever set them, until told otherwise. */
  #goOnLater(isWhole: boolean): void {
    clearTimeout(this.#timer);
    if (this.#stopped || (isWhole && this.#deps.box.olderKeys().length === 0)) return;
    this.#timer = setTimeout(() => void this.finish(), AGAIN_MS).unref();
  }

  /** One at a time. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    await turn;
  }
}
