/** Hands messages over that have waited for long enough, or holds them: in quiet hours, and where it is too many. */
import { isoTime } from '../../clock.ts';
import type { DeliveryDocument, DeliveryItem } from '../records/documents.ts';
import { withWhy } from './delivery.ts';
import { MOST_ITEMS, type PlanChannel, type PlanState } from './plan-state.ts';
import { secondsWords } from './plan-why.ts';
import { quietUntil } from './quiet-hours.ts';

const HOUR_MS = 3600_000;

export function flush(state: PlanState): void {
  for (const channel of state.input.channels) {
    if (channel.usable) for (const batch of dueBatches(state, channel)) flushBatch(state, channel, batch);
  }
  for (const delivery of state.idle()) {
    if (delivery.work.begun && isDue(delivery, state.now_ms)) state.send.push(delivery.id);
  }
}

/** What is held in quiet hours is due as soon as something of it passes them. */
function dueBatches(state: PlanState, channel: PlanChannel): DeliveryDocument[] {
  return state.batches(channel.id).filter((batch) => {
    const isQuiet = batch.state.state === 'waiting' && batch.state.reason === 'quiet_hours';
    return (
      isDue(batch, state.now_ms) || (isQuiet && batch.work.items.some((item) => passesQuiet(state, channel, item)))
    );
  });
}

/** When it is to be looked at next; null when it is over. */
export function dueAt({ state }: DeliveryDocument): number | null {
  if (state.state === 'waiting') return Date.parse(state.until);
  return state.state === 'retrying' ? Date.parse(state.next_at) : null;
}

function isDue(delivery: DeliveryDocument, now_ms: number): boolean {
  const due_ms = dueAt(delivery);
  return due_ms !== null && due_ms <= now_ms;
}

function flushBatch(state: PlanState, channel: PlanChannel, { id }: DeliveryDocument): void {
  // As it is now: another one may have been held together with it.
  const batch = state.batches(channel.id).find((one) => one.id === id);
  // An alert that cannot be read just now is waited for.
  if (batch === undefined || batch.work.items.some(({ alert_id }) => !state.alerts.has(alert_id))) return;
  const items = batch.work.items.filter(
    ({ alert_id, about }) => about === 'resolved' || state.alerts.get(alert_id)?.state.state === 'firing',
  );
  if (items.length === 0) {
    state.drop(batch, 'It was clearing when it was to be sent; it is told of when it fires again.');
    return;
  }
  const left = items.length < batch.work.items.length ? state.withItems(batch, items) : batch;
  const quiet_ms = channel.draft.quiet_hours === null ? null : quietUntil(channel.draft.quiet_hours, state.now_ms);
  if (quiet_ms === null) {
    handOver(state, channel, left);
    return;
  }
  const passing = items.filter((item) => passesQuiet(state, channel, item));
  const held = items.filter((item) => !passing.includes(item));
  if (passing.length === 0) {
    hold(state, left, { until_ms: quiet_ms, reason: 'quiet_hours' });
    return;
  }
  if (held.length > 0) {
    const { rule_id, tried } = left.work;
    const rest = state.create(channel, { rule_id, tried }, left.state);
    hold(state, state.withItems({ ...rest, why: left.why }, held), { until_ms: quiet_ms, reason: 'quiet_hours' });
  }
  handOver(state, channel, held.length > 0 ? state.withItems(left, passing) : left);
}

const passesQuiet = (state: PlanState, { draft }: PlanChannel, { alert_id }: DeliveryItem): boolean =>
  draft.quiet_hours?.except_critical === true && state.alerts.get(alert_id)?.severity === 'critical';

/** Unless that would be too many within an hour. */
function handOver(state: PlanState, channel: PlanChannel, batch: DeliveryDocument): void {
  const begun = state.begunOf(channel.id);
  if (begun.length >= channel.draft.most_per_hour) {
    const [oldest = state.now_ms] = begun.slice(-channel.draft.most_per_hour);
    hold(state, batch, { until_ms: oldest + HOUR_MS, reason: 'rate_limit' });
    return;
  }
  state.noteBegun(channel.id);
  for (const { alert_id } of batch.work.items) {
    const alert = state.alerts.get(alert_id);
    if (alert !== undefined) state.noteSent(channel.id, alert.rule_id);
  }
  const waited = state.now_ms - Date.parse(batch.created_at);
  const line =
    waited < 1000
      ? 'It was handed over at once.'
      : `It was handed over after ${secondsWords(waited)}, with what came up meanwhile.`;
  state.put({
    ...withWhy(batch, line),
    state: { state: 'waiting', until: isoTime(state.now_ms), reason: 'sending' },
    work: { ...batch.work, begun: true },
  });
}

interface Held {
  until_ms: number;
  reason: 'quiet_hours' | 'rate_limit';
}

const HELD_WORDS = {
  quiet_hours: 'It was held in the quiet hours of the channel.',
  rate_limit: 'It was held: as much was sent within an hour as the channel allows.',
};

/** Together with what else is held for the channel. */
function hold(state: PlanState, batch: DeliveryDocument, { until_ms, reason }: Held): void {
  const until = { state: 'waiting', until: isoTime(until_ms), reason } as const;
  const room = MOST_ITEMS - batch.work.items.length;
  const other = state
    .batches(batch.channel_id)
    .find(({ id, work }) => id !== batch.id && work.rule_id === null && work.items.length <= room);
  if (other === undefined) {
    state.put({ ...withWhy(batch, HELD_WORDS[reason]), state: until, work: { ...batch.work, rule_id: null } });
    return;
  }
  const tried = [...new Set([...other.work.tried, ...batch.work.tried])];
  const together = { ...withWhy(other, ...batch.why, HELD_WORDS[reason]), work: { ...other.work, tried } };
  state.put(state.withItems({ ...together, state: until }, [...other.work.items, ...batch.work.items]));
  state.drop(state.withItems(batch, []), 'Held, and told together with others.');
}
