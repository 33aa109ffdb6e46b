import { afterEach, describe, expect, it } from 'vitest';
import { type Round, Rounds } from './rounds.ts';

const PATIENCE = { interval: 2, timeout: 30_000 };

describe('rounds', () => {
  let rounds: Rounds | undefined;
  afterEach(() => rounds?.stop());

  const begin = (round: () => Promise<Round>, stop_within_ms = 30_000) => {
    rounds = new Rounds({ round, retry_ms: [1, 4], look_ms: 1_000_000, stop_within_ms });
    rounds.start();
    return rounds;
  };

  it('are made at the start, when somebody rings, and again later what could not be done', async () => {
    const outcomes: Round[] = ['idle', 'later', 'later', 'more', 'idle'];
    let made = 0;
    const bell = begin(async () => outcomes[made++] ?? 'idle');
    await expect.poll(() => made, PATIENCE).toBe(1);
    bell.ring();
    await expect.poll(() => made, PATIENCE).toBe(5);
  });

  it('are never two at a time, nor beside what has to be alone; one that rejects holds up nobody', async () => {
    let running = 0;
    let most = 0;
    const busy = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    let made = 0;
    const bell = begin(async () => {
      made += 1;
      await busy();
      return 'idle';
    });
    const alone = Array.from({ length: 5 }, () => bell.alone(busy));
    await expect(bell.alone(() => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose');
    bell.ring();
    await Promise.all(alone);
    await expect.poll(() => made, PATIENCE).toBeGreaterThan(1);
    expect(most).toBe(1);
  });

  it('end when they are stopped: after the round that runs, or after their time', async () => {
    const held = Promise.withResolvers<Round>();
    const events: string[] = [];
    const bell = begin(() => held.promise);
    const stopping = bell.stop(async () => events.push('lastly')).then(() => events.push('stopped'));
    held.resolve('more');
    await stopping;
    expect(events).toEqual(['lastly', 'stopped']);
    const never = begin(() => new Promise<Round>(() => {}), 5);
    await never.stop();
    expect(never.isStopped).toBe(true);
  });
});
