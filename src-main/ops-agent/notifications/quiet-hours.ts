/** When a channel is left in peace. */
import type { OpsChannelDraft } from '../../../src-contract/index.ts';

export type QuietHours = NonNullable<OpsChannelDraft['quiet_hours']>;

const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/**
 * When the quiet hours end that hold at the time; null outside of them. Those that end when they begin hold all day. Where
 * the clocks change within, the end is off by as much, and looked at again then.
 */
export function quietUntil(hours: Pick<QuietHours, 'from' | 'to' | 'time_zone'>, now_ms: number): number | null {
  const [from, to, now] = [minuteOf(hours.from), minuteOf(hours.to), minuteIn(hours.time_zone, now_ms)];
  const holds = from < to ? now >= from && now < to : now >= from || now < to;
  if (!holds) return null;
  const left = (to - now + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  return now_ms - (now_ms % MINUTE_MS) + left * MINUTE_MS;
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function minuteIn(time_zone: string, at_ms: number): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: time_zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const part = (type: string) => Number(format.formatToParts(at_ms).find((one) => one.type === type)?.value);
  return part('hour') * 60 + part('minute');
}
