import { afterEach, describe, expect, it } from 'vitest';
import { RoundLoop, type RoundTrigger } from './round-loop.ts';

/** A loop whose timers are never waited for: `tick` is what they call. */
function loopOf({ organisations = ['home'], gap_ms = 2000 } = {}) {
  const made: { org_id: string; trigger: RoundTrigger; at: number }[] = [];
  const state = { now: 0, interval: 60_000, fails: false, running: 0, most: 0 };
  let release: (() => void) | undefined;
  const loop = new RoundLoop({
    organisations: () => organisations,
    interval_ms: () => state.interval,
    monotonic_ms: () => state.now,
    onError: () => {},
    gap_ms,
    round: async (org_id, trigger) => {
      made.push({ org_id, trigger, at: state.now });
      state.running++;
      state.most = Math.max(state.most, state.running);
      if (hold.on) await new Promise<void>((resolve) => (release = resolve));
      state.running--;
      if (state.fails) throw new Error('no');
    },
  });
  const hold = { on: false, end: () => release?.() };
  loop.start();
  open.push(loop);
  const triggers = () => made.map(({ trigger }) => trigger);
  return { loop, made, state, hold, triggers, organisations };
}

const open: RoundLoop[] = [];
afterEach(async () => {
  for (const loop of open.splice(0)) await loop.stop();
});

describe('rounds of the ops agent', () => {
  it('are made at the start and every interval', async () => {
    const { loop, made, state } = loopOf();
    await loop.tick();
    state.now = 59_999;
    await loop.tick();
    expect(made).toHaveLength(1);
    state.now = 60_000;
    await loop.tick();
    expect(made).toMatchObject([{ trigger: 'interval' }, { trigger: 'interval', at: 60_000 }]);
  });

  it('follow another interval at once', async () => {
    const { loop, made, state } = loopOf();
    await loop.tick();
    state.now = 10_000;
    expect(loop.due_in_ms('home')).toBe(50_000);
    state.interval = 5000;
    loop.replan();
    expect(loop.due_in_ms('home')).toBe(-5000);
    await loop.tick();
    expect(made).toHaveLength(2);
  });

  it('come at once when something happens, but not more often than every two seconds', async () => {
    const { loop, triggers, state } = loopOf();
    await loop.tick();
    state.now = 5000;
    loop.ring('home');
    loop.ring('home');
    await loop.tick();
    expect(triggers()).toEqual(['interval', 'event']);
    loop.ring('home');
    await loop.tick();
    state.now = 6999;
    await loop.tick();
    expect(triggers()).toHaveLength(2);
    state.now = 7000;
    await loop.tick();
    expect(triggers()).toEqual(['interval', 'event', 'event']);
  });

  it('do not wait for that when a person asks, and answer when they are over', async () => {
    const { loop, triggers, hold } = loopOf();
    await loop.tick();
    hold.on = true;
    let answered = false;
    const asked = loop.run('home').then(() => {
      answered = true;
    });
    const ticking = loop.tick();
    await expect.poll(triggers).toEqual(['interval', 'person']);
    expect(answered).toBe(false);
    hold.end();
    await asked;
    await ticking;
  });

  it('of a person who asks during one are made after it: what they want seen may have come later', async () => {
    const { loop, triggers, state, hold } = loopOf();
    hold.on = true;
    const first = loop.tick();
    await expect.poll(triggers).toEqual(['interval']);
    let answered = false;
    const asked = loop.run('home').then(() => {
      answered = true;
    });
    expect(loop.tick()).toBe(first);
    hold.end();
    await expect.poll(triggers).toEqual(['interval', 'person']);
    expect(answered).toBe(false);
    hold.end();
    await Promise.all([first, asked]);
    expect(state.most).toBe(1);
  });

  it('go on when one fails', async () => {
    const { loop, made, state } = loopOf();
    state.fails = true;
    await loop.tick();
    state.now = 60_000;
    await loop.tick();
    expect(made).toHaveLength(2);
  });

  it('are made for each organisation in turn, for those that come later too', async () => {
    const { loop, made, organisations, state } = loopOf({ organisations: ['a', 'b'] });
    await loop.tick();
    expect(made.map(({ org_id }) => org_id).sort()).toEqual(['a', 'b']);
    organisations.push('c');
    state.now = 1000;
    await loop.tick();
    expect(made.at(-1)).toMatchObject({ org_id: 'c' });
    expect(made).toHaveLength(3);
  });

  it('leave nobody waiting when they end', async () => {
    const { loop } = loopOf();
    await loop.tick();
    await loop.stop();
    const asked = loop.run('home');
    await loop.stop();
    await asked;
  });
});
