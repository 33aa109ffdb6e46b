import { RECENT_RUNS, type WorkerRunEntry } from '../../../../src-contract/workers.ts';
import { Sparkline, type SparkPoint } from '../../../ui/charts/Sparkline.tsx';
import { duration } from '../../../ui/duration.ts';
import { dayAndClock } from '../../../ui/format.ts';
import { isFailure, OUTCOMES, runsInWords, workWords } from '../worker-words.ts';

/** How long the last runs took, those that failed marked. */
export function RunsSparkline({ runs }: { runs: readonly WorkerRunEntry[] }) {
  if (runs.length === 0) {
    return <p className="flex h-9 items-end border-line border-b text-[11px] text-faint">No runs yet</p>;
  }
  return <Sparkline points={runs.map(pointOf)} label={runsInWords(runs)} slots={RECENT_RUNS} />;
}

function pointOf(run: WorkerRunEntry): SparkPoint {
  const { run_id, duration_ms, status, started_at, queued_at, items, changed } = run;
  const took = duration_ms === null ? '' : ` in ${duration(duration_ms)}`;
  return {
    key: run_id,
    value: duration_ms,
    tone: isFailure(run) ? 'bad' : status === 'succeeded' ? 'ok' : 'quiet',
    title: `${dayAndClock(started_at ?? queued_at)}: ${OUTCOMES[status].label}${took}, ${workWords(items, changed)}`,
  };
}
