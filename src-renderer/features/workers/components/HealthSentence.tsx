/** How all of the workers are; under it what is wrong, since when, and what to do. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { cx } from '../../../ui/classes.ts';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { dayAndClock } from '../../../ui/format.ts';
import { Ago } from '../../../ui/Time.tsx';
import type { HealthProblem, HealthWords } from '../health-words.ts';

const LOOKS = {
  ok: { Icon: CircleCheck, text: 'text-ok', box: 'border-line bg-surface' },
  warn: { Icon: TriangleAlert, text: 'text-warn', box: 'border-warn/40 bg-warn/10' },
  bad: { Icon: CircleAlert, text: 'text-bad', box: 'border-bad/40 bg-bad-soft' },
} as const;
const ERROR_SHOWN = 400;

export interface HealthSentenceProps {
  health: HealthWords;
  onOpen(worker: string): void;
}

export function HealthSentence({ health: { tone, sentence, problems }, onOpen }: HealthSentenceProps) {
  const { Icon, text, box } = LOOKS[tone];
  return (
    <section aria-label="Health of the workers" className={cx('rounded-lg border px-3 py-2', box)}>
      <p role="status" className="flex items-center gap-2 font-medium">
        <Icon aria-hidden="true" className={cx('size-4 shrink-0', text)} />
        <span className="[overflow-wrap:anywhere]">{sentence}</span>
      </p>
      {problems.length > 0 && (
        <ul className="mt-1.5 space-y-1.5 pl-6">
          {problems.map((problem) => (
            <Problem key={problem.key} problem={problem} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Problem({
  problem: { what, since, error, todo, worker },
  onOpen,
}: {
  problem: HealthProblem;
  onOpen(worker: string): void;
}) {
  return (
    <li className="[overflow-wrap:anywhere]">
      {worker === undefined ? (
        what
      ) : (
        <button type="button" onClick={() => onOpen(worker)} className="text-left underline underline-offset-2">
          {what}
        </button>
      )}
      {since !== undefined && (
        <span className="text-muted">
          {' '}
          Since {dayAndClock(since)} (<Ago time={since} />
          ).
        </span>
      )}
      {error !== undefined && (
        <span title={excerpt(error, ERROR_SHOWN)} className="one-line block text-bad">
          {excerpt(error, ERROR_SHOWN)}
        </span>
      )}
      <span className="block text-muted">{todo}</span>
    </li>
  );
}
