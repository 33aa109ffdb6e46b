/** Holds off an address that keeps failing. Successes cost nothing. */
import { isIPv6 } from 'node:net';
import type { Clock } from '../clock.ts';

const WINDOW_MS = 60_000;
/** Addresses remembered at most; beyond, the one that failed longest ago is forgotten. */
const MAX_ADDRESSES = 10_000;

export class FailureLimiter {
  readonly #perMinute: number;
  readonly #clock: Clock;
  /** Times of failures by address, the address that failed last at the end. */
  readonly #failures = new Map<string, number[]>();

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Whole seconds the address has to wait; 0 when it may try. */
  waitSeconds(address: string): number {
    const recent = this.#recent(networkOf(address));
    const oldest = recent.at(-this.#perMinute);
    if (oldest === undefined) return 0;
    return Math.max(1, Math.ceil((oldest + WINDOW_MS - this.#clock.now()) / 1000));
  }

  fail(address: string): void {
    const network = networkOf(address);
    const recent = this.#recent(network);
    this.#failures.delete(network);
    this.#failures.set(network, [...recent, this.#clock.now()].slice(-this.#perMinute));
    if (this.#failures.size <= MAX_ADDRESSES) return;
    for (const first of this.#failures.keys()) {
      this.#failures.delete(first);
      break;
    }
  }

  #recent(network: string): number[] {
    const since = this.#clock.now() - WINDOW_MS;
    return (this.#failures.get(network) ?? []).filter((time) => time > since);
  }
}

/** Whoever has an IPv6 address has a /64 of them. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return groups.slice(0, 4).join(':');
}
