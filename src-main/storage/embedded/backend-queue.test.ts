import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BackendClient, BackendQueue } from './backend-queue.ts';

const HOLD_TIMEOUT_MS = 1_000;

/** A client whose units are told apart by name; a unit ending in '…' keeps the backend. */
class FakeClient implements BackendClient {
  readonly units: string[] = [];
  expired = 0;
  readonly #ran: string[];
  readonly #queue: BackendQueue;

  constructor(queue: BackendQueue, ran: string[]) {
    this.#queue = queue;
    this.#ran = ran;
  }

  add(...units: string[]): void {
    this.units.push(...units);
    this.#queue.submit(this);
  }

  hasWork(): boolean {
    return this.units.length > 0;
  }

  async runNext(): Promise<'free' | 'held'> {
    const unit = this.units.shift() ?? '';
    if (unit === 'break') throw new Error('broken');
    this.#ran.push(unit);
    return unit.endsWith('…') ? 'held' : 'free';
  }

  expireHold(): void {
    this.expired += 1;
    this.units.push('rolled back');
  }
}

let ran: string[];
let fatal: unknown[];
let queue: BackendQueue;
const client = () => new FakeClient(queue, ran);
/** Lets the queue run until it has nothing to do. */
const settle = async () => {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  ran = [];
  fatal = [];
  queue = new BackendQueue({ hold_timeout_ms: HOLD_TIMEOUT_MS, onFatal: (error) => fatal.push(error) });
});

afterEach(() => vi.useRealTimers());

describe('the line for the backend', () => {
  it('serves clients in turn, one unit each, however many one of them has', async () => {
    const [greedy, modest] = [client(), client()];
    greedy.add('g1', 'g2', 'g3');
    modest.add('m1');
    await settle();
    expect(ran).toEqual(['g1', 'm1', 'g2', 'g3']);
  });

  it('lets nobody into a transaction', async () => {
    const [holder, other] = [client(), client()];
    holder.add('begin…', 'insert…', 'commit');
    other.add('select');
    await settle();
    expect(ran).toEqual(['begin…', 'insert…', 'commit', 'select']);
  });

  it('keeps the backend for a transaction that thinks', async () => {
    const [holder, other] = [client(), client()];
    holder.add('begin…');
    other.add('select');
    await settle();
    expect(ran).toEqual(['begin…']);
    holder.add('commit');
    await settle();
    expect(ran).toEqual(['begin…', 'commit', 'select']);
  });

  it('takes the backend away from a transaction that does nothing for too long', async () => {
    const [holder, other] = [client(), client()];
    holder.add('begin…');
    other.add('select');
    await settle();
    vi.advanceTimersByTime(HOLD_TIMEOUT_MS);
    await settle();
    expect(holder.expired).toBe(1);
    expect(ran).toEqual(['begin…', 'rolled back', 'select']);
  });

  it('counts only the time in which the transaction does nothing', async () => {
    const holder = client();
    holder.add('begin…');
    for (let turn = 0; turn < 3; turn += 1) {
      await settle();
      vi.advanceTimersByTime(HOLD_TIMEOUT_MS - 1);
      holder.add('insert…');
    }
    await settle();
    expect(holder.expired).toBe(0);
  });

  it('forgets a client that leaves', async () => {
    const [first, leaving] = [client(), client()];
    first.add('begin…');
    leaving.add('never');
    await settle();
    queue.withdraw(leaving);
    first.add('commit');
    await settle();
    expect(ran).toEqual(['begin…', 'commit']);
  });

  it('is idle only when nothing runs, waits or holds', async () => {
    const holder = client();
    holder.add('begin…');
    let idle = false;
    void queue.whenIdle().then(() => {
      idle = true;
    });
    await settle();
    expect(idle).toBe(false);
    holder.add('commit');
    await settle();
    expect(idle).toBe(true);
  });

  it('stops for good when the backend breaks', async () => {
    const [breaking, other] = [client(), client()];
    breaking.add('break');
    other.add('select');
    await settle();
    expect(fatal).toEqual([new Error('broken')]);
    expect(ran).toEqual([]);
  });
});
