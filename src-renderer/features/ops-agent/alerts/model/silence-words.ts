/** What is said of silences. Pure. */
import type { OpsSilence, OpsSilenceTime } from '../../../../../src-contract/index.ts';
import type { Tone } from '../../../../ui/Badge.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { day, dayAndClock } from '../../../../ui/format.ts';
import { DAY_NAMES, DAYS } from './silence-form.ts';

export const SILENCE_STATES: Readonly<Record<OpsSilence['status'], { label: string; tone: Tone }>> = {
  holds: { label: 'Holds', tone: 'accent' },
  waiting: { label: 'Waiting', tone: 'plain' },
  over: { label: 'Over', tone: 'plain' },
};

/** `30 Nov 2026, 10:00 to 30 Nov 2026, 11:00`; `Sunday, 02:00 to 04:00 (Europe/Berlin)`. */
export function timeWords(time: OpsSilenceTime): string {
  if (time.kind === 'once') return `${dayAndClock(time.from)} to ${dayAndClock(time.to)}`;
  const { days, from, to, time_zone, until } = time;
  const isOvernight = to <= from;
  const end = until === null ? '' : `, until ${day(until)}`;
  return `${daysWords(days)}, ${from} to ${to}${isOvernight ? ' of the next day' : ''} (${visibleText(time_zone)})${end}`;
}

function daysWords(days: readonly (typeof DAYS)[number][]): string {
  const chosen = DAYS.filter((each) => days.includes(each));
  if (chosen.length === DAYS.length) return 'Every day';
  if (chosen.join() === DAYS.slice(0, 5).join()) return 'Monday to Friday';
  return chosen.map((each) => DAY_NAMES[each]).join(', ');
}

const ORDER: readonly OpsSilence['status'][] = ['holds', 'waiting', 'over'];

/** What holds stands first, then what waits, then what is over; of each the newest first. */
export const inOrder = (silences: readonly OpsSilence[]): OpsSilence[] =>
  silences.toSorted(
    (one, other) =>
      ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || other.created_at.localeCompare(one.created_at),
  );
