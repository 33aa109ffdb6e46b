/** What a client of a service passes its calls through. */

export interface CallPolicy {
  /**
   * Makes a call, unless the service is known to be away or too many calls wait already.
   *
   * @param call its signal says that the answer is not waited for any longer
   * @throws ArchonError STORAGE_UNAVAILABLE for a call that was not made, or not waited for; what the call throws
   */
  run<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Repeats what failed before anything was asked, such as a connection that was refused, or what only reads. */
  repeat<T>(attempt: () => Promise<T>): Promise<T>;
}

const NEVER = new AbortController().signal;

/** For a service that nobody watches: calls are simply made. */
export const noPolicy: CallPolicy = {
  run: (call) => call(NEVER),
  repeat: (attempt) => attempt(),
};
