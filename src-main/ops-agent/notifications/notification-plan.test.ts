import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opsChannelDraft } from '../../../src-contract/index.ts';
import { alertSample, idOf, SampleBook, START_MS } from '../../../tests/support/ops-alert-samples.ts';
import { isoTime } from '../../clock.ts';
import type { DeliveryDocument, DeliveryItem, ToldDocument } from '../records/documents.ts';
import { isOpen } from './delivery.ts';
import { type Attempt, outcomeOf } from './delivery-outcome.ts';
import { plan } from './notification-plan.ts';
import { type PlanChannel, toldKey } from './plan-state.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3600_000;
const TIMING = { group_wait_ms: 30_000, group_interval_ms: 5 * MINUTE_MS, repeat_ms: 4 * HOUR_MS };
const FAILED = { ok: false, duration_ms: 1, error: 'no', is_lasting: false, retry_after_ms: null } as const;

interface Sent {
  at_ms: number;
  channel: string;
  items: DeliveryItem[];
  /** Of each item, how often its alert had been escalated. */
  escalations: number[];
}

const channel = (id: string, given: Record<string, unknown> = {}): PlanChannel => ({
  id,
  kind: 'webhook',
  usable: true,
  keeps_alerts: false,
  draft: opsChannelDraft.parse({ name: id, target: { kind: 'webhook', preset: 'archon' }, ...given }),
});

/** The notifier without its stores: what is kept is copied at every step, as a process that starts again would read it. */
class World {
  now_ms = START_MS;
  readonly book = new SampleBook(() => this.now_ms);
  readonly sent: Sent[] = [];
  channels: PlanChannel[];
  deliveries = new Map<string, DeliveryDocument>();
  told = new Map<string, ToldDocument>();
  begun = new Map<string, number[]>();
  attempt: (delivery: DeliveryDocument) => Attempt = () => ({ ok: true, duration_ms: 1 });
  #id = 0;

  constructor(...channels: PlanChannel[]) {
    this.channels = channels;
  }

  get all(): DeliveryDocument[] {
    return [...this.deliveries.values()];
  }

  pass(ms: number): void {
    this.now_ms += ms;
    this.step();
  }

  /** Every half minute for so long. */
  live(ms: number): void {
    for (let left = ms; left > 0; left -= 30_000) this.pass(30_000);
  }

