/** How everything is in a sentence, what the agent is at, and its switches. */
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CircleOff, OctagonPause, Play, ScanSearch, TriangleAlert } from 'lucide-react';
import type { OpsStatus } from '../../../../../src-contract/index.ts';
import { useDialogs } from '../../../../app/dialog-store.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { duration, longDuration } from '../../../../ui/duration.ts';
import { number, plural } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { useNow } from '../../../../ui/use-now.ts';
import { useOpsSteering } from '../hooks/use-ops-steering.ts';
import { agentSentence, agentTone, doingWords, MODES, TRIGGERS } from '../model/agent-words.ts';

const LOOKS = {
  ok: { Icon: CircleCheck, text: 'text-ok', box: 'border-line bg-surface' },
  quiet: { Icon: CircleOff, text: 'text-muted', box: 'border-line bg-surface' },
  warn: { Icon: TriangleAlert, text: 'text-warn', box: 'border-warn/40 bg-warn/10' },
  bad: { Icon: CircleAlert, text: 'text-bad', box: 'border-bad/40 bg-bad-soft' },
} as const;

export function AgentPanel({ status }: { status: OpsStatus }) {
  const { Icon, text, box } = LOOKS[agentTone(status)];
  return (
    <section aria-label="The ops agent" className={cx('space-y-2.5 rounded-lg border px-3 py-2.5', box)}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <p role="status" className="flex min-w-64 flex-1 items-start gap-2 font-medium text-[15px]">
          <Icon aria-hidden="true" className={cx('mt-1 size-4 shrink-0', text)} />
          <span className="[overflow-wrap:anywhere]">{agentSentence(status)}</span>
        </p>
        <Switches status={status} />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)_auto_minmax(0,1fr)] gap-x-4 gap-y-1 pl-6 text-xs">
        <DetailRow name="Now">
          <Doing status={status} />
        </DetailRow>
        <DetailRow name="Mode">
          <Badge tone={status.mode === 'automatic' ? 'ok' : 'warn'} className="max-w-full">
            {MODES[status.mode]}
          </Badge>{' '}
          <Link to="/settings" search={{ section: 'ops' }} className="text-accent-text underline underline-offset-2">
            Change it
          </Link>
        </DetailRow>
        <DetailRow name="Last look">
          <LastLook status={status} />
        </DetailRow>
        <DetailRow name="Acted">
          {number(status.actions_last_hour)} of at most {plural(status.most_actions_per_hour, 'action')} by itself in
          the last hour
        </DetailRow>
      </dl>
    </section>
  );
}

function Doing({ status }: { status: OpsStatus }) {
  const now_ms = useNow();
  return <span className="tabular-nums">{localTimes(visibleText(doingWords(status, now_ms)))}</span>;
}

function LastLook({ status: { last_round, interval_seconds } }: { status: OpsStatus }) {
  const every = `looks every ${longDuration(interval_seconds * 1000)}`;
  if (last_round === null) return <>none yet · {every}</>;
  const { at, duration_ms, trigger, observations, error } = last_round;
  return (
    <>
      <Ago time={at} />, {TRIGGERS[trigger]}: {plural(observations, 'observation')} in {duration(duration_ms)} · {every}
      {error !== null && <span className="block text-bad">{localTimes(visibleText(error))}</span>}
    </>
  );
}

/** Look now, and the kill switch. */
function Switches({ status }: { status: OpsStatus }) {
  const { busy, blocked, runNow, resume } = useOpsSteering();
  const openDialog = useDialogs((store) => store.open);
  const isOff = status.agent.state === 'off';
  const isPaused = status.paused !== null;
  return (
    <div className="flex gap-2">
      <Button
        icon={<ScanSearch aria-hidden="true" className="size-4" />}
        busy={busy === 'run'}
        blocked={blocked ?? (isOff ? 'No ops agent runs in this process.' : undefined)}
        onClick={runNow}
      >
        Run now
      </Button>
      {isPaused ? (
        <Button
          look="primary"
          icon={<Play aria-hidden="true" className="size-4" />}
          busy={busy === 'resume'}
          blocked={blocked}
          onClick={resume}
        >
          Resume
        </Button>
      ) : (
        <Button
          look="danger"
          icon={<OctagonPause aria-hidden="true" className="size-4" />}
          busy={busy === 'pause'}
          blocked={blocked}
          onClick={() => openDialog('pause-ops')}
        >
          Pause
        </Button>
      )}
    </div>
  );
}
