/**
 * Who is to be told what, and when: decided from how everything is, not from what happened, so that nothing is told twice
 * or not at all after a process ended in between. Of an alert there is at most one message on its way through a channel.
 */
import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { DeliveryDocument, DeliveryItem } from '../records/documents.ts';
import { withWhy } from './delivery.ts';
import { dueAt, flush } from './plan-flush.ts';
import { type Entry, MOST_ITEMS, type Plan, type PlanChannel, type PlanInput, PlanState } from './plan-state.ts';
import { routingWhy } from './plan-why.ts';
import { takes } from './routing.ts';
import { ANEW_MS, CLAIM_MS, MOST_RETRY_AFTER_MS } from './timing.ts';

/** Nothing waits for longer than what it waits for may last: what does waits because the clock was set back. */
const MOST_QUIET_MS = 25 * 3600_000;
const MOST_HELD_MS = 3600_000;

const SILENCED = 'Nobody is told: a silence keeps it quiet.';
const INHIBITED = 'Nobody is told: it is the consequence of another alert.';
const UNSENT_RULE = 'Nobody is told: its rule says so.';
const NO_CHANNEL = 'Nobody is told: no channel is on that takes it.';
const ENDED = 'It was told of through this channel before, or may have been.';
const RESOLVED = 'Resolved before it was sent.';

export function plan(input: PlanInput): Plan {
  const state = new PlanState(input);
  tidy(state);
  forget(state);
  want(state);
  noteUnsaid(state);
  flush(state);
  return state.plan;
}

/** Takes out of messages what does not hold any more. */
function tidy(state: PlanState): void {
  for (const delivery of state.idle()) {
    if (delivery.work.report !== null) continue;
    const channel = state.input.channels.find(({ id }) => id === delivery.channel_id);
    if (!channel?.usable) {
      state.drop(delivery, channel === undefined ? 'The channel was removed.' : 'The channel is switched off.');
      continue;
    }
    let why = '';
    const items = delivery.work.items.filter((item) => {
      const gone = whyGone(item, state.alerts.get(item.alert_id), isOld(Date.parse(delivery.created_at), state.now_ms));
      if (gone === undefined) return true;
      why = gone;
      // What was tried may have come through although nothing was heard of it.
      if (gone === RESOLVED && channel.keeps_alerts && delivery.work.attempts > 0) noteTried(state, channel, item);
      if (gone === RESOLVED) state.unsaid.push({ alert_id: item.alert_id, text: `“${channel.draft.name}”: ${gone}` });
      return false;
    });
    if (items.length === 0) state.drop(delivery, why);
    else if (items.length < delivery.work.items.length) state.put(state.withItems(delivery, items));
    else if (waitsTooLong(delivery, state)) state.put(dueNow(delivery, state.now_ms));
  }
}

/**
 * An alert that is not found may be one that cannot be read just now: it counts as gone only after a while, so that it is
 * not told of anew.
 */
const GONE_MS = 6 * 3600_000;
const isOld = (at_ms: number, now_ms: number): boolean => now_ms - at_ms > GONE_MS;

function whyGone({ about }: DeliveryItem, alert: OpsAlertDetail | undefined, mayBeGone: boolean): string | undefined {
  if (alert === undefined) return mayBeGone ? 'The alert is not kept any more.' : undefined;
  if (about === 'resolved') return undefined;
  if (alert.state.state === 'resolved') return RESOLVED;
  if (alert.silenced_by !== null) return 'Silenced before it was sent.';
  if (alert.inhibited_by !== null) return 'It is the consequence of another alert.';
  if (about === 'repeat' && alert.acknowledged !== null) return 'Acknowledged before it was sent again.';
  return undefined;
}

function noteTried(state: PlanState, { id }: PlanChannel, { alert_id }: DeliveryItem): void {
  const alert = state.alerts.get(alert_id);
  if (alert === undefined || state.entry(id, alert) !== undefined) return;
  const { escalation } = alert;
  state.setEntry(id, alert, { state: 'failed', at_ms: state.now_ms, escalation, named: false });
}

function waitsTooLong(delivery: DeliveryDocument, { now_ms, input }: PlanState): boolean {
  const due_ms = dueAt(delivery);
  return due_ms !== null && due_ms - now_ms > mostWait(delivery, input);
}