  step(): void {
    const open = structuredClone(this.all.filter(isOpen));
    const input = {
      now_ms: this.now_ms,
      alerts: this.#alerts(),
      channels: this.channels,
      timing: TIMING,
      open,
      busy: new Set<string>(),
      told: structuredClone([...this.told.values()]),
      begun: structuredClone(this.begun),
    };
    const from = this.#id;
    const done = plan({ ...input, newId: () => this.#newId() });
    this.#id = from;
    expect(plan({ ...input, newId: () => this.#newId() })).toEqual(done);
    for (const delivery of done.deliveries) this.deliveries.set(delivery.id, delivery);
    for (const one of done.told) this.told.set(toldKey(one.channel_id, one.rule_id), one);
    for (const [id, times] of done.begun) this.begun.set(id, times);
    for (const { alert_id, text } of done.unsaid) {
      this.book.tell('', alert_id, { kind: 'not_notified', text, by: null, ref: null });
    }
    for (const id of done.send) this.#send(id);
  }

  #alerts() {
    const ids = new Set([
      ...this.book.active('').map(({ id }) => id),
      ...this.all.filter(isOpen).flatMap(({ work }) => work.items.map(({ alert_id }) => alert_id)),
      ...[...this.told.values()].flatMap(({ alerts }) => Object.keys(alerts)),
    ]);
    return [...ids].flatMap((id) => this.book.get('', id) ?? []);
  }

  #send(id: string): void {
    const found = this.deliveries.get(id);
    if (found === undefined) throw new Error('sends what there is not');
    const delivery = { ...found, work: { ...found.work, attempts: found.work.attempts + 1 } };
    const attempt = this.attempt(delivery);
    const alerts = new Map(this.#alerts().map((alert) => [alert.id, alert]));
    if (attempt.ok) {
      const { items } = delivery.work;
      const escalations = items.map(({ alert_id }) => alerts.get(alert_id)?.escalation ?? 0);
      this.sent.push({ at_ms: this.now_ms, channel: delivery.channel_id, items, escalations });
    }
    const outcome = outcomeOf(delivery, attempt, {
      now_ms: this.now_ms,
      random: 0.5,
      channels: this.channels,
      alerts,
      entry: (channel_id, alert) => this.told.get(toldKey(channel_id, alert.rule_id))?.alerts[alert.id],
      isOnItsWay: (channel_id, alert_id) =>
        this.all.some((one) => isOpen(one) && one.channel_id === channel_id && one.alert_ids.includes(alert_id)),
      repeat_ms: TIMING.repeat_ms,
      newId: () => this.#newId(),
    });
    this.deliveries.set(id, outcome.delivery);
    if (outcome.instead) this.deliveries.set(outcome.instead.id, outcome.instead);
    for (const { alert, entry } of outcome.told) {
      const key = toldKey(delivery.channel_id, alert.rule_id);
      const before = this.told.get(key) ?? {
        channel_id: delivery.channel_id,
        rule_id: alert.rule_id,
        last_sent_ms: null,
        alerts: {},
      };
      const { [alert.id]: _old, ...others } = before.alerts;
      this.told.set(key, { ...before, alerts: entry ? { ...others, [alert.id]: entry } : others });
    }
  }

  #newId(): string {
    this.#id += 1;
    return `d${String(this.#id).padStart(6, '0')}`;
  }
}

const about = (world: World) => world.sent.map(({ items }) => items.map((item) => item.about).join());

describe('telling people', () => {
  it('waits for others of the rule and tells of them together', () => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.step();
    world.book.set(alertSample(2));
    world.pass(10_000);
    world.book.set(alertSample(3, { rule_id: 'api-slow' }));
    world.live(2 * MINUTE_MS);
    expect(world.sent.map(({ items }) => items.length)).toEqual([2, 1]);
    expect(world.all[0]).toMatchObject({ state: { state: 'sent' }, about: 'firing', severity: 'high' });
    expect(world.all[0]?.why.join('\n')).toMatch(/“Disk in use”.*\n.*limit is 85.*\n.*No silence.*\n“a” takes alerts/);
  });

  it('tells of nothing that is resolved before it is sent, and says so', () => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.step();
    world.now_ms += 20_000;
    world.book.resolve(idOf(1));
    world.live(HOUR_MS);
    expect(world.sent).toEqual([]);
    expect(world.all.map(({ state }) => state)).toMatchObject([{ state: 'dropped', reason: /Resolved before/ }]);
    expect(world.book.get('', idOf(1))?.timeline).toMatchObject([{ kind: 'not_notified', text: /“a”: Resolved/ }]);
  });

  it('tells of what clears at the end of the wait only when it fires again', () => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.step();
    const since = isoTime(START_MS);
    world.book.change(idOf(1), { state: { state: 'clearing', since, clear_since: since } });
    world.live(2 * MINUTE_MS);
    expect(world.sent).toEqual([]);
    world.book.change(idOf(1), { state: { state: 'firing', since } });
    world.live(2 * MINUTE_MS);
    expect(about(world)).toEqual(['firing']);
  });

  it('says once that it is over, after a pause, and only where it was told', () => {
    const world = new World(
      channel('a'),
      channel('b', { min_severity: 'critical' }),
      channel('c', { send_resolved: false }),
    );
    world.book.set(alertSample(1));
    world.live(MINUTE_MS);
    world.book.resolve(idOf(1));
    world.live(MINUTE_MS);
    expect(about(world)).toEqual(['firing', 'firing']);
    world.live(HOUR_MS);
    expect(world.sent.map((one) => [one.channel, one.items[0]?.about])).toEqual([
      ['a', 'firing'],
      ['c', 'firing'],
      ['a', 'resolved'],
    ]);
  });

  it('tells again after the hours that are set, until somebody acknowledges it', () => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.live(9 * HOUR_MS);
    expect(about(world)).toEqual(['firing', 'repeat', 'repeat']);
    world.book.change(idOf(1), { acknowledged: { by: 'ana', at: isoTime(world.now_ms), note: null } });
    world.live(9 * HOUR_MS);
    expect(about(world)).toEqual(['firing', 'repeat', 'repeat']);
    world.book.resolve(idOf(1));
    world.live(HOUR_MS);
    expect(about(world).at(-1)).toBe('resolved');
  });

