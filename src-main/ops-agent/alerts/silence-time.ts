/**
 * When a silence holds. A window of every week begins and ends at times of the clock on the wall: when that is put
 * forward, a time that does not come is the moment after; when it is put back, a time that comes twice is the first.
 */
import type { OpsSilence, OpsSilenceTime } from '../../../src-contract/index.ts';

type Weekly = Extract<OpsSilenceTime, { kind: 'weekly' }>;

export interface SilenceWindow {
  from_ms: number;
  /** Not in it any more. */
  to_ms: number;
}

/** How a silence is at a time, and until when that is so. */
export interface SilenceLook {
  status: OpsSilence['status'];
  window: SilenceWindow | undefined;
  /** From then on it may be otherwise. */
  until_ms: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FOR_GOOD_MS = Number.MAX_SAFE_INTEGER;
/** A week, and the days that a zone may be ahead or behind. */
const DAYS_AHEAD = 9;

export function lookAt(time: OpsSilenceTime, at_ms: number): SilenceLook {
  if (time.kind === 'once') {
    const window = { from_ms: Date.parse(time.from), to_ms: Date.parse(time.to) };
    return lookIn([window], at_ms);
  }
  const last_ms = time.until === null ? FOR_GOOD_MS : Date.parse(time.until);
  const look = lookIn(windowsAround(time, at_ms, last_ms), at_ms);
  // No window that was looked for need be the last one.
  return look.status === 'over' && at_ms < last_ms ? { ...look, status: 'waiting', until_ms: at_ms + DAY_MS } : look;
}

function lookIn(windows: readonly SilenceWindow[], at_ms: number): SilenceLook {
  const window = windows.find(({ from_ms, to_ms }) => from_ms <= at_ms && at_ms < to_ms);
  if (window) return { status: 'holds', window, until_ms: window.to_ms };
  const next = windows.find(({ from_ms, to_ms }) => from_ms > at_ms && to_ms > from_ms);
  return next
    ? { status: 'waiting', window: undefined, until_ms: next.from_ms }
    : { status: 'over', window: undefined, until_ms: FOR_GOOD_MS };
}

/** Windows of the days around, by the calendar of the zone; earliest first, and joined where one runs into the next. */
function windowsAround({ days, from, to, time_zone }: Weekly, at_ms: number, last_ms: number): SilenceWindow[] {
  const zone = new Zone(time_zone);
  const today_ms = Math.floor(zone.wallOf(at_ms) / DAY_MS) * DAY_MS;
  const ends_next_day = to <= from;
  const windows: SilenceWindow[] = [];
  for (let day = -2; day <= DAYS_AHEAD; day += 1) {
    const midnight_ms = today_ms + day * DAY_MS;
    if (!days.includes(dayOf(midnight_ms))) continue;
    const from_ms = zone.momentOf(midnight_ms + timeOfDayMs(from));
    const to_ms = zone.momentOf(midnight_ms + (ends_next_day ? DAY_MS : 0) + timeOfDayMs(to));
    if (from_ms >= last_ms) break;
    const before = windows.at(-1);
    if (before && from_ms <= before.to_ms) before.to_ms = Math.max(before.to_ms, to_ms);
    else if (to_ms > from_ms) windows.push({ from_ms, to_ms });
  }
  return windows;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const dayOf = (midnight_ms: number): Weekly['days'][number] => DAYS[new Date(midnight_ms).getUTCDay()] ?? 'sun';

function timeOfDayMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

/** The clock on the wall somewhere. Its times are told as if they were UTC. */
class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  wallOf(at_ms: number): number {
    return at_ms + this.#offset(at_ms);
  }

  /** The first moment at which the clock shows this time or, where it skips it, a later one. */
  momentOf(wall_ms: number): number {
    const before_ms = this.#offset(wall_ms - DAY_MS);
    const after_ms = this.#offset(wall_ms + DAY_MS);
    const moments = [wall_ms - before_ms, wall_ms - after_ms].sort((one, other) => one - other);
    const exact = moments.find((moment_ms) => this.wallOf(moment_ms) === wall_ms);
    return exact ?? this.#putForward(moments[0] ?? wall_ms, moments[1] ?? wall_ms, after_ms);
  }

  /** Between two moments the clock is put forward: when. */
  #putForward(early_ms: number, late_ms: number, offset_ms: number): number {
    let [before, after] = [Math.floor(early_ms / MINUTE_MS), Math.ceil(late_ms / MINUTE_MS)];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#offset(middle * MINUTE_MS) === offset_ms) after = middle;
      else before = middle;
    }
    return after * MINUTE_MS;
  }

  /** Of the clock from UTC. */
  #offset(at_ms: number): number {
    const second_ms = Math.floor(at_ms / 1000) * 1000;
    const part = new Map(this.#format.formatToParts(second_ms).map(({ type, value }) => [type, Number(value)]));
    const of = (name: Intl.DateTimeFormatPartTypes): number => part.get(name) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - second_ms;
  }
}
