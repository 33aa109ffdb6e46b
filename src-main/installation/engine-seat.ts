/**
 * The place of the one engine that is open, and how another comes to it.
 *
 * Another one starts first, then it is handed over, then the one before is stopped; a start that fails changes nothing.
 * An engine that can only be opened anew leaves its place empty for a moment: callers are told to try again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ArchonError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { CallCount } from './call-count.ts';
import type { HostedEngine } from './engine-maker.ts';
import { servicesAway } from './services-away.ts';
import { ReasonsToStay, StayError } from './switch-reasons.ts';

/** Milliseconds that calls under way have to finish on the engine before; then it is stopped all the same. */
const DRAIN_MS = 5_000;
/** Milliseconds between tries to open what was open, when nothing else may be opened for it. */
const TRY_AGAIN_MS = 5_000;

/** A profile; null is the connection that the configuration sets. */
export type ProfileId = string | null;

export interface Opened {
  engine: HostedEngine;
  profile_id: ProfileId;
}

type State =
  | { name: 'closed'; opened?: undefined }
  | { name: 'open'; opened: Opened }
  /** `opened` serves on until the other has started. */
  | { name: 'switching'; opened: Opened; to: string }
  /** What was open is opened again; `problem` says why that did not go well until now. */
  | { name: 'reopening'; opened?: undefined; to: ProfileId; problem: string | undefined };

export interface StartOptions {
  /** Version of the database that a person has seen and wanted. */
  confirmed?: number | undefined;
  signal: AbortSignal;
}

export interface EngineSeatDeps {
  /** @throws what kept it from starting */
  start(profile_id: ProfileId, options: StartOptions): Promise<HostedEngine>;
  /** What is opened in place of one that cannot be opened again; undefined to try that one until it can. */
  insteadOf(profile_id: ProfileId, error: unknown): string | undefined;
  calls: CallCount;
  logger: Logger;
  try_again_ms?: number | undefined;
}

export interface SwitchOptions {
  confirmed?: number | undefined;
  /** Gives it up, as long as the other has not started. */
  signal?: AbortSignal | undefined;
  /** At the handing over. */
  onOpened(): void;
}

export class EngineSeat {
  readonly reasons = new ReasonsToStay();
  readonly #deps: EngineSeatDeps;
  readonly #onSwitched = new Set<() => void>();
  /** Stands for the services while no engine is open. */
  readonly #away = servicesAway(() => this.#notOpen());
  /** Ended by `stop`, and with it every start that is under way. */
  readonly #life = new AbortController();
  #state: State = { name: 'closed' };
  /** Ends of engines that were handed over. */
  #ending: Promise<void> = Promise.resolve();
  /** What changes the engine that is open, and tries to open one again. Neither ever rejects. */
  #changing: Promise<void> = Promise.resolve();
  #retrying: Promise<void> = Promise.resolve();

  constructor(deps: EngineSeatDeps) {
    this.#deps = deps;
  }

  /** @throws ArchonError STORAGE_UNAVAILABLE for the moment that one is opened again */
  get engine(): HostedEngine {
    const { opened } = this.#state;
    if (opened !== undefined) return opened.engine;
    throw this.#notOpen();
  }

  /** Of the engine that is open now; while there is none, each call of them says so. */
  get services(): Services {
    return this.#state.opened?.engine.services ?? this.#away;
  }

  /** Null as well when nothing is open. */
  get profile_id(): ProfileId {
    return this.#state.opened?.profile_id ?? null;
  }

  get switching_to(): ProfileId {
    return 'to' in this.#state ? this.#state.to : null;
  }

  /** What is open and may change now. @throws ArchonError CONFLICT */
  get settled(): Opened {
    if ('to' in this.#state) {
      throw new ArchonError('CONFLICT', 'Another connection is being opened; wait until that is done.');
    }
    if (this.#state.name === 'closed') throw new ArchonError('CONFLICT', 'Archon is stopping.');
    return this.#state.opened;
  }

  /** Calls the listener when another engine has taken over: streams of the one before are to end. */
  onSwitched(listener: () => void): void {
    this.#onSwitched.add(listener);
  }

  /** Starts an engine, for as long as nobody stops. */
  async start(profile_id: ProfileId, { confirmed, signal }: Partial<StartOptions> = {}): Promise<Opened> {
    const life = this.#life.signal;
    const ended = signal === undefined ? life : AbortSignal.any([life, signal]);
    return { profile_id, engine: await this.#deps.start(profile_id, { confirmed, signal: ended }) };
  }

  /** The first one. */
  take(opened: Opened): void {
    this.#state = { name: 'open', opened };
  }

  /**
   * Opens a profile in place of what is open.
   *
   * @throws ArchonError CONFLICT while switching, while there is a reason to stay, or when it was given up; what kept it
   *   from starting
   */
  async switchTo(profile_id: string, { confirmed, signal, onOpened }: SwitchOptions): Promise<void> {
    const before = this.settled;
    this.reasons.refuseToLeave();
    this.#state = { name: 'switching', opened: before, to: profile_id };
    await this.#change(async () => {
      try {
        // It may be the one that was left a moment ago: nobody opens a database of this computer twice.
        await this.#ending;
        const next = await this.start(profile_id, { confirmed, ...(signal === undefined ? {} : { signal }) });
        await this.#takeOver(before, next, signal);
      } catch (error) {
        this.#state = { name: 'open', opened: before };
        throw signal?.aborted ? new StayError('Opening it was given up.') : error;
      }
      onOpened();
    });
  }