  it('tells at once of what is escalated, also through channels that take it only now or that the step names', () => {
    const world = new World(
      channel('a'),
      channel('b', { min_severity: 'critical' }),
      channel('c', { matchers: [{ label: 'rule', value: 'x' }] }),
    );
    world.book.set(alertSample(1));
    world.live(MINUTE_MS);
    world.book.change(idOf(1), { escalation: 1, severity: 'critical' });
    const named = { state: 'wanted', at_ms: world.now_ms, escalation: 0, named: true } as const;
    world.told.set(toldKey('c', 'disk-full'), {
      channel_id: 'c',
      rule_id: 'disk-full',
      last_sent_ms: null,
      alerts: { [idOf(1)]: named },
    });
    world.step();
    expect(world.sent.slice(1).map((one) => [one.channel, one.items[0]?.about])).toEqual([
      ['a', 'escalated'],
      ['b', 'escalated'],
      ['c', 'escalated'],
    ]);
    world.live(HOUR_MS);
    expect(world.sent).toHaveLength(4);
  });

  it.each([
    [{ silenced_by: idOf(99) }, /a silence/],
    [{ inhibited_by: idOf(99) }, /consequence/],
    [{ notify: false }, /its rule/],
    [{ severity: 'low' as const }, /no channel/],
  ])('tells nobody of %o, and says why once', (given, why) => {
    const world = new World(channel('a', { min_severity: 'medium' }));
    world.book.set(alertSample(1, given));
    world.live(HOUR_MS);
    expect(world.sent).toEqual([]);
    expect(world.book.get('', idOf(1))?.timeline).toMatchObject([{ kind: 'not_notified', text: why }]);
    world.book.change(idOf(1), { silenced_by: null, inhibited_by: null, notify: true, severity: 'high' });
    world.live(MINUTE_MS);
    expect(about(world)).toEqual(['firing']);
  });

  it('holds what comes up in quiet hours and tells of what still fires together; critical ones pass', () => {
    const quiet_hours = { from: '12:00', to: '13:00', time_zone: 'UTC' };
    const world = new World(channel('a', { quiet_hours }));
    world.book.set(alertSample(1));
    world.book.set(alertSample(2, { rule_id: 'api-slow' }));
    world.book.set(alertSample(3, { rule_id: 'worker-late' }));
    world.book.set(alertSample(4, { severity: 'critical' }));
    world.live(5 * MINUTE_MS);
    expect(world.sent.map(({ items }) => items)).toEqual([[{ alert_id: idOf(4), about: 'firing' }]]);
    world.book.resolve(idOf(3));
    world.live(HOUR_MS);
    expect(world.sent.map(({ items }) => items.map(({ alert_id }) => alert_id).sort())).toEqual([
      [idOf(4)],
      [idOf(1), idOf(2)],
    ]);
    expect(world.sent[1]?.at_ms).toBe(START_MS + HOUR_MS);
    expect(world.all.find(({ alert_ids }) => alert_ids.length === 2)?.why).toContainEqual(
      'It was held in the quiet hours of the channel.',
    );
  });

  it('tells at once of what is escalated while it waits for others, or is held in quiet hours', () => {
    const quiet_hours = { from: '12:00', to: '13:00', time_zone: 'UTC' };
    const world = new World(channel('a'), channel('b', { quiet_hours }));
    world.book.set(alertSample(1));
    world.pass(10_000);
    world.book.change(idOf(1), { escalation: 1 });
    world.pass(1000);
    expect(world.sent.map((one) => [one.channel, one.items[0]?.about])).toEqual([['a', 'escalated']]);
    world.live(5 * MINUTE_MS);
    world.book.change(idOf(1), { escalation: 2, severity: 'critical' });
    world.pass(1000);
    expect(world.sent.map((one) => [one.channel, one.items[0]?.about]).sort()).toEqual([
      ['a', 'escalated'],
      ['a', 'escalated'],
      ['b', 'escalated'],
    ]);
  });

