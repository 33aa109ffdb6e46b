/** How the ops agent is, in words. Pure: the time is handed in. */
import type { OpsMode, OpsStatus } from '../../../../../src-contract/index.ts';
import { longDuration } from '../../../../ui/duration.ts';
import { clock, dayAndClock, plural } from '../../../../ui/format.ts';
import { SEVERITIES } from '../../words/severity.ts';

export type AgentTone = 'ok' | 'warn' | 'bad' | 'quiet';

export const MODES: Readonly<Record<OpsMode, string>> = {
  automatic: 'Acts by itself',
  approval: 'Asks first',
  dry_run: 'Dry run: only says what it would do',
};

/** One sentence or two about everything: what it is at, and whether something is wrong. */
export function agentSentence(status: OpsStatus): string {
  return [roleWords(status), troubleWords(status), approvalWords(status.approvals)].filter(Boolean).join(' ');
}

function roleWords({ agent, paused, mode }: OpsStatus): string {
  if (agent.state === 'off') return 'The ops agent does not run here.';
  if (paused !== null) return 'The ops agent is paused: it watches and tells, and does nothing by itself.';
  if (agent.state === 'following') return 'This node watches, and another one acts.';
  switch (mode) {
    case 'automatic':
      return 'The ops agent watches, and heals what it can.';
    case 'approval':
      return 'The ops agent watches, and asks before it acts.';
    case 'dry_run':
      return 'The ops agent watches, and only says what it would do.';
  }
}

function troubleWords({ agent, alerts, monitors, last_round }: OpsStatus): string {
  if (alerts.firing > 0) {
    const worst = alerts.worst === null ? '' : `, the worst is ${SEVERITIES[alerts.worst].label.toLowerCase()}`;
    return `${plural(alerts.firing, 'alert')} ${alerts.firing === 1 ? 'fires' : 'fire'}${worst}.`;
  }
  if (agent.state === 'off') return '';
  const blind = monitors.filter(isBlind).length;
  if (blind > 0) return `No alert fires, but ${plural(blind, 'monitor')} ${blind === 1 ? 'does' : 'do'} not answer.`;
  if (last_round === null) return 'It has not looked yet.';
  return last_round.error === null ? 'Nothing is wrong.' : 'No alert fires, but its last look failed.';
}

const approvalWords = (approvals: number): string =>
  approvals === 0 ? '' : `${plural(approvals, 'action')} ${approvals === 1 ? 'waits' : 'wait'} for your approval.`;

const isBlind = ({ state }: OpsStatus['monitors'][number]): boolean => state === 'failed' || state === 'timed_out';

export function agentTone(status: OpsStatus): AgentTone {
  const { agent, alerts, paused, approvals, last_round, monitors } = status;
  if (alerts.worst === 'critical' || alerts.worst === 'high') return 'bad';
  if (alerts.firing > 0 || paused !== null || approvals > 0) return 'warn';
  if (agent.state === 'off') return 'quiet';
  return monitors.some(isBlind) || (last_round !== null && last_round.error !== null) ? 'warn' : 'ok';
}

/** What it does at this moment. */
export function doingWords({ agent }: OpsStatus, now_ms: number): string {
  switch (agent.state) {
    case 'off':
      return agent.reason;
    case 'following':
      return agent.leader === null
        ? 'Another node acts; which one is not known.'
        : `${agent.leader} acts; this node tells it what it sees.`;
    case 'waiting':
      return untilWords(agent.next_round_at, now_ms);
    case 'working':
      return `${agent.doing}, for ${longDuration(now_ms - Date.parse(agent.since))}`;
  }
}

function untilWords(time: string, now_ms: number): string {
  const rest_ms = Date.parse(time) - now_ms;
  return rest_ms < 1000 ? 'Looks again now' : `Looks again in ${longDuration(rest_ms)}`;
}

/** Until when it is paused, such as `until 14:30`. */
export function pauseEnd(until: string | null, now_ms: number): string {
  if (until === null) return 'until somebody resumes it';
  const isToday = new Date(until).toDateString() === new Date(now_ms).toDateString();
  return `until ${isToday ? clock(until) : dayAndClock(until)}`;
}

export const TRIGGERS: Readonly<Record<NonNullable<OpsStatus['last_round']>['trigger'], string>> = {
  interval: 'by its interval',
  event: 'because something happened',
  person: 'because a person asked',
};