  /**
   * Stops the engine that is open and starts it anew, for what it reads only at its start. Readers are told to come back
   * when it is there.
   *
   * @param options.undo called when it cannot be started so; it is started as it was
   */
  async openAnew({ prepare, undo }: { prepare?: () => void; undo: () => void }): Promise<void> {
    const { engine: before, profile_id } = this.settled;
    this.reasons.refuseToLeave();
    this.#state = { name: 'reopening', to: profile_id, problem: undefined };
    await this.#change(async () => {
      try {
        prepare?.();
        await this.#end(before);
        await this.#openAgain(profile_id);
      } catch (error) {
        undo();
        await this.#openAgain(profile_id).catch((again) => this.#openAnother(profile_id, again));
        throw error;
      } finally {
        this.#tellSwitched();
      }
    });
  }

  /** Resolves when engines that were handed over have ended: until then their folders are theirs. */
  async left(): Promise<void> {
    await this.#ending;
  }

  /** Ends every start that is under way. @returns what was open; the caller stops it */
  async leave(): Promise<Opened | undefined> {
    this.#life.abort(new StayError('Archon is stopping.'));
    await Promise.all([this.#changing, this.#retrying]);
    return this.#state.opened;
  }

  /** Nothing is open from now on. Resolves when engines that were handed over have ended. */
  async close(): Promise<void> {
    this.#state = { name: 'closed' };
    await this.#ending;
  }

  /** Hands over and ends the one before; when there is a reason to stay by now, the next is given up. */
  async #takeOver(before: Opened, next: Opened, signal: AbortSignal | undefined): Promise<void> {
    try {
      this.#life.signal.throwIfAborted();
      signal?.throwIfAborted();
      this.reasons.refuseToLeave();
    } catch (error) {
      await next.engine.stop();
      throw error;
    }
    this.#state = { name: 'open', opened: next };
    this.#tellSwitched();
    // Whoever switched need not wait for calls that are still under way.
    this.#ending = Promise.all([this.#ending, this.#end(before.engine)]).then(() => {});
  }

  async #openAgain(profile_id: ProfileId): Promise<void> {
    this.#state = { name: 'open', opened: await this.start(profile_id) };
  }

  /** Something else where that is wanted; else what was open is tried again. */
  async #openAnother(profile_id: ProfileId, error: unknown): Promise<void> {
    if (this.#life.signal.aborted) return;
    this.#deps.logger.error({ err: error }, 'what was open could not be opened again');
    const other = this.#deps.insteadOf(profile_id, error);
    if (other === undefined) this.#retrying = this.#keepOpening(profile_id, error);
    else await this.#openAgain(other).catch((again) => this.#openAnother(other, again));
  }

  /** Tries until it is open or Archon stops; never rejects. */
  async #keepOpening(profile_id: ProfileId, error: unknown): Promise<void> {
    const { signal } = this.#life;
    const { logger, try_again_ms = TRY_AGAIN_MS } = this.#deps;
    for (let problem = error; !signal.aborted; ) {
      this.#state = { name: 'reopening', to: profile_id, problem: messageOf(problem) };
      try {
        await wait(try_again_ms, undefined, { signal });
        await this.#openAgain(profile_id);
        this.#tellSwitched();
        return;
      } catch (again) {
        problem = again;
        if (!signal.aborted) logger.warn({ err: again }, 'it could not be opened yet; it is tried again');
      }
    }
  }

  /** `leave` waits for the work. There is one at a time: `settled` refuses a second. */
  async #change(work: () => Promise<void>): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#changing = done.promise;
    try {
      await work();
    } finally {
      done.resolve();
    }
  }

  async #end(engine: HostedEngine): Promise<void> {
    try {
      await this.#deps.calls.done(engine.services, DRAIN_MS);
      await engine.stop();
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'the engine before did not end in order');
    }
  }

  #tellSwitched(): void {
    for (const listener of this.#onSwitched) listener();
  }

  #notOpen(): ArchonError {
    const problem = this.#state.name === 'reopening' ? this.#state.problem : undefined;
    const message =
      problem === undefined
        ? 'The connection is being opened; try again.'
        : `The connection could not be opened again: ${problem} It is tried again by itself.`;
    return new ArchonError('STORAGE_UNAVAILABLE', message, { retry_after_seconds: 1 });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
