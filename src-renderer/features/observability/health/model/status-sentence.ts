/** How everything is, in one sentence: the worst of what is wrong, since when, and what it means. Pure. */
import type { DeepHealth } from '../../../../../src-contract/index.ts';
import { number } from '../../../../ui/format.ts';
import { type Alert, alertPast, alertPerfect, alertTitle } from './alerts.ts';
import { engineNow } from './engine-clock.ts';
import type { Freshness } from './freshness.ts';
import { moment } from './moment.ts';

export interface StatusWords {
  /** `quiet`: nothing is said of now. */
  tone: 'ok' | 'warn' | 'bad' | 'quiet';
  sentence: string;
}

/** @param alerts the worst first */
export function statusSentence(
  health: DeepHealth | undefined,
  alerts: readonly Alert[],
  freshness: Freshness,
  now_ms: number,
): StatusWords {
  switch (freshness.kind) {
    case 'offline':
      return { tone: 'bad', sentence: offlineWords(freshness, alerts, now_ms) };
    case 'late': {
      const then = moment(freshness.read_ms, now_ms);
      return { tone: 'bad', sentence: `Archon has not answered since ${then}: what stands here is from then.` };
    }
    case 'paused':
      return { tone: 'quiet', sentence: pausedWords(freshness.read_ms, alerts, now_ms) };
    case 'current':
      return currentWords(health, alerts, health ? engineNow(now_ms, freshness.read_ms, health) : now_ms);
  }
}

/** @param now_ms by the clock of the engine */
function currentWords(health: DeepHealth | undefined, alerts: readonly Alert[], now_ms: number): StatusWords {
  const [worst] = alerts;
  if (worst === undefined) {
    const since = health?.components
      .map((component) => component.since)
      .sort()
      .at(-1);
    // Not "all has been well": what no component stands for, such as refused writes, may have been over since.
    const all =
      since === undefined
        ? 'All is well'
        : `All is well: no component has had trouble since ${moment(Date.parse(since), now_ms)}`;
    return { tone: 'ok', sentence: `${all}.` };
  }
  const what =
    worst.since === undefined
      ? alertTitle(worst)
      : `${alertPerfect(worst)} since ${moment(Date.parse(worst.since), now_ms)}`;
  const effects = worst.effects.length === 0 ? '' : `: ${worst.effects.join(', ')}`;
  return { tone: worst.severity, sentence: `${what}${effects}${others(alerts)}.` };
}

const others = ({ length }: readonly Alert[]): string =>
  length < 2 ? '' : `; ${number(length - 1)} more ${length === 2 ? 'warning stands' : 'warnings stand'} below`;

function offlineWords(
  { since_ms, read_ms }: Extract<Freshness, { kind: 'offline' }>,
  alerts: readonly Alert[],
  now_ms: number,
): string {
  const away = `Archon has not been reachable since ${moment(since_ms, now_ms)}`;
  if (read_ms === undefined) return `${away}, and nothing is known of how it is.`;
  return `${away}: what stands here is from ${moment(read_ms, now_ms)}${before(alerts)}.`;
}

function pausedWords(read_ms: number, alerts: readonly Alert[], now_ms: number): string {
  return `Auto-refresh is off: this is how it was at ${moment(read_ms, now_ms)}${before(alerts) || ', when all was well'}.`;
}

function before(alerts: readonly Alert[]): string {
  const [worst] = alerts;
  if (worst === undefined) return '';
  const rest = alerts.length - 1;
  return `, when ${alertPast(worst)}${rest === 0 ? '' : ` and ${number(rest)} more ${rest === 1 ? 'warning' : 'warnings'} stood`}`;
}
