/** The process itself: processor, memory, how late the event loop is, pauses for garbage collection. */
import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import type { GC_KINDS } from './metric-definitions.ts';
import type { Metrics } from './metrics.ts';

/** Milliseconds between looks at the event loop: finer ones would keep an idle processor awake for nothing. */
const RESOLUTION_MS = 100;
/**
 * Milliseconds that lag is told of, so that nobody who asks takes it away from the next; a little less than the 10 seconds
 * between samples, whose timers may be early: else every second one would tell of the window before.
 */
const WINDOW_MS = 9_000;

type GcKind = (typeof GC_KINDS)[number];

const KIND_OF_GC: Readonly<Record<number, GcKind>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

export class ProcessWatch {
  readonly #metrics: Metrics;
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #collections: PerformanceObserver;
  #cpu = { user: 0, system: 0 };
  #window_began_ms = performance.now();
  #hasWindow = false;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#tellOfCollection(entry);
    });
  }

  start(): void {
    // What the process used before, such as to open the database, would be a peak in the first sample.
    this.#cpu = process.cpuUsage();
    this.#loop.enable();
    this.#collections.observe({ entryTypes: ['gc'] });
    this.#metrics.set('archon_process_start_time_seconds', {}, performance.timeOrigin / 1000);
  }

  stop(): void {
    this.#loop.disable();
    this.#collections.disconnect();
  }

  collect(): void {
    const metrics = this.#metrics;
    const { user, system } = process.cpuUsage();
    metrics.count('archon_process_cpu_seconds_total', { mode: 'user' }, Math.max(0, user - this.#cpu.user) / 1e6);
    metrics.count('archon_process_cpu_seconds_total', { mode: 'system' }, Math.max(0, system - this.#cpu.system) / 1e6);
    this.#cpu = { user, system };
    metrics.set('archon_process_resident_memory_bytes', {}, process.memoryUsage.rss());
    metrics.set('archon_nodejs_heap_used_bytes', {}, process.memoryUsage().heapUsed);
    this.#tellOfLag();
  }

  #tellOfLag(): void {
    const now_ms = performance.now();
    const isOver = now_ms - this.#window_began_ms >= WINDOW_MS;
    // The first window is told of while it is open; later ones once they are over.
    if (this.#hasWindow && !isOver) return;
    this.#metrics.set('archon_nodejs_eventloop_lag_p99_seconds', {}, lagSeconds(this.#loop.percentile(99)));
    this.#metrics.set('archon_nodejs_eventloop_lag_max_seconds', {}, lagSeconds(this.#loop.max));
    if (!isOver) return;
    this.#hasWindow = true;
    this.#window_began_ms = now_ms;
    this.#loop.reset();
  }

  #tellOfCollection(entry: PerformanceEntry): void {
    const { duration } = entry;
    const detail: unknown = 'detail' in entry ? entry.detail : undefined;
    const number = typeof detail === 'object' && detail !== null && 'kind' in detail ? Number(detail.kind) : -1;
    const kind = KIND_OF_GC[number] ?? 'other';
    this.#metrics.observe('archon_nodejs_gc_duration_seconds', { kind }, duration / 1000);
  }
}

/** What the histogram holds is the time between two looks, in nanoseconds. */
const lagSeconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
