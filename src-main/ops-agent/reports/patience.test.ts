import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Patience } from './patience.ts';

const LIMIT_MS = 1;

function patience(signal = new AbortController().signal) {
  const said: string[] = [];
  const logger = pino({}, { write: (line: string) => void said.push(line) });
  return { asks: new Patience({ logger, limit_ms: LIMIT_MS, signal }), said };
}

describe('asking the sources of a report', () => {
  it('gives what they answer, also when that comes at once', async () => {
    const { asks, said } = patience();
    expect(await asks.ask('a', () => 5, 10_000)).toBe(5);
    expect(await asks.ask('b', async () => 'later', 10_000)).toBe('later');
    expect(said).toEqual([]);
  });

  it('goes on without one that is away, throws or never answers, and says which', async () => {
    const { asks, said } = patience();
    const thrown = () => {
      throw new Error('broken');
    };
    expect(await asks.ask('the metrics', thrown, 10_000)).toBeNull();
    expect(await asks.ask('the database', async () => await Promise.reject(new Error('away')), 10_000)).toBeNull();
    let told: AbortSignal | undefined;
    const silent = (signal: AbortSignal) => {
      told = signal;
      return new Promise<never>(() => {});
    };
    expect(await asks.ask('the log', silent)).toBeNull();
    expect(told?.aborted).toBe(true);
    expect(said.map((line) => JSON.parse(line).source)).toEqual(['the metrics', 'the database', 'the log']);
  });

  it('asks nobody any more once all of it took too long', async () => {
    const end = new AbortController();
    const { asks } = patience(end.signal);
    const asked = asks.ask('the log', () => new Promise<never>(() => {}), 10_000);
    end.abort(new Error('over'));
    expect(await asked).toBeNull();
    let calls = 0;
    await asks.ask('the metrics', () => {
      calls += 1;
    });
    expect(calls).toBe(0);
  });
});
