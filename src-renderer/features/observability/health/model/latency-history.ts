/** How fast each component answered lately, as the page saw it. Pure. */
import type { ComponentHealth, DeepHealth } from '../../../../../src-contract/index.ts';

export interface Reading {
  at: string;
  latency_ms: number | null;
  status: ComponentHealth['status'];
}

export type LatencyHistory = Readonly<Partial<Record<ComponentHealth['component'], readonly Reading[]>>>;

/** Readings that are kept of each. */
export const READINGS = 60;

/** With the answer added; an answer that was given before is not counted again. */
export function withReading(history: LatencyHistory, { checked_at, components }: DeepHealth): LatencyHistory {
  const entries = components.map(({ component, latency_ms, status }) => {
    const before = history[component] ?? [];
    if (before.at(-1)?.at === checked_at) return [component, before] as const;
    return [component, [...before, { at: checked_at, latency_ms, status }].slice(-READINGS)] as const;
  });
  return Object.fromEntries(entries);
}
