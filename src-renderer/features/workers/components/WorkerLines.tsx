/** The workers, a line for each. */
import type { Worker } from '../../../../src-contract/index.ts';
import { cx } from '../../../ui/classes.ts';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { stateError } from '../worker-words.ts';
import { StateBadge, StateLine } from './StateLine.tsx';

const ERROR_SHOWN = 300;

export function WorkerLines({ workers, onOpen }: { workers: readonly Worker[]; onOpen(worker: string): void }) {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
      {workers.map((worker) => (
        <WorkerLine key={worker.name} worker={worker} onOpen={() => onOpen(worker.name)} />
      ))}
    </ul>
  );
}

function WorkerLine({ worker, onOpen }: { worker: Worker; onOpen(): void }) {
  const error = stateError(worker.state);
  return (
    <li className="flex items-center gap-3 px-3 py-1.5 text-xs">
      <button
        type="button"
        aria-label={`Details of ${worker.title}`}
        onClick={onOpen}
        className="one-line w-32 shrink-0 text-left font-medium hover:underline"
      >
        {worker.title}
      </button>
      <span className="w-24 shrink-0">
        <StateBadge worker={worker} />
      </span>
      <StateLine
        worker={worker}
        className={cx('one-line text-muted', error === undefined ? 'flex-1' : 'max-w-[50%]')}
      />
      {error !== undefined && (
        <span title={excerpt(error, ERROR_SHOWN)} className="one-line flex-1 text-bad">
          {excerpt(error, ERROR_SHOWN)}
        </span>
      )}
    </li>
  );
}
