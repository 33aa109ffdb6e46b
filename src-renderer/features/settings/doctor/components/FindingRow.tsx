/** One finding: what it is about, what was found, what to do, and what Archon can do by itself. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import type { Finding } from '../../../../../src-contract/index.ts';
import { Button, Spinner } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { STATUS_WORDS } from '../model.ts';

const LOOKS = {
  failed: { Icon: CircleAlert, colour: 'text-bad' },
  warning: { Icon: TriangleAlert, colour: 'text-warn' },
  ok: { Icon: CircleCheck, colour: 'text-ok' },
} as const;

interface FindingRowProps {
  finding: Finding;
  /** The checks are run again: what is shown is from before. */
  isRunning: boolean;
  isMending: boolean;
  /** Something else is being mended. */
  isBlocked: boolean;
  onFix(): void;
}

export function FindingRow({ finding, isRunning, isMending, isBlocked, onFix }: FindingRowProps) {
  const { check, status, detail, advice, fix } = finding;
  const { Icon, colour } = LOOKS[status];
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3 py-2" aria-busy={isRunning || isMending}>
      <span className={cx('flex h-5 w-4 shrink-0 items-center', isRunning ? 'text-faint' : colour)}>
        {isRunning ? <Spinner /> : <Icon aria-hidden="true" className="size-4" />}
      </span>
      <div className="min-w-0 flex-1 basis-80 space-y-0.5">
        <p className="content-text">
          <span className="sr-only">{STATUS_WORDS[status]}: </span>
          <span className="font-medium">{check}</span>
          <span className="text-muted"> — {visibleText(detail)}</span>
        </p>
        {advice !== null && (
          <p className="content-text flex items-start gap-1">
            <span className="min-w-0 [overflow-wrap:anywhere]">{visibleText(advice)}</span>
            <span className="-my-1">
              <CopyButton text={advice} what={`Copy what to do about ${check}`} />
            </span>
          </p>
        )}
      </div>
      {fix !== null && (
        <Button size="small" busy={isMending} disabled={isBlocked || isRunning} onClick={onFix}>
          {fix.label}
        </Button>
      )}
    </li>
  );
}
