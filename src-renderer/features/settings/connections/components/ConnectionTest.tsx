/** A look at a connection, step by step as it goes: what came of each, how long it took, and what to do. */
import { CircleAlert, CircleCheck, CircleMinus, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ConnectionStep } from '../../../../../src-contract/index.ts';
import { Button, Spinner } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { ErrorState } from '../../../../ui/states.tsx';
import type { TestState } from '../hooks/use-connection-test.ts';
import { type Outcome, outcomeOf, reportText, STEP_NAMES, tookText } from '../model/test-report.ts';

export interface ConnectionTestProps {
  state: TestState;
  /** Of the connection, for the report. */
  name: string;
  onCancel(): void;
  onAgain(): void;
}

export function ConnectionTest({ state, name, onCancel, onAgain }: ConnectionTestProps) {
  if (state.kind === 'none') return null;
  const { steps } = state;
  return (
    <section aria-label="Test of the connection" className="space-y-2 rounded-lg border border-line bg-raised p-3">
      <div className="flex items-center gap-2">
        <p role="status" className="flex-1 font-semibold">
          {words(state)}
        </p>
        {state.kind === 'running' ? (
          <Button size="small" onClick={onCancel}>
            Cancel
          </Button>
        ) : (
          <>
            {steps.length > 0 && <CopyButton text={() => reportText(name, steps)} label="Copy the report" />}
            <Button size="small" onClick={onAgain}>
              Test again
            </Button>
          </>
        )}
      </div>
      {steps.length > 0 && (
        <ol aria-label="Steps" className="space-y-1.5">
          {steps.map((step) => (
            <Step key={step.step} step={step} />
          ))}
        </ol>
      )}
      {state.kind === 'broken' && <ErrorState error={state.error} className="py-3" />}
    </section>
  );
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  ok: 'The connection works.',
  warning: 'The connection works, with something to know.',
  failed: 'The connection does not work.',
};

function words(state: Exclude<TestState, { kind: 'none' }>): string {
  switch (state.kind) {
    case 'running':
      return 'Testing …';
    case 'cancelled':
      return 'The test was cancelled.';
    case 'broken':
      return 'The test could not be finished.';
    case 'ended':
      return OUTCOMES[outcomeOf(state.steps)];
  }
}

const ICONS: Readonly<Record<ConnectionStep['state'], ReactNode>> = {
  running: <Spinner className="text-accent-text" />,
  ok: <CircleCheck aria-hidden="true" className="size-4 text-ok" />,
  warning: <TriangleAlert aria-hidden="true" className="size-4 text-warn" />,
  failed: <CircleAlert aria-hidden="true" className="size-4 text-bad" />,
  skipped: <CircleMinus aria-hidden="true" className="size-4 text-faint" />,
};

function Step({ step: { step, state, detail, advice, took_ms } }: { step: ConnectionStep }) {
  return (
    <li className="flex gap-2">
      <span className="flex h-5 w-4 shrink-0 items-center justify-center">{ICONS[state]}</span>
      <div className="min-w-0 flex-1">
        <p className="flex gap-2">
          <span className={state === 'skipped' ? 'flex-1 text-faint' : 'flex-1'}>
            {STEP_NAMES[step]} <span className="sr-only">: {state}</span>
          </span>
          {took_ms !== null && <span className="text-faint text-xs tabular-nums">{tookText(took_ms)}</span>}
        </p>
        {detail !== null && (
          <p className={`content-text text-xs ${state === 'failed' ? 'text-bad' : 'text-muted'}`}>
            {visibleText(detail)}
          </p>
        )}
        {advice !== null && <p className="content-text text-xs">{visibleText(advice)}</p>}
      </div>
    </li>
  );
}
