/** Runs a handler within its time, and puts whatever it throws into words. */
import { NotTriedError } from './durable-subscriber.ts';

/** What went wrong, as it is kept. */
export interface Failure {
  name: string;
  message: string;
  stack: string | null;
}

export type HandlerResult =
  | { state: 'done' }
  /** `abandoned`: it did not end when it was told to; it may still be running. */
  | { state: 'failed'; failure: Failure; abandoned: boolean }
  /** It made no attempt, because what it needs is away. */
  | { state: 'not_tried'; failure: Failure; again_in_ms: number }
  /** The engine stops: nobody is to blame. */
  | { state: 'interrupted' };

const MAX_MESSAGE = 4000;
const MAX_STACK = 16_000;
/** How long a handler that was told to stop may take to do so. */
const ABORT_GRACE_MS = 1000;

export interface HandlerTime {
  timeout_ms: number;
  /** Ends the handler early. */
  stop: AbortSignal;
  grace_ms?: number;
}

export async function runHandler(
  handle: (signal: AbortSignal) => Promise<void>,
  { timeout_ms, stop, grace_ms = ABORT_GRACE_MS }: HandlerTime,
): Promise<HandlerResult> {
  const controller = new AbortController();
  const gone = Promise.withResolvers<HandlerResult>();
  let grace: NodeJS.Timeout | undefined;
  const end = (reason: Error, result: HandlerResult) => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    grace = setTimeout(() => gone.resolve(result), grace_ms);
  };
  const tooLong = new DOMException(`the handler took longer than ${timeout_ms} ms`, 'TimeoutError');
  const timer = setTimeout(
    () => end(tooLong, { state: 'failed', failure: failureOf(tooLong), abandoned: true }),
    timeout_ms,
  );
  const interrupt = () => end(new DOMException('the engine stops', 'AbortError'), { state: 'interrupted' });
  stop.addEventListener('abort', interrupt, { once: true });
  if (stop.aborted) interrupt();
  try {
    // In a function of its own: a handler may throw before its first await.
    const run = (async () => handle(controller.signal))().then(
      (): HandlerResult => ({ state: 'done' }),
      (thrown: unknown): HandlerResult => {
        if (stop.aborted && controller.signal.aborted) return { state: 'interrupted' };
        // What it was told is the cause, not what it made of it.
        const cause = controller.signal.aborted ? tooLong : thrown;
        if (cause instanceof NotTriedError) {
          return { state: 'not_tried', failure: failureOf(cause), again_in_ms: cause.again_in_ms };
        }
        return { state: 'failed', failure: failureOf(cause), abandoned: false };
      },
    );
    return await Promise.race([run, gone.promise]);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    stop.removeEventListener('abort', interrupt);
    // A handler that was left running must not go on as if nothing had happened.
    controller.abort(new DOMException('this attempt is over', 'AbortError'));
  }
}

/** Anything can be thrown: it is kept as what it is. */
export function failureOf(thrown: unknown): Failure {
  try {
    if (thrown instanceof Error) {
      return {
        name: storable(thrown.name, 200) || 'Error',
        message: storable(thrown.message, MAX_MESSAGE),
        stack: thrown.stack === undefined ? null : storable(thrown.stack, MAX_STACK),
      };
    }
    const text = typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown));
    return { name: 'NonError', message: storable(text, MAX_MESSAGE), stack: null };
  } catch {
    // A getter or toJSON that throws itself.
    return { name: 'NonError', message: 'something that cannot be put into words was thrown', stack: null };
  }
}

/** PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair. */
function storable(text: unknown, max: number): string {
  return String(text).slice(0, max).toWellFormed().replaceAll('\u0000', '\ufffd');
}