function mostWait({ state }: DeliveryDocument, { timing }: PlanState['input']): number {
  if (state.state !== 'waiting') return MOST_RETRY_AFTER_MS;
  switch (state.reason) {
    case 'quiet_hours':
      return MOST_QUIET_MS;
    case 'rate_limit':
      return MOST_HELD_MS;
    case 'group_wait':
    case 'group_interval':
      return Math.max(timing.group_wait_ms, timing.group_interval_ms);
    case 'sending':
      return CLAIM_MS;
  }
}

function dueNow(delivery: DeliveryDocument, now_ms: number): DeliveryDocument {
  const { state } = delivery;
  if (state.state === 'retrying') return { ...delivery, state: { ...state, next_at: isoTime(now_ms) } };
  return { ...delivery, state: { state: 'waiting', until: isoTime(now_ms), reason: 'sending' } };
}

/** What was told through channels, or of alerts, that are gone. */
function forget(state: PlanState): void {
  for (const { channel_id, rule_id, alerts } of state.allTold()) {
    const channel = state.input.channels.find(({ id }) => id === channel_id);
    for (const [id, { at_ms }] of Object.entries(alerts)) {
      const alert = state.alerts.get(id);
      const isOver =
        alert === undefined ? isOld(at_ms, state.now_ms) : alert.state.state === 'resolved' && !channel?.usable;
      if (channel === undefined || isOver) state.setEntry(channel_id, { id, rule_id }, undefined);
    }
  }
}

function want(state: PlanState): void {
  const alerts = [...state.alerts.values()].sort(
    (a, b) => a.started_at.localeCompare(b.started_at) || a.id.localeCompare(b.id),
  );
  for (const channel of state.input.channels) {
    if (!channel.usable) continue;
    for (const alert of alerts) {
      if (state.isOnItsWay(channel.id, alert.id)) hurry(state, channel, alert);
      else if (alert.state.state === 'resolved') wantResolved(state, channel, alert);
      else if (alert.state.state === 'firing') wantFiring(state, channel, alert);
    }
  }
}

/** What waits for others is told of at once when it is escalated meanwhile. */
function hurry(state: PlanState, channel: PlanChannel, alert: OpsAlertDetail): void {
  if (alert.escalation <= (state.entry(channel.id, alert)?.escalation ?? 0)) return;
  const isMeant = ({ alert_id, about }: DeliveryItem) =>
    alert_id === alert.id && (about === 'firing' || about === 'repeat');
  const batch = state.batches(channel.id).find(({ work }) => work.items.some(isMeant));
  if (batch === undefined) return;
  const items = batch.work.items.map((item): DeliveryItem => (isMeant(item) ? { ...item, about: 'escalated' } : item));
  const due = dueOf(state, channel.id, alert.rule_id, 'escalated');
  const why = `Step ${alert.escalation} of the escalation of “${alert.rule_name}” was taken: it is told of at once.`;
  state.put(state.withItems(withWhy({ ...batch, state: due }, why), items));
}

function wantResolved(state: PlanState, channel: PlanChannel, alert: OpsAlertDetail): void {
  const entry = state.entry(channel.id, alert);
  if (entry === undefined) return;
  const isThere = entry.state === 'told' || (entry.state === 'failed' && channel.keeps_alerts);
  if (isThere && channel.draft.send_resolved) {
    if (hasJustFailed(state, entry) && (entry.failed_ms ?? 0) >= Date.parse(alert.ended_at ?? '')) return;
    add(state, channel, { alert, about: 'resolved', why: ENDED });
  } else state.setEntry(channel.id, alert, undefined);
}

function wantFiring(state: PlanState, channel: PlanChannel, alert: OpsAlertDetail): void {
  if (whyQuiet(alert) !== undefined) return;
  const entry = state.entry(channel.id, alert);
  const why = entry?.named ? `A step of the escalation names “${channel.draft.name}”.` : takes(channel.draft, alert);
  const about = aboutFiring(state, channel, alert, entry);
  if (why !== undefined && about !== undefined) add(state, channel, { alert, about, why });
}

