/** Buttons for what can be done with a worker, and the questions they ask. */
import { Ban, CalendarClock, Ellipsis, Pause, Play, RotateCcw, StepForward } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Worker } from '../../../../src-contract/index.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { Menu, MenuItem } from '../../../ui/Menu.tsx';
import { Tip } from '../../../ui/Tip.tsx';
import type { WorkerSteering } from '../hooks/use-worker-steering.ts';
import { ACTION_LABELS, isUnderWay, pauseAction, type WorkerAction } from '../worker-actions.ts';
import { ScheduleDialog } from './ScheduleDialog.tsx';

const ICONS: Readonly<Record<WorkerAction, ReactNode>> = {
  run: <Play aria-hidden="true" className="size-3.5" />,
  pause: <Pause aria-hidden="true" className="size-3.5" />,
  resume: <StepForward aria-hidden="true" className="size-3.5" />,
  restart: <RotateCcw aria-hidden="true" className="size-3.5" />,
  cancel: <Ban aria-hidden="true" className="size-3.5" />,
  schedule: <CalendarClock aria-hidden="true" className="size-3.5" />,
};
const KEYS: Partial<Record<WorkerAction, string>> = { run: 'R', pause: 'P', resume: 'P' };

interface ActionsProps {
  worker: Worker;
  steering: WorkerSteering;
}

/** The two that are used most as buttons, the others in a menu. */
export function CardActions({ worker, steering }: ActionsProps) {
  const first = firstAction(worker);
  const others = (['schedule', 'run', 'restart', 'cancel'] as const).filter((action) => action !== first);
  return (
    <div className="flex items-center gap-1.5">
      <ActionButton action={first} steering={steering} />
      <ActionButton action={pauseAction(worker)} steering={steering} />
      <span className="flex-1" />
      <Menu trigger={<IconButton label={`More for ${worker.title}`} icon={<Ellipsis className="size-4" />} />}>
        {others.map((action) => (
          <ActionItem key={action} action={action} steering={steering} />
        ))}
      </Menu>
    </div>
  );
}

/** What one would want of it as it is. */
function firstAction(worker: Worker): 'run' | 'cancel' | 'restart' {
  if (isUnderWay(worker)) return 'cancel';
  return worker.state.state === 'crashed' ? 'restart' : 'run';
}

export function AllActions({ worker, steering }: ActionsProps) {
  const all: readonly WorkerAction[] = ['run', pauseAction(worker), 'restart', 'cancel', 'schedule'];
  return (
    <div className="flex flex-wrap gap-1.5">
      {all.map((action) => (
        <ActionButton key={action} action={action} steering={steering} />
      ))}
    </div>
  );
}

/** One that cannot be pressed still takes the focus, so that everybody can learn why. */
function ActionButton({ action, steering }: { action: WorkerAction; steering: WorkerSteering }) {
  const reason = steering.reason(action);
  const button = (
    <Button
      size="small"
      icon={ICONS[action]}
      busy={steering.busy === action}
      aria-disabled={reason !== undefined || undefined}
      aria-keyshortcuts={KEYS[action]}
      onClick={() => steering.act(action)}
      className={cx(reason !== undefined && 'cursor-not-allowed opacity-50')}
    >
      {ACTION_LABELS[action]}
    </Button>
  );
  if (reason !== undefined) return <Tip text={reason}>{button}</Tip>;
  return KEYS[action] === undefined ? (
    button
  ) : (
    <Tip text={ACTION_LABELS[action]} keys={KEYS[action]}>
      {button}
    </Tip>
  );
}

function ActionItem({ action, steering }: { action: WorkerAction; steering: WorkerSteering }) {
  const reason = steering.reason(action);
  return (
    <MenuItem
      icon={ICONS[action]}
      danger={action === 'cancel'}
      disabled={reason !== undefined}
      onSelect={() => steering.act(action)}
    >
      <span className="min-w-0">
        {ACTION_LABELS[action]}
        {reason !== undefined && <span className="block max-w-56 text-[11px] text-text">{reason}</span>}
      </span>
    </MenuItem>
  );
}

/** What the actions ask before they are done. */
export function ActionQuestions({ worker, steering }: ActionsProps) {
  const { asking, busy, consent, dismiss } = steering;
  const close = (isOpen: boolean) => {
    if (!isOpen) dismiss();
  };
  return (
    <>
      <Confirm
        open={asking === 'restart'}
        onOpenChange={close}
        title={`Restart ${worker.title} while it runs?`}
        action="Restart it"
        cancel="Let it run"
        busy={busy === 'restart'}
        onConfirm={consent}
      >
        What it is doing is cancelled and begun anew from the beginning. What it has changed so far stays changed.
      </Confirm>
      <Confirm
        open={asking === 'cancel'}
        onOpenChange={close}
        title={`Cancel what ${worker.title} does?`}
        action="Cancel the run"
        cancel="Let it run"
        busy={busy === 'cancel'}
        onConfirm={consent}
      >
        It ends after the step it is at. What it has changed so far stays changed; it runs again at its next time.
      </Confirm>
      {asking === 'schedule' && <ScheduleDialog worker={worker} steering={steering} onClose={dismiss} />}
    </>
  );
}
