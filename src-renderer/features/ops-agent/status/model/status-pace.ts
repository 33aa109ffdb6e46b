/** How soon the status of the ops agent is asked for again. Pure. */
import type { OpsStatus } from '../../../../../src-contract/index.ts';

const LEAST_MS = 2000;
const AFTER_MS = 500;

/**
 * Just after its next look; in the midst of one soon. The engine counts what it is asked, so it is asked no more than is
 * needed, and never faster when the clocks of both differ.
 */
export function statusEveryMs(status: OpsStatus | undefined, read_at_ms: number, most_ms: number): number {
  switch (status?.agent.state) {
    case 'working':
      return LEAST_MS;
    case 'waiting': {
      const until_ms = Date.parse(status.agent.next_round_at) - read_at_ms + AFTER_MS;
      return Math.min(most_ms, Math.max(LEAST_MS, until_ms));
    }
    case 'off':
    case 'following':
    case undefined:
      return most_ms;
  }
}
