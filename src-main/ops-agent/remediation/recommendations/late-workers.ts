/** Workers that are late again and again: there are too few nodes for them, or too few runs at a time. */
import { type Advisor, byLabel, facts, percent, samples } from './advisor.ts';

/** Seconds from which on it is late. */
const LATE_SECONDS = 60;
const PART = 0.3;
const FEWEST = 12;

export const lateWorkers: Advisor = {
  name: 'late-workers',
  of: 'organisation',
  look: (about) => {
    const concurrency = about.settings.device['workers.concurrency'];
    const seen = byLabel(samples(about, 'worker_overdue_seconds', { hours: 24, step_minutes: 15 }), 'worker');
    return [...seen].flatMap(([worker, values]) => {
      const late = values.filter(({ value }) => value > LATE_SECONDS);
      if (values.length < FEWEST || late.length / values.length < PART) return [];
      return [
        {
          id: `late-workers:${worker}`,
          title: `The worker ${worker} is often late`,
          detail:
            'What runs cannot keep up. Start another process of workers (`archon worker`), let each do more at a time, or run the worker less often.',
          impact: 'medium' as const,
          evidence: facts({
            'Late in': `${percent((100 * late.length) / values.length)} of the last day`,
            'At most by': `${Math.round(Math.max(...late.map(({ value }) => value)))} s`,
            'Runs at a time': concurrency,
          }),
          statement: `archon config set workers.concurrency ${Math.min(64, concurrency * 2)}`,
          apply: null,
        },
      ];
    });
  },
};
