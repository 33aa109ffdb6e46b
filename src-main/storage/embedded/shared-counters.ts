/**
 * Numbers the worker counts and the main thread reads at any time, also while the worker is busy in a long statement.
 */

const NAMES = [
  /** Units begun on the backend; one more than `units_finished` while one runs. */
  'units_started',
  'units_finished',
  /** Calls of fsync on files of the cluster. */
  'fsyncs',
  /** Bytes written to the write-ahead log, zero-filling of new segments included. */
  'wal_bytes_written',
  'sessions',
  /** Sessions in line for the backend. */
  'sessions_waiting',
  'checkpoints',
  'tables_vacuumed',
] as const;

export type CounterName = (typeof NAMES)[number];

export class SharedCounters {
  /** Passed to the worker; both sides see the same memory. */
  readonly buffer: SharedArrayBuffer;
  readonly #values: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(NAMES.length * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#values = new BigInt64Array(buffer);
  }

  get(name: CounterName): number {
    return Number(Atomics.load(this.#values, NAMES.indexOf(name)));
  }

  set(name: CounterName, value: number): void {
    Atomics.store(this.#values, NAMES.indexOf(name), BigInt(value));
  }

  add(name: CounterName, amount: number): void {
    Atomics.add(this.#values, NAMES.indexOf(name), BigInt(amount));
  }
}
