import { duration } from '../../../../ui/duration.ts';

/** `0.4 ms`, `85 ms`, `no answer`. */
export function latencyText(latency_ms: number | null): string {
  if (latency_ms === null) return 'no answer';
  return latency_ms < 10 ? `${latency_ms.toFixed(1)} ms` : duration(latency_ms);
}
