import { describe, expect, it } from 'vitest';
import { sampleDeepHealth } from '../../../../../tests/support/health-samples.ts';
import { at } from '../../../../../tests/support/worker-samples.ts';
import { lastedMs } from './alert-end.ts';
import { alertsOf } from './alerts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Redis was away for an hour before the sample's now, or as given. */
const [away] = alertsOf({
  health: sampleDeepHealth({ sessions: { status: 'unhealthy', since: at(-HOUR_MS) } }),
  breakers: undefined,
  journal: undefined,
});
const wellSince = (offset_ms: number) => sampleDeepHealth({ sessions: { since: at(offset_ms) } });
const lasted = (health: ReturnType<typeof wellSince>, before: string) => away && lastedMs(away, health, before);

describe('how long something was wrong', () => {
  it('is until it was well, not until somebody looked', () => {
    expect(lasted(wellSince(-1000), at(-5000))).toBe(HOUR_MS - 1000);
    // The page was hidden, but something else had looked.
    expect(lasted(wellSince(-50 * MINUTE_MS), at(-55 * MINUTE_MS))).toBe(10 * MINUTE_MS);
  });

  it('is not known when it ended while nobody looked, as when the computer slept', () => {
    expect(lasted(wellSince(-500), at(-55 * MINUTE_MS))).toBeUndefined();
  });

  it('is until the answer without it where health said nothing of it, as of an isolation', () => {
    expect(lasted(wellSince(-9 * HOUR_MS), at(-1000))).toBe(HOUR_MS);
    expect(lasted(wellSince(-9 * HOUR_MS), at(-55 * MINUTE_MS))).toBeUndefined();
  });
});
