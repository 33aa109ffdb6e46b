import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsSilenceTime } from '../../../src-contract/index.ts';
import { lookAt } from './silence-time.ts';

type Weekly = Extract<OpsSilenceTime, { kind: 'weekly' }>;

/** Windows and changes of the clock are at quarters of an hour. */
const STEP_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

const weekly = (given: Partial<Weekly>): Weekly => ({
  kind: 'weekly',
  days: ['sat'],
  from: '22:00',
  to: '02:00',
  time_zone: 'Europe/Berlin',
  until: null,
  ...given,
});
const statusAt = (time: OpsSilenceTime, at: string) => lookAt(time, Date.parse(at)).status;

describe('a silence', () => {
  it('holds from its beginning until its end', () => {
    const time: OpsSilenceTime = { kind: 'once', from: '2026-11-30T12:00:00Z', to: '2026-11-30T13:00:00Z' };
    expect(statusAt(time, '2026-11-30T11:59:59Z')).toBe('waiting');
    expect(statusAt(time, '2026-11-30T12:00:00Z')).toBe('holds');
    expect(statusAt(time, '2026-11-30T12:59:59Z')).toBe('holds');
    expect(statusAt(time, '2026-11-30T13:00:00Z')).toBe('over');
  });

  it('of every week goes over midnight, by the clock of its zone', () => {
    const time = weekly({});
    expect(statusAt(time, '2026-12-05T20:59:00Z')).toBe('waiting');
    expect(statusAt(time, '2026-12-05T21:00:00Z')).toBe('holds');
    expect(statusAt(time, '2026-12-06T00:59:00Z')).toBe('holds');
    expect(statusAt(time, '2026-12-06T01:00:00Z')).toBe('waiting');
  });

  it('of every week holds all day when it ends as it begins, and all week with all days', () => {
    expect(statusAt(weekly({ from: '00:00', to: '00:00', time_zone: 'UTC' }), '2026-12-05T23:59:00Z')).toBe('holds');
    expect(statusAt(weekly({ from: '00:00', to: '00:00', time_zone: 'UTC' }), '2026-12-06T00:00:00Z')).toBe('waiting');
    const always = weekly({ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '09:00', to: '09:00' });
    expect(statusAt(always, '2026-12-02T08:00:00Z')).toBe('holds');
  });

  it('of every week is over after its last window, which ends in its time', () => {
    const time = weekly({ time_zone: 'UTC', until: '2026-12-05T23:00:00Z' });
    expect(statusAt(time, '2026-12-04T12:00:00Z')).toBe('waiting');
    expect(statusAt(time, '2026-12-06T01:00:00Z')).toBe('holds');
    expect(statusAt(time, '2026-12-06T02:00:00Z')).toBe('over');
  });

  it('begins after the hour that does not come, and ends at the first of an hour that comes twice', () => {
    // Berlin: 29 March 2026, 02:00 → 03:00; 25 October 2026, 03:00 → 02:00.
    const spring = weekly({ days: ['sun'], from: '02:30', to: '04:00' });
    expect(statusAt(spring, '2026-03-29T00:59:00Z')).toBe('waiting');
    expect(statusAt(spring, '2026-03-29T01:00:00Z')).toBe('holds');
    const autumn = weekly({ days: ['sun'], from: '01:00', to: '02:30' });
    expect(statusAt(autumn, '2026-10-25T00:29:00Z')).toBe('holds');
    expect(statusAt(autumn, '2026-10-25T00:30:00Z')).toBe('waiting');
    expect(statusAt(autumn, '2026-10-25T01:15:00Z')).toBe('waiting');
  });
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Pacific/Auckland',
  'Asia/Kathmandu',
  'Pacific/Apia',
];
/** Around changes of the clock somewhere, and around a day without. */
const DAYS = [
  '2026-03-08',
  '2026-03-29',
  '2026-04-05',
  '2026-09-06',
  '2026-10-04',
  '2026-10-25',
  '2026-11-01',
  '2026-06-17',
];
const WEEK: readonly Weekly['days'][number][] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The clock on the wall, step by step, as a person would read it off: `2026-11-30T12:00`. */
function wallOf(format: Intl.DateTimeFormat, at_ms: number): string {
  const text = format.format(at_ms);
  const [, month, day, year, hour, minute] = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+)$/.exec(text) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** For each day: opens with the first minute that shows `from` or later on that day, closes likewise. */
function oracle({ days, from, to, time_zone }: Weekly, begin_ms: number, end_ms: number): Map<number, boolean> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: time_zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const walls: [number, string][] = [];
  for (let at = begin_ms; at < end_ms; at += STEP_MS) walls.push([at, wallOf(format, at)]);
  const held = new Map(walls.map(([at]) => [at, false]));
  const dates = [...new Set(walls.map(([, wall]) => wall.slice(0, 10)))];
  for (const date of dates.slice(0, -1)) {
    if (!days.includes(WEEK[new Date(`${date}T00:00Z`).getUTCDay()] ?? 'sun')) continue;
    const next = new Date(Date.parse(`${date}T00:00Z`) + DAY_MS).toISOString().slice(0, 10);
    const opens = walls.findIndex(([, wall]) => wall >= `${date}T${from}`);
    const closes = walls.findIndex(([, wall]) => wall >= `${to <= from ? next : date}T${to}`);
    for (const [at] of walls.slice(opens, closes === -1 ? undefined : closes)) held.set(at, true);
  }
  return held;
}

const minuteOfDay = fc
  .integer({ min: 0, max: 95 })
  .map(
    (quarter) => `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`,
  );

describe('a window of every week', () => {
  it('holds at exactly the minutes that the clock on the wall says, wherever and whenever it is changed', () => {
    const given = fc.record({
      zone: fc.constantFrom(...ZONES),
      day: fc.constantFrom(...DAYS),
      days: fc.uniqueArray(fc.constantFrom(...WEEK), { minLength: 1, maxLength: 7 }),
      from: minuteOfDay,
      to: minuteOfDay,
    });
    fc.assert(
      fc.property(given, ({ zone, day, days, from, to }) => {
        const time = weekly({ days, from, to, time_zone: zone });
        const noon_ms = Date.parse(`${day}T12:00:00Z`);
        const held = oracle(time, noon_ms - 3 * DAY_MS, noon_ms + 3 * DAY_MS);
        for (let at = noon_ms - 1.5 * DAY_MS; at < noon_ms + 1.5 * DAY_MS; ) {
          const { status, until_ms } = lookAt(time, at);
          // It is told until when that is so: each minute up to then is as it says.
          const upto = Math.min(until_ms, noon_ms + 1.5 * DAY_MS);
          for (let minute = at; minute < upto; minute += STEP_MS) {
            if (held.get(minute) !== (status === 'holds'))
              throw new Error(`${new Date(minute).toISOString()} ${status}`);
          }
          at = Math.max(upto, at + STEP_MS);
        }
      }),
      { numRuns: 40 },
    );
  });
});
