/**
 * Calls between the process that runs the app's main bundle and the test process that plays the desktop around it: the
 * functions of each side, called by the other over Node's IPC channel, which clones values structurally.
 */

interface Call {
  call: number;
  name: string;
  args: unknown[];
}
interface Answer {
  answer: number;
  value?: unknown;
  error?: string;
}

/** The functions of the other side. */
export type Remote<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

export interface Channel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** Offers `mine` to the other side. @returns the other side's functions; calls arrive in the order they are made */
export function connectSides<Theirs extends object>(channel: Channel, mine: object): Remote<Theirs> {
  let last = 0;
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  const functions = mine as Record<string, (...args: unknown[]) => unknown>;
  const serve = async ({ call, name, args }: Call) => {
    try {
      const fn = functions[name];
      if (typeof fn !== 'function') throw new Error(`the stand-in has no ${name}`);
      channel.send({ answer: call, value: await fn.apply(mine, args) } satisfies Answer);
    } catch (error) {
      channel.send({ answer: call, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
    }
  };
  channel.onMessage((message) => {
    const received = message as Call | Answer;
    if ('call' in received) {
      void serve(received);
      return;
    }
    const asked = open.get(received.answer);
    open.delete(received.answer);
    if (received.error === undefined) asked?.resolve(received.value);
    else asked?.reject(new Error(received.error));
  });
  return new Proxy({} as Remote<Theirs>, {
    get:
      (_target, name: string) =>
      (...args: unknown[]) => {
        last += 1;
        const asked = Promise.withResolvers<unknown>();
        open.set(last, asked);
        channel.send({ call: last, name, args } satisfies Call);
        return asked.promise;
      },
  });
}