  it('holds all in quiet hours where nothing passes', () => {
    const quiet_hours = { from: '23:00', to: '13:00', time_zone: 'UTC', except_critical: false };
    const world = new World(channel('a', { quiet_hours }));
    world.book.set(alertSample(4, { severity: 'critical' }));
    world.live(50 * MINUTE_MS);
    expect(world.sent).toEqual([]);
  });

  it('sends no more than the channel allows in an hour, and the rest together', () => {
    const world = new World(channel('a', { most_per_hour: 2 }));
    for (let number = 1; number <= 6; number += 1) world.book.set(alertSample(number, { rule_id: `r${number}` }));
    world.live(2 * MINUTE_MS);
    expect(world.sent.map(({ items }) => items.length)).toEqual([1, 1]);
    expect(world.all.filter(isOpen)).toMatchObject([{ state: { state: 'waiting', reason: 'rate_limit' } }]);
    world.live(HOUR_MS);
    expect(world.sent.map(({ items }) => items.length)).toEqual([1, 1, 4]);
  });

  it('tries five times, then the channel that is to take its place, and does not go round', () => {
    const world = new World(channel('a', { fallback: 'b' }), channel('b', { fallback: 'a', min_severity: 'critical' }));
    world.attempt = () => FAILED;
    world.book.set(alertSample(1));
    world.live(HOUR_MS);
    const failed = world.all.filter(({ state }) => state.state === 'failed');
    expect(failed.map(({ channel_id, work }) => [channel_id, work.attempts])).toEqual([
      ['a', 5],
      ['b', 5],
    ]);
    expect(failed[0]?.state).toMatchObject({ fallback: failed[1]?.id });
    expect(failed[1]?.state).toMatchObject({ fallback: null });
    expect(failed[1]?.why.at(-1)).toBe('“b”, attempt 5: no');
  });

  it('tells anew of what could be told through no channel, as soon as one is back, and once', () => {
    const world = new World(channel('a', { fallback: 'b' }), channel('b', { min_severity: 'critical' }));
    world.attempt = () => FAILED;
    world.book.set(alertSample(1));
    world.live(3 * HOUR_MS);
    world.attempt = () => ({ ok: true, duration_ms: 1 });
    world.live(HOUR_MS);
    expect(world.sent.map((one) => one.items[0]?.about)).toEqual(['firing']);
    world.live(2 * HOUR_MS);
    expect(world.sent).toHaveLength(1);
  });

  it('does not try anew through a channel what the one in its place has told, nor what somebody is at', () => {
    const world = new World(channel('a', { fallback: 'b' }), channel('b', { min_severity: 'critical' }), channel('c'));
    world.attempt = (one) => (one.channel_id === 'b' ? { ok: true, duration_ms: 1 } : { ...FAILED, is_lasting: true });
    world.book.set(alertSample(1));
    world.live(10 * MINUTE_MS);
    world.book.change(idOf(1), { acknowledged: { by: 'ana', at: isoTime(world.now_ms), note: null } });
    world.live(3 * HOUR_MS);
    expect(world.all.map(({ channel_id }) => channel_id).sort()).toEqual(['a', 'b', 'c']);
  });

