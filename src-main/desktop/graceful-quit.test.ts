import { EventEmitter } from 'node:events';
import type { App } from 'electron';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { GracefulQuit } from './graceful-quit.ts';

function setup(stop: () => Promise<void>, limit_ms = 60_000, listens = true, tell?: () => void) {
  const exited = Promise.withResolvers<number>();
  const app = Object.assign(new EventEmitter(), {
    exit: (code: number) => exited.resolve(code),
    quit: () => app.emit('before-quit', { preventDefault: () => {} }),
  });
  const told: string[] = [];
  const quit = new GracefulQuit({
    app: app as unknown as App,
    tell: tell ?? (() => void told.push('closing')),
    stop,
    logger: () => pino({ level: 'silent' }),
    limit_ms,
  });
  if (listens) quit.listen();
  const ask = () => {
    let prevented = false;
    app.emit('before-quit', { preventDefault: () => (prevented = true) });
    return prevented;
  };
  return { quit, ask, told, exited: exited.promise };
}

describe('quitting', () => {
  it('says so at once, waits for the engine and then ends, however often it is asked', async () => {
    const stopping = Promise.withResolvers<void>();
    let stops = 0;
    const { quit, ask, told, exited } = setup(async () => {
      stops += 1;
      await stopping.promise;
    });
    expect(quit.isQuitting).toBe(false);
    expect(ask()).toBe(true);
    expect(ask()).toBe(true);
    expect(quit.isQuitting).toBe(true);
    expect(told).toEqual(['closing']);
    stopping.resolve();
    expect(await exited).toBe(0);
    expect(stops).toBe(1);
    // The way is free now.
    expect(ask()).toBe(false);
  });

  it('does not wait for ever', async () => {
    const { ask, exited } = setup(() => new Promise(() => {}), 1);
    ask();
    expect(await exited).toBe(0);
  });

  it('ends although nobody could be told', async () => {
    let stopped = false;
    const { ask, exited } = setup(
      async () => {
        stopped = true;
      },
      60_000,
      true,
      () => {
        throw new Error('the window is gone');
      },
    );
    ask();
    expect(await exited).toBe(0);
    expect(stopped).toBe(true);
  });

  it('ends although closing failed', async () => {
    const { ask, exited } = setup(() => Promise.reject(new Error('no')));
    ask();
    expect(await exited).toBe(0);
  });

  it('because of an error closes everything as well, and ends with 1', async () => {
    let stopped = false;
    const { quit, exited } = setup(async () => {
      stopped = true;
    });
    quit.fail();
    quit.fail();
    expect(await exited).toBe(1);
    expect(stopped).toBe(true);
  });

  it('ends with 1 after an error while it was closing, or before there was anything to close', async () => {
    const stopping = Promise.withResolvers<void>();
    const closing = setup(() => stopping.promise);
    closing.ask();
    closing.quit.fail();
    stopping.resolve();
    expect(await closing.exited).toBe(1);

    const early = setup(async () => {}, 60_000, false);
    early.quit.fail();
    expect(await early.exited).toBe(1);
  });
});
