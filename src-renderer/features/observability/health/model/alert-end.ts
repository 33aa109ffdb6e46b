/** How long something was wrong, by the clock of the engine. Pure. */
import type { DeepHealth } from '../../../../../src-contract/index.ts';
import type { Alert } from './alerts.ts';

/** Longer without a reading, and nobody saw when it ended: the page was hidden, or the computer slept. */
const UNSEEN_MS = 30_000;
/** An end this short before the answer was found by the answer. */
const FOUND_MS = 5000;

/**
 * @param health the first answer without it
 * @param before when the answer before that was made
 * @returns undefined when it is not known
 */
export function lastedMs(alert: Alert, { components, checked_at }: DeepHealth, before: string): number | undefined {
  if (alert.since === undefined) return undefined;
  const [began_ms, checked_ms] = [Date.parse(alert.since), Date.parse(checked_at)];
  const { place } = alert;
  const component =
    place.kind === 'component' ? components.find((each) => each.component === place.component) : undefined;
  const well_ms = component?.status === 'healthy' ? Date.parse(component.since) : began_ms;
  // What an isolation ended has been healthy all along.
  const ended_ms = well_ms > began_ms ? well_ms : checked_ms;
  const isSeen = checked_ms - Date.parse(before) <= UNSEEN_MS || checked_ms - ended_ms > FOUND_MS;
  return isSeen && ended_ms > began_ms ? ended_ms - began_ms : undefined;
}