  it('tells of an end anew that could not be told, for a day', () => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.live(MINUTE_MS);
    world.attempt = () => FAILED;
    world.book.resolve(idOf(1));
    world.live(2 * HOUR_MS);
    world.attempt = () => ({ ok: true, duration_ms: 1 });
    world.live(HOUR_MS);
    expect(about(world)).toEqual(['firing', 'resolved']);
    world.book.set(alertSample(2));
    world.live(10 * MINUTE_MS);
    world.attempt = () => FAILED;
    world.book.resolve(idOf(2));
    world.live(26 * HOUR_MS);
    world.attempt = () => ({ ok: true, duration_ms: 1 });
    world.live(4 * HOUR_MS);
    expect(about(world)).toEqual(['firing', 'resolved', 'firing']);
  });

  it('ends at a system that keeps alerts what may have come through, and elsewhere only what was told', () => {
    const world = new World({ ...channel('a'), keeps_alerts: true }, channel('b'));
    world.attempt = () => FAILED;
    world.book.set(alertSample(1));
    world.live(MINUTE_MS);
    world.book.resolve(idOf(1));
    world.attempt = () => ({ ok: true, duration_ms: 1 });
    world.live(HOUR_MS);
    expect(world.sent.map((one) => [one.channel, one.items[0]?.about])).toEqual([['a', 'resolved']]);
  });

  it('holds no more in one message than it can tell of', () => {
    const world = new World(channel('a', { most_per_hour: 1 }));
    for (let number = 0; number < 501; number += 1) {
      world.book.set(alertSample(number, { rule_id: `r${number % 10}` }));
    }
    world.live(4 * HOUR_MS - 5 * MINUTE_MS);
    expect(world.sent.map(({ items }) => items.length)).toEqual([51, 200, 200, 50]);
  });

  it('tells through the fallback that it is over, when it was told there', () => {
    const world = new World(channel('a', { fallback: 'b' }), channel('b', { min_severity: 'critical' }));
    world.attempt = ({ channel_id }) =>
      channel_id === 'a' ? { ...FAILED, is_lasting: true } : { ok: true, duration_ms: 1 };
    world.book.set(alertSample(1));
    world.live(10 * MINUTE_MS);
    world.book.resolve(idOf(1));
    world.live(HOUR_MS);
    expect(world.sent.map((one) => [one.channel, one.items[0]?.about])).toEqual([
      ['b', 'firing'],
      ['b', 'resolved'],
    ]);
  });

  it('drops what waits for a channel that is switched off or removed', () => {
    const world = new World(channel('a'), channel('b'));
    world.book.set(alertSample(1));
    world.step();
    world.channels = [{ ...channel('a'), usable: false }];
    world.live(HOUR_MS);
    expect(world.sent).toEqual([]);
    expect(world.all.map(({ state }) => state)).toMatchObject([
      { reason: 'The channel is switched off.' },
      { reason: 'The channel was removed.' },
    ]);
  });

  it('tells of nothing anew when alerts cannot be read for a while', () => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.live(MINUTE_MS);
    world.book.set(alertSample(2));
    world.step();
    world.book.isReadable = false;
    world.live(HOUR_MS);
    world.book.isReadable = true;
    world.live(10 * MINUTE_MS);
    expect(world.sent.map(({ items }) => items)).toEqual([
      [{ alert_id: idOf(1), about: 'firing' }],
      [{ alert_id: idOf(2), about: 'firing' }],
    ]);
  });

  it.each([2, 40 * 24])('lets nothing wait for longer when the clock is set back by %i hours', (hours) => {
    const world = new World(channel('a'));
    world.book.set(alertSample(1));
    world.step();
    world.now_ms -= hours * HOUR_MS;
    world.live(MINUTE_MS);
    expect(about(world)).toEqual(['firing']);
  });
});

