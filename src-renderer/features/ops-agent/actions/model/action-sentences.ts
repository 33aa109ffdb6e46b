/** How an action is and where it came from, in sentences. Pure: the time is handed in. */
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { longDuration } from '../../../../ui/duration.ts';

/** What its state means. */
export function stateSentence({ state }: OpsAction, now_ms: number): string {
  switch (state.state) {
    case 'waiting_approval':
      return `Waits for a person, ${restWords(state.expires_at, now_ms)}.`;
    case 'assigned':
      return `The node that can do it has not begun, for ${elapsed(state.at, now_ms)}.`;
    case 'running':
      return `Under way for ${elapsed(state.since, now_ms)}.`;
    case 'verifying':
      return `Done. Whether it helped is looked at, ${restWords(state.until, now_ms)}.`;
    case 'helped':
      return 'It helped.';
    case 'did_not_help':
      return 'It was done, and did not help.';
    case 'failed':
      return `It could not be done: ${state.error}`;
    case 'interrupted':
      return 'Its process ended, or it took too long; how far it came is not known.';
    case 'skipped':
      return `It was not done: ${state.reason}`;
    case 'rejected':
      return `${state.by} rejected it${state.reason === null ? '.' : `: ${state.reason}`}`;
    case 'expired':
      return 'Nobody approved it in time.';
    case 'dry_run':
      return 'It would have been done; nothing was.';
  }
}

const elapsed = (since: string, now_ms: number): string => longDuration(now_ms - Date.parse(since));

function restWords(end: string, now_ms: number): string {
  const rest_ms = Date.parse(end) - now_ms;
  return rest_ms < 1000 ? 'at its end now' : `for ${longDuration(rest_ms)} more`;
}

/** Who wanted it, in a few words for a row. */
export function originWords({ origin }: OpsAction): string {
  switch (origin.kind) {
    case 'rule':
      return `Rule: ${origin.rule_name}`;
    case 'person':
      return `By ${origin.by}`;
    case 'recommendation':
      return `Recommendation, by ${origin.by}`;
  }
}

export const ORIGINS: Readonly<Record<OpsAction['origin']['kind'], string>> = {
  rule: 'Rule',
  person: 'Person',
  recommendation: 'Recommendation',
};
