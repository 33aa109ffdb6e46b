/** How a breaker is and what can be done with it, in words. Pure: the time is handed in. */
import type { Breaker, BreakerStateName } from '../../../../../src-contract/index.ts';
import type { Tone } from '../../../../ui/Badge.tsx';
import { longDuration } from '../../../../ui/duration.ts';
import { clock, number, plural } from '../../../../ui/format.ts';
import { isForWebhooks } from './service-words.ts';

export const BREAKER_LOOKS: Readonly<Record<BreakerStateName, { label: string; tone: Tone }>> = {
  closed: { label: 'Closed', tone: 'ok' },
  half_open: { label: 'Half open', tone: 'warn' },
  open: { label: 'Open', tone: 'bad' },
  isolated: { label: 'Isolated', tone: 'bad' },
};

/**
 * One sentence about how it is.
 *
 * @param now_ms by the clock of the engine; undefined when nobody knows how it is now
 */
export function breakerSentence(breaker: Breaker, now_ms: number | undefined): string {
  const { state, threshold, enabled } = breaker;
  if (isForWebhooks(breaker)) return 'Each webhook has a breaker of its own, with the settings of this one.';
  switch (state.state) {
    case 'closed':
      if (!enabled) return 'Switched off: failures are not counted, and it never opens.';
      if (state.failures === 0) return 'No failures.';
      return `${number(state.failures)} of ${plural(threshold, 'failure')} in a row.`;
    case 'open': {
      if (now_ms === undefined) return `It was to be tried again at ${clock(state.until)}.`;
      const rest_ms = Date.parse(state.until) - now_ms;
      return rest_ms < 1000 ? 'Tried again at any moment.' : `Tried again in ${longDuration(rest_ms)}.`;
    }
    case 'half_open':
      return 'One call tries it.';
    case 'isolated':
      return `No call is made until it is released. ${state.by}: ${state.reason}`;
  }
}

export const BREAKER_ACTIONS = ['probe', 'reset', 'isolate', 'release'] as const;
export type BreakerAction = (typeof BREAKER_ACTIONS)[number];

export const ACTION_LABELS: Readonly<Record<BreakerAction, string>> = {
  probe: 'Probe',
  reset: 'Reset',
  isolate: 'Isolate',
  release: 'Release',
};

/** Those that make sense as it is; isolate and release are one button. */
export function actionsOf(breaker: Breaker): BreakerAction[] {
  if (isForWebhooks(breaker)) return [];
  return breaker.state.state === 'isolated' ? ['probe', 'release'] : ['probe', 'reset', 'isolate'];
}

/** Why it cannot be done; undefined when it can. */
export function reasonAgainst(action: BreakerAction, breaker: Breaker, isOnline: boolean): string | undefined {
  if (!isOnline) return 'Archon cannot be reached right now.';
  const { state, probe, in_use } = breaker;
  switch (action) {
    case 'probe':
      if (!in_use) return 'Archon does not use it.';
      return probe ? undefined : 'It cannot be tested without giving it work.';
    case 'reset':
      return state.state === 'closed' && state.failures === 0 ? 'It is closed and has no failures.' : undefined;
    case 'isolate':
    case 'release':
      return undefined;
  }
}

/** Its calls go out at once, or not at all. */
export const needsConsent = (action: BreakerAction): boolean => action === 'reset' || action === 'isolate';

/** What stops while it is isolated. */
export function isolationWords({ service }: Pick<Breaker, 'service'>): string {
  switch (service) {
    case 'postgres':
      return 'Memories and events cannot be read meanwhile, and writes wait in the journal.';
    case 'redis':
      return 'Contexts are without sessions meanwhile, and what agents say waits in the journal.';
    case 'webhook':
      return 'Its events wait meanwhile, and are sent when it is released.';
    case 'embedding':
    case 'llm':
    case 'smtp':
    case 'slack':
      return 'What needs it is refused meanwhile.';
  }
}