describe('whatever happens', () => {
  const ALERTS = 5;
  const step = fc.record({
    ms: fc.constantFrom(1000, 20_000, 30_000, 60_000, 5 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS),
    alert: fc.nat(ALERTS - 1),
    what: fc.constantFrom(
      'nothing',
      'fire',
      'fire',
      'resolve',
      'clear',
      'again',
      'silence',
      'unsilence',
      'acknowledge',
      'escalate',
    ),
    fails: fc.boolean(),
  });
  const settings = fc.record({
    most_per_hour: fc.constantFrom(1, 2, 60),
    send_resolved: fc.boolean(),
    quiet: fc.boolean(),
  });

  /** A slot holds one alert after the other: one that is resolved is followed by a new one. */
  function run(
    given: { most_per_hour: number; send_resolved: boolean; quiet: boolean },
    steps: Step[],
    fails: boolean,
  ) {
    const quiet_hours = given.quiet ? { from: '22:00', to: '06:00', time_zone: 'Europe/Berlin' } : null;
    const world = new World(
      channel('a', {
        most_per_hour: given.most_per_hour,
        send_resolved: given.send_resolved,
        quiet_hours,
        fallback: 'b',
      }),
      channel('b', { min_severity: 'critical' }),
    );
    const slots = Array.from({ length: ALERTS }, (_, slot) => slot * 1000);
    for (const one of steps) {
      world.attempt = () => (fails && one.fails ? FAILED : { ok: true, duration_ms: 1 });
      change(world, slots, one);
      world.pass(one.ms);
    }
    world.attempt = () => ({ ok: true, duration_ms: 1 });
    for (const { id } of world.book.active('')) world.book.resolve(id);
    for (let hour = 0; hour < 40; hour += 1) world.pass(HOUR_MS);
    return world;
  }
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function change(world: World, slots: number[], { alert: slot, what }: Step): void {
    const number = slots[slot] ?? 0;
    const id = idOf(number);
    const found = world.book.get('', id);
    const since = isoTime(world.now_ms);
    const isActive = found !== undefined && found.state.state !== 'resolved';
    if (what === 'fire' && !isActive) {
      const next = found === undefined ? number : number + 1;
      slots[slot] = next;
      const severity = slot === 0 ? 'critical' : 'high';
      const rule_id = `rule-${slot % 3}`;
      world.book.set(alertSample(next, { rule_id, severity, started_at: since, state: { state: 'firing', since } }));
    }
    if (!isActive) return;
    if (what === 'resolve') world.book.resolve(id);
    if (what === 'clear') world.book.change(id, { state: { state: 'clearing', since, clear_since: since } });
    if (what === 'again') world.book.change(id, { state: { state: 'firing', since } });
    if (what === 'silence') world.book.change(id, { silenced_by: idOf(999) });
    if (what === 'unsilence') world.book.change(id, { silenced_by: null });
    if (what === 'acknowledge') world.book.change(id, { acknowledged: { by: 'ana', at: since, note: null } });
    if (what === 'escalate') world.book.change(id, { escalation: found.escalation + 1, severity: 'critical' });
  }

  function messagesOf(world: World) {
    return world.sent.flatMap(({ at_ms, channel: through, items, escalations }) =>
      items.map((item, index) => ({
        ...item,
        at_ms,
        key: `${through} ${item.alert_id}`,
        escalation: escalations[index] ?? 0,
      })),
    );
  }

  function expectHonest(world: World): void {
    const messages = messagesOf(world);
    for (const key of new Set(messages.map((one) => one.key))) {
      const told = messages.filter((one) => one.key === key);
      const firing = told.filter((one) => one.about !== 'resolved');
      for (const [index, one] of firing.entries()) {
        const before = firing[index - 1];
        const isNews = before === undefined || one.escalation > before.escalation;
        expect(isNews || one.at_ms - before.at_ms >= TIMING.repeat_ms).toBe(true);
        // Resolved alerts never fire again: nothing is told of one after its end.
        const alert = world.book.get('', one.alert_id);
        expect(one.at_ms <= Date.parse(alert?.ended_at ?? '')).toBe(true);
      }
      const resolved = told.filter((one) => one.about === 'resolved');
      expect(resolved.length).toBeLessThanOrEqual(1);
      expect(resolved.every((one) => told.at(-1) === one)).toBe(true);
    }
    for (const { id, draft } of world.channels) {
      const times = [...world.deliveries.values()].length === 0 ? [] : world.sent.filter((one) => one.channel === id);
      for (const { at_ms } of times) {
        const within = times.filter((one) => one.at_ms > at_ms - HOUR_MS && one.at_ms <= at_ms);
        expect(within.length).toBeLessThanOrEqual(draft.most_per_hour);
      }
    }
    expect(world.all.filter(isOpen)).toEqual([]);
  }

  it('nothing is told twice, too often, or of what is over; and every end is told once', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 60 }), (given, steps) => {
        const world = run(given, steps, false);
        expectHonest(world);
        const messages = messagesOf(world);
        const of_a = messages.filter(({ key }) => key.startsWith('a '));
        const told = new Set(of_a.filter((one) => one.about !== 'resolved').map((one) => one.alert_id));
        const ended = of_a.filter((one) => one.about === 'resolved').map((one) => one.alert_id);
        expect([...ended].sort()).toEqual(given.send_resolved ? [...told].sort() : []);
      }),
      { numRuns: 150 },
    );
  });

  it('the same holds where attempts fail', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 60 }), (given, steps) => {
        // What is tried again counts for the hour in which it was handed over first.
        expectHonest(run({ ...given, most_per_hour: 60 }, steps, true));
      }),
      { numRuns: 100 },
    );
  });
});
