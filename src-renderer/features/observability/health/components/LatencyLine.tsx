/** How fast a component answered lately, as bars. */
import { Sparkline } from '../../../../ui/charts/Sparkline.tsx';
import { clock, plural } from '../../../../ui/format.ts';
import { useLatencyHistory } from '../hooks/use-health-watch.ts';
import { READINGS, type Reading } from '../model/latency-history.ts';
import { latencyText } from '../model/latency-text.ts';
import type { ComponentName } from '../model/service-words.ts';

const NONE: readonly Reading[] = [];

export function LatencyLine({ component, title }: { component: ComponentName; title: string }) {
  const readings = useLatencyHistory(({ history }) => history[component]) ?? NONE;
  return (
    <Sparkline
      slots={READINGS}
      label={`Latency of ${title}: ${inWords(readings)}`}
      points={readings.map(({ at, latency_ms, status }) => ({
        key: at,
        value: latency_ms,
        tone: latency_ms === null || status === 'unhealthy' ? 'bad' : 'ok',
        title: `${clock(at)}: ${latencyText(latency_ms)}`,
      }))}
    />
  );
}

function inWords(readings: readonly Reading[]): string {
  const known = readings.map(({ latency_ms }) => latency_ms).filter((ms) => ms !== null);
  if (readings.length === 0) return 'not measured yet';
  const missing = readings.length - known.length;
  const range =
    known.length === 0 ? '' : `${latencyText(Math.min(...known))} to ${latencyText(Math.max(...known))} in the `;
  return `${range}last ${plural(readings.length, 'reading')}${missing === 0 ? '' : `, ${missing} without an answer`}`;
}