function aboutFiring(
  state: PlanState,
  channel: PlanChannel,
  alert: OpsAlertDetail,
  entry: Entry | undefined,
): DeliveryItem['about'] | undefined {
  if (entry === undefined || entry.state === 'wanted') return firstAbout(alert);
  if (alert.escalation > entry.escalation) return 'escalated';
  if (alert.acknowledged !== null) return undefined;
  if (entry.failed_ms !== undefined && !isToldInstead(state, channel, alert)) {
    if (hasJustFailed(state, entry)) return undefined;
    return entry.state === 'told' ? 'repeat' : firstAbout(alert);
  }
  const { repeat_ms } = state.input.timing;
  // One that lies far ahead was noted before the clock was set back.
  return repeat_ms > 0 && Math.abs(state.now_ms - entry.at_ms) >= repeat_ms ? 'repeat' : undefined;
}

const firstAbout = ({ escalation }: OpsAlertDetail): DeliveryItem['about'] => (escalation > 0 ? 'escalated' : 'firing');

const hasJustFailed = ({ now_ms }: PlanState, { failed_ms }: Entry): boolean =>
  failed_ms !== undefined && Math.abs(now_ms - failed_ms) < ANEW_MS;

/** Whether a channel that takes the place of this one has told all there is. */
function isToldInstead(state: PlanState, { id, draft }: PlanChannel, alert: OpsAlertDetail): boolean {
  const seen = new Set([id]);
  for (let next = draft.fallback; next !== null && !seen.has(next); ) {
    const entry = state.entry(next, alert);
    if (entry?.state === 'told' && entry.escalation >= alert.escalation) return true;
    if (state.isOnItsWay(next, alert.id)) return true;
    seen.add(next);
    next = state.input.channels.find((one) => one.id === next)?.draft.fallback ?? null;
  }
  return false;
}

function whyQuiet(alert: OpsAlertDetail): string | undefined {
  if (!alert.notify) return UNSENT_RULE;
  if (alert.silenced_by !== null) return SILENCED;
  if (alert.inhibited_by !== null) return INHIBITED;
  return undefined;
}

interface Wanted {
  alert: OpsAlertDetail;
  about: DeliveryItem['about'];
  /** Why this channel. */
  why: string;
}

/** Into the message of the rule that waits, or into a new one. */
function add(state: PlanState, channel: PlanChannel, { alert, about, why }: Wanted): void {
  const { rule_id } = alert;
  const waiting = state
    .batches(channel.id)
    .find(({ work }) => work.rule_id === rule_id && work.items.length < MOST_ITEMS);
  const delivery = waiting ?? state.create(channel, { rule_id }, dueOf(state, channel.id, rule_id, about));
  const items: DeliveryItem[] = [...delivery.work.items, { alert_id: alert.id, about }];
  const isAtOnce = about === 'escalated' && delivery.state.state === 'waiting';
  const due = isAtOnce ? dueOf(state, channel.id, rule_id, about) : delivery.state;
  state.put(state.withItems(withWhy({ ...delivery, state: due }, ...routingWhy(alert, about, why)), items));
}

/** Others are waited for with what is new; what goes on after a message waits until that is some time past. */
function dueOf(
  state: PlanState,
  channel_id: string,
  rule_id: string,
  about: DeliveryItem['about'],
): DeliveryDocument['state'] {
  const { now_ms } = state;
  const { group_wait_ms, group_interval_ms } = state.input.timing;
  if (about === 'escalated') return { state: 'waiting', until: isoTime(now_ms), reason: 'group_wait' };
  const last_ms = state.lastSent(channel_id, rule_id);
  const apart_ms = last_ms !== null && last_ms <= now_ms ? last_ms + group_interval_ms : now_ms;
  const gathered_ms = about === 'firing' ? now_ms + group_wait_ms : now_ms;
  return {
    state: 'waiting',
    until: isoTime(Math.max(apart_ms, gathered_ms)),
    reason: apart_ms > gathered_ms ? 'group_interval' : 'group_wait',
  };
}

/** What an alert's timeline tells, once, of why nobody hears of it. */
function noteUnsaid(state: PlanState): void {
  for (const alert of state.alerts.values()) {
    if (alert.state.state !== 'firing' || isTold(state, alert)) continue;
    const text = whyQuiet(alert) ?? NO_CHANNEL;
    if (!alert.timeline.some((entry) => entry.kind === 'not_notified' && entry.text === text)) {
      state.unsaid.push({ alert_id: alert.id, text });
    }
  }
}

const isTold = (state: PlanState, alert: OpsAlertDetail): boolean =>
  state.input.channels.some(({ id }) => state.isOnItsWay(id, alert.id) || state.entry(id, alert) !== undefined);
