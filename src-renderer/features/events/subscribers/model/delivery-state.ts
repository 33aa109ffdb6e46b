/** How delivery is, in one sentence: for whoever only wants to know whether to look closer. */
import type { EventSubscriber } from '../../../../../src-contract/index.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { number, plural } from '../../../../ui/format.ts';

/** What is in its queue and not done with. */
export const queued = ({ waiting, delayed, running }: EventSubscriber): number => waiting + delayed + running;
/** All it has yet to handle. */
export const toDo = (subscriber: EventSubscriber): number => subscriber.behind + queued(subscriber);

export interface DeliveryTotals {
  behind: number;
  waiting: number;
  delayed: number;
  running: number;
  dead: number;
  delivered_per_minute: number;
}

export function totalsOf(subscribers: readonly EventSubscriber[]): DeliveryTotals {
  const sum = (of: (subscriber: EventSubscriber) => number) => subscribers.reduce((all, one) => all + of(one), 0);
  return {
    behind: sum(({ behind }) => behind),
    waiting: sum(({ waiting }) => waiting),
    delayed: sum(({ delayed }) => delayed),
    running: sum(({ running }) => running),
    dead: sum(({ dead }) => dead),
    delivered_per_minute: sum(({ delivered_per_minute }) => delivered_per_minute),
  };
}

/** Events that are counted no further. */
const COUNTED = 100_000;
const count = (events: number): string => (events >= COUNTED ? `${number(COUNTED)} or more` : number(events));

export interface DeliveryState {
  tone: 'ok' | 'warn' | 'bad';
  text: string;
}

/**
 * Who is furthest behind, then what became dead letters, then who is switched off.
 *
 * @param nameOf what a subscriber is called
 */
export function deliveryState(
  subscribers: readonly EventSubscriber[],
  now_ms: number,
  nameOf: (subscriber: string) => string = (name) => name,
): DeliveryState {
  const active = subscribers.filter(({ enabled }) => enabled);
  const letters = lettersOf(subscribers);
  const slow = [...active].sort((one, other) => toDo(other) - toDo(one)).filter((one) => toDo(one) > 0);
  const [slowest] = slow;
  const off = subscribers.length - active.length;
  const rest = off === 0 ? '' : ` ${plural(off, 'subscriber')} ${off === 1 ? 'is' : 'are'} switched off.`;
  if (slowest === undefined) {
    const up = upToDate(active.length);
    return { tone: letters === '' ? 'ok' : 'bad', text: `${up}${letters}${rest}` };
  }
  const others =
    slow.length > 1 ? ` ${number(slow.length - 1)} more ${slow.length === 2 ? 'has' : 'have'} events to handle.` : '';
  const text = `${excerpt(nameOf(slowest.name), 80)} ${lag(slowest, now_ms)}.${others}${letters}${rest}`;
  return { tone: letters === '' ? 'warn' : 'bad', text };
}

function upToDate(active: number): string {
  if (active === 0) return 'No subscriber is switched on: events wait in the log.';
  return active === 1 ? 'The one subscriber is up to date.' : `All ${number(active)} subscribers are up to date.`;
}

function lag(subscriber: EventSubscriber, now_ms: number): string {
  const { oldest_waiting_at } = subscriber;
  const events = toDo(subscriber);
  const behind = `is ${count(events)} ${events === 1 ? 'event' : 'events'} behind`;
  return oldest_waiting_at === null ? behind : `${behind}, the oldest has waited ${waited(oldest_waiting_at, now_ms)}`;
}

function lettersOf(subscribers: readonly EventSubscriber[]): string {
  const dead = subscribers.reduce((all, one) => all + one.dead, 0);
  if (dead === 0) return '';
  return ` ${plural(dead, 'event')} could not be delivered and ${dead === 1 ? 'is' : 'are'} in the dead letters.`;
}

const STEPS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** `4 min` since then. */
export function waited(since: string, now_ms: number): string {
  const seconds = Math.max(0, Math.floor((now_ms - Date.parse(since)) / 1000));
  const [divisor, unit] = STEPS.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${number(Math.floor(seconds / divisor))} ${unit}`;
}
