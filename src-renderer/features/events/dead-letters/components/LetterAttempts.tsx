import type { DeadLetter } from '../../../../../src-contract/index.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { fullTime, number } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { took } from '../letter-words.ts';

/** Each time the subscriber was given the event, the last first. */
export function LetterAttempts({ letter: { attempts, attempt_count } }: { letter: DeadLetter }) {
  return (
    <div className="space-y-2">
      {attempts.length < attempt_count && (
        <p className="text-faint text-xs">
          The last {number(attempts.length)} of {number(attempt_count)}.
        </p>
      )}
      <ol aria-label="Attempts" className="space-y-2">
        {attempts.toReversed().map(({ attempt, at, duration_ms, error }) => (
          <li key={attempt} className="rounded-md border border-line px-3 py-2">
            <p className="flex items-center gap-2">
              <span className="font-medium tabular-nums">Attempt {number(attempt)}</span>
              <span className="text-muted text-xs tabular-nums">took {took(duration_ms)}</span>
              <span className="flex-1" />
              <span className="text-[11px] text-faint" title={fullTime(at)}>
                <Ago time={at} />
              </span>
            </p>
            <p dir="auto" className="text-bad text-xs [overflow-wrap:anywhere]">
              {visibleText(error.name)}: {excerpt(error.message, 500)}
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}
