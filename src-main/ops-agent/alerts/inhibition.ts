/**
 * Which alerts are consequences of others: those are shown as such and not sent. By what they are about, so that rules of
 * persons are among them too. No two are each other's cause.
 */
import type { OpsAlertDetail, OpsLabels, OpsSignalName } from '../../../src-contract/index.ts';
import { matchesLabels } from './matchers.ts';

/** Alerts about a signal; with these labels, where they are given. */
interface About {
  signal: OpsSignalName;
  labels?: OpsLabels;
}

interface InhibitionRule {
  causes: readonly About[];
  consequences: readonly About[];
}

const component = (name: string): About => ({ signal: 'component_status', labels: { component: name } });
const breaker = (name: string): About => ({ signal: 'breaker_open_seconds', labels: { breaker: name } });
const monitor = (name: string): About => ({ signal: 'monitor_failed', labels: { monitor: name } });

export const INHIBITIONS: readonly InhibitionRule[] = [
  {
    // Without the database nothing is delivered and nothing runs, and what would tell of it is not known.
    causes: [component('database'), breaker('postgres')],
    consequences: [
      component('event_log'),
      component('delivery'),
      component('workers'),
      component('session_outbox'),
      component('breakers'),
      { signal: 'dead_letters' },
      { signal: 'dead_letters_of_subscriber' },
      { signal: 'dead_letters_age_seconds' },
      { signal: 'event_lag_seconds' },
      { signal: 'session_outbox_lag_seconds' },
      { signal: 'worker_overdue_seconds' },
      { signal: 'worker_crashes_per_hour' },
      { signal: 'worker_failures_in_a_row' },
      { signal: 'worker_nodes_lost' },
      { signal: 'api_latency_p95_ms' },
      { signal: 'api_error_percent' },
      { signal: 'events_per_minute' },
      monitor('dlq'),
      monitor('worker'),
    ],
  },
  {
    // The breaker names the service, and what it failed with; it is what is mended.
    causes: [breaker('postgres')],
    consequences: [component('database')],
  },
  {
    causes: [breaker('redis')],
    consequences: [component('sessions'), component('session_outbox'), { signal: 'session_outbox_lag_seconds' }],
  },
  {
    causes: [component('sessions')],
    consequences: [component('session_outbox'), { signal: 'session_outbox_lag_seconds' }],
  },
  {
    causes: [component('database'), component('sessions'), breaker('postgres'), breaker('redis')],
    consequences: [{ signal: 'journal_growth' }, { signal: 'journal_writes' }],
  },
  {
    // One breaker says more than that there is one.
    causes: [{ signal: 'breaker_open_seconds' }],
    consequences: [component('breakers')],
  },
  {
    causes: [component('delivery')],
    consequences: [{ signal: 'event_lag_seconds' }],
  },
  {
    causes: [component('workers')],
    consequences: [{ signal: 'worker_overdue_seconds' }],
  },
  {
    causes: [{ signal: 'disk_percent' }],
    consequences: [component('data_folder'), { signal: 'data_folder_bytes' }, { signal: 'backup_age_seconds' }],
  },
];

type Candidate = Pick<OpsAlertDetail, 'id' | 'signal' | 'labels' | 'notify' | 'state'>;

/** Whether an alert is so that it can be the cause of others: it fires, and somebody is told of it. */
export const canInhibit = ({ notify, state }: Pick<Candidate, 'notify' | 'state'>): boolean =>
  notify && (state.state === 'firing' || state.state === 'clearing');

export const inhibits = (cause: Candidate, consequence: Candidate): boolean =>
  cause.id !== consequence.id &&
  sameNode(cause.labels, consequence.labels) &&
  placesOf(cause, 'causes').some((place) => placesOf(consequence, 'consequences').includes(place));

/**
 * The cause of each that has one, by id. Where there are several, one that is nobody's consequence is named: it is what
 * a person must look at.
 */
export function causesOf(alerts: readonly Candidate[]): Map<string, string> {
  const byPlace = new Map<number, Candidate[]>();
  for (const alert of alerts) {
    if (!canInhibit(alert)) continue;
    for (const place of placesOf(alert, 'causes')) pushTo(byPlace, place, alert);
  }
  const found = new Map<string, string[]>();
  for (const alert of alerts) {
    const causes = placesOf(alert, 'consequences')
      .flatMap((place) => byPlace.get(place) ?? [])
      .filter((cause) => cause.id !== alert.id && sameNode(cause.labels, alert.labels));
    if (causes.length > 0)
      found.set(
        alert.id,
        causes.map(({ id }) => id),
      );
  }
  const named = new Map<string, string>();
  for (const [id, causes] of found) {
    const cause = causes.find((one) => !found.has(one)) ?? causes[0];
    if (cause !== undefined) named.set(id, cause);
  }
  return named;
}

function pushTo(groups: Map<number, Candidate[]>, place: number, alert: Candidate): void {
  const group = groups.get(place);
  if (group) group.push(alert);
  else groups.set(place, [alert]);
}

/** Places of the rules that name a signal, on one side: of most signals there are none. */
const NAMED = { causes: placesBySignal('causes'), consequences: placesBySignal('consequences') };

function placesBySignal(side: keyof InhibitionRule): ReadonlyMap<OpsSignalName, readonly number[]> {
  const places = new Map<OpsSignalName, number[]>();
  for (const [place, rule] of INHIBITIONS.entries()) {
    for (const signal of new Set(rule[side].map((about) => about.signal))) {
      places.set(signal, [...(places.get(signal) ?? []), place]);
    }
  }
  return places;
}

/** Places of the rules that an alert is named in, on one side. */
const placesOf = (alert: Candidate, side: keyof InhibitionRule): number[] =>
  (NAMED[side].get(alert.signal) ?? []).filter((place) =>
    INHIBITIONS[place]?.[side].some((about) => isAbout(alert, about)),
  );

const isAbout = (alert: Candidate, { signal, labels }: About): boolean =>
  alert.signal === signal && (labels === undefined || matchesLabels(labels, alert.labels));

/** What one node sees is not the cause of what another does. */
const sameNode = (one: OpsLabels, other: OpsLabels): boolean =>
  one.node === undefined || other.node === undefined || one.node === other.node;
