/** What an attempt to send a message means: for the message, for what was told, and for the channel that takes its place. */
import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { DeliveryDocument, DeliveryItem } from '../records/documents.ts';
import { withWhy } from './delivery.ts';
import { describe, type Entry, newDelivery, type PlanChannel } from './plan-state.ts';
import { MOST_ATTEMPTS, retryDelay } from './timing.ts';

export type Attempt =
  | { ok: true; duration_ms: number }
  | { ok: false; duration_ms: number; error: string; is_lasting: boolean; retry_after_ms: number | null };

export interface OutcomeContext {
  now_ms: number;
  random: number;
  channels: readonly PlanChannel[];
  alerts: ReadonlyMap<string, OpsAlertDetail>;
  entry(channel_id: string, alert: OpsAlertDetail): Entry | undefined;
  /** Whether a message through the channel is on its way that tells of the alert. */
  isOnItsWay(channel_id: string, alert_id: string): boolean;
  repeat_ms: number;
  newId(): string;
}

export interface Outcome {
  delivery: DeliveryDocument;
  /** What is noted as told of an alert; undefined: nothing any more. */
  told: { alert: OpsAlertDetail; entry: Entry | undefined }[];
  /** The message that takes its place. */
  instead: DeliveryDocument | undefined;
  is_over: boolean;
}

export function outcomeOf(delivery: DeliveryDocument, attempt: Attempt, context: OutcomeContext): Outcome {
  const { attempts } = delivery.work;
  const tried: DeliveryDocument = {
    ...delivery,
    duration_ms: attempt.duration_ms,
    work: { ...delivery.work, claim: null },
  };
  if (attempt.ok) return sent(tried, context);
  const noted = withWhy(tried, `“${delivery.channel_name}”, attempt ${attempts}: ${attempt.error}`);
  if (attempt.is_lasting || attempts >= MOST_ATTEMPTS) return failed(noted, attempt.error, context);
  const next_ms = context.now_ms + retryDelay(attempts, attempt.retry_after_ms, context.random);
  const state = { state: 'retrying', attempts, next_at: isoTime(next_ms), error: attempt.error } as const;
  return { delivery: { ...noted, state }, told: [], instead: undefined, is_over: false };
}

function sent(delivery: DeliveryDocument, context: OutcomeContext): Outcome {
  const { attempts } = delivery.work;
  const at = isoTime(context.now_ms);
  const done = withWhy(delivery, `“${delivery.channel_name}” took it at attempt ${attempts}.`);
  return {
    delivery: over({ ...done, state: { state: 'sent', attempts, at } }),
    told: itemsOf(delivery, context).map(({ alert, about }) => ({
      alert,
      entry: about === 'resolved' ? undefined : entryOf('told', alert, delivery.channel_id, context),
    })),
    instead: undefined,
    is_over: true,
  };
}

function failed(delivery: DeliveryDocument, error: string, context: OutcomeContext): Outcome {
  const instead = insteadOf(delivery, context);
  const { attempts } = delivery.work;
  const state = {
    state: 'failed',
    attempts,
    at: isoTime(context.now_ms),
    error,
    fallback: instead?.id ?? null,
  } as const;
  return {
    delivery: over({ ...delivery, state }),
    told: itemsOf(delivery, context).map(({ alert, about }) => ({
      alert,
      entry: failedEntry(alert, about, context.entry(delivery.channel_id, alert), context),
    })),
    instead,
    is_over: true,
  };
}

/** What is sent of a report is not kept after. */
const over = (delivery: DeliveryDocument): DeliveryDocument => ({
  ...delivery,
  work: { ...delivery.work, report: null },
});

function itemsOf({ work }: DeliveryDocument, { alerts }: OutcomeContext) {
  return work.items.flatMap(({ alert_id, about }) => {
    const alert = alerts.get(alert_id);
    return alert === undefined ? [] : [{ alert, about }];
  });
}

function entryOf(state: Entry['state'], alert: OpsAlertDetail, channel_id: string, context: OutcomeContext): Entry {
  const named = context.entry(channel_id, alert)?.named ?? false;
  return { state, at_ms: context.now_ms, escalation: alert.escalation, named };
}

/** It is tried again after a while; an end that nobody could be told of for a day is not. */
function failedEntry(
  alert: OpsAlertDetail,
  about: DeliveryItem['about'],
  before: Entry | undefined,
  { now_ms }: OutcomeContext,
): Entry | undefined {
  const ended_ms = alert.ended_at === null ? now_ms : Date.parse(alert.ended_at);
  if (about === 'resolved') {
    return before === undefined || now_ms - ended_ms > END_TOLD_MS ? undefined : { ...before, failed_ms: now_ms };
  }
  const state = before?.state === 'told' ? 'told' : 'failed';
  const { escalation } = alert;
  return { state, at_ms: now_ms, escalation, named: before?.named ?? false, failed_ms: now_ms };
}
const END_TOLD_MS = 24 * 3600_000;

/** Through the next channel that can be used and was not tried; without what is told there already. */
function insteadOf(delivery: DeliveryDocument, context: OutcomeContext): DeliveryDocument | undefined {
  const tried = [...delivery.work.tried, delivery.channel_id];
  const channel = fallbackOf(delivery.channel_id, tried, context.channels);
  if (channel === undefined) return undefined;
  const { report, rule_id } = delivery.work;
  const items = delivery.work.items.filter((item) => isNewThere(item, channel.id, context));
  if (report === null && items.length === 0) return undefined;
  const { now_ms } = context;
  const made = newDelivery(
    context.newId(),
    channel,
    { rule_id, items, tried, report, begun: report !== null },
    { now_ms, state: { state: 'waiting', until: isoTime(now_ms), reason: report === null ? 'group_wait' : 'sending' } },
  );
  const why = [
    ...delivery.why,
    `“${delivery.channel_name}” failed for good: “${channel.draft.name}” is used when it does.`,
  ];
  const { about, severity, subject } = delivery;
  return report === null ? { ...describe(made, context.alerts), why } : { ...made, about, severity, subject, why };
}

function fallbackOf(
  channel_id: string,
  tried: readonly string[],
  channels: readonly PlanChannel[],
): PlanChannel | undefined {
  const seen = new Set([channel_id]);
  for (let at = channel_id; ; ) {
    const next = channels.find(({ id }) => id === at)?.draft.fallback ?? null;
    if (next === null || seen.has(next)) return undefined;
    const channel = channels.find(({ id }) => id === next);
    if (channel?.usable && !tried.includes(next)) return channel;
    seen.add(next);
    at = next;
  }
}

function isNewThere({ alert_id, about }: DeliveryItem, channel_id: string, context: OutcomeContext): boolean {
  // Where it was told that it fires it is told of its own that it is over; elsewhere nobody asks.
  if (about === 'resolved') return false;
  const alert = context.alerts.get(alert_id);
  if (alert === undefined || context.isOnItsWay(channel_id, alert_id)) return false;
  const entry = context.entry(channel_id, alert);
  if (entry?.state !== 'told') return true;
  if (about === 'escalated') return alert.escalation > entry.escalation;
  return context.repeat_ms > 0 && context.now_ms - entry.at_ms >= context.repeat_ms;
}
