/** What is wrong now, each once, the worst first: read out of health, breakers and the journal. Pure. */
import type {
  Breaker,
  ComponentHealth,
  DeepHealth,
  EventType,
  JournaledStore,
  JournalStatus,
} from '../../../../../src-contract/index.ts';
import { plural } from '../../../../ui/format.ts';
import { breakerOf, breakerTitle, type ComponentName, componentTitle } from './service-words.ts';

export interface HealthFacts {
  health: DeepHealth;
  /** Undefined while they are not known. */
  breakers: readonly Breaker[] | undefined;
  journal: JournalStatus | undefined;
}

/** Where on the page it is explained. */
export type AlertPlace =
  | { kind: 'component'; component: ComponentName }
  | { kind: 'breaker'; breaker: string }
  | { kind: 'refused' }
  | { kind: 'queues' };

export interface Alert {
  /** The same as long as it is the same trouble, whatever becomes of its figures. */
  key: string;
  severity: 'bad' | 'warn';
  /** `Redis`, `2 refused writes`. */
  subject: string;
  isMany: boolean;
  /** `away`, `degraded`: what follows "is", "was" and "has been". */
  state: string;
  since: string | undefined;
  /** What it means for whoever uses Archon, as parts of a sentence. */
  effects: readonly string[];
  /** As the engine says it. */
  error: string | undefined;
  advice: string | undefined;
  place: AlertPlace;
  /** What in the log of events tells of it. */
  events: readonly EventType[];
}

/** How full the journal is when that is worth a word, and when hardly anything goes in. */
const FULL = { warn: 0.8, bad: 0.95 } as const;

const REFUSED = 'journal:refused';
const FULL_JOURNAL = 'journal:full';

/** What cannot be well while these are not: nothing is to be said of it then. */
const NEEDS: Partial<Record<ComponentName, readonly ComponentName[]>> = {
  event_log: ['database'],
  delivery: ['database'],
  session_outbox: ['sessions', 'database'],
  workers: ['database'],
};
/** Whose name is a plural. */
const MANY: ReadonlySet<ComponentName> = new Set(['workers', 'breakers']);
const STORES: Partial<Record<ComponentName, JournaledStore>> = { database: 'database', sessions: 'sessions' };
const MEANS: Partial<Record<ComponentName, string>> = {
  database: 'memories cannot be read, contexts are those from before',
  sessions: 'contexts are without sessions',
};
const EVENTS: Partial<Record<ComponentName, readonly EventType[]>> = {
  delivery: ['event.delivery.dead', 'event.delivery.resolved'],
  session_outbox: ['system.events.dropped'],
  workers: ['worker.run.failed', 'worker.state.changed'],
};
const OF_SERVICES: readonly EventType[] = ['system.breaker.changed', 'system.journal.drained'];

const is = ({ isMany }: Alert): string => (isMany ? 'are' : 'is');

/** `Redis is away`. */
export const alertTitle = (alert: Alert): string => `${alert.subject} ${is(alert)} ${alert.state}`;
/** `Redis was away`. */
export const alertPast = (alert: Alert): string => `${alert.subject} ${alert.isMany ? 'were' : 'was'} ${alert.state}`;
/** That it is no more, and what it was. */
export function alertOver(alert: Alert): string {
  switch (alert.key) {
    case REFUSED:
      return 'No refused writes are left';
    case FULL_JOURNAL:
      return 'The journal has room again';
    default:
      return `It is over: ${alertPast(alert)}`;
  }
}
/** `Redis has been away`. */
export const alertPerfect = (alert: Alert): string =>
  `${alert.subject} ${alert.isMany ? 'have' : 'has'} been ${alert.state}`;

/** @param nameOf what the subscriber of a webhook is called */
export function alertsOf(facts: HealthFacts, nameOf?: (subscriber: string) => string): Alert[] {
  const alerts = [
    ...componentAlerts(facts),
    ...breakerAlerts(facts.breakers ?? [], nameOf),
    ...journalAlerts(facts.journal),
  ];
  return alerts.sort((one, other) => rank(one) - rank(other) || sinceMs(one) - sinceMs(other));
}

/** What is bad before what is not, and the database before everything else that is. */
function rank({ severity, key }: Alert): number {
  if (severity === 'warn') return 2;
  return key === 'component:database' ? 0 : 1;
}

const sinceMs = ({ since }: Alert): number => (since === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(since));

function componentAlerts(facts: HealthFacts): Alert[] {
  const alerts = facts.health.components.flatMap((component) => componentAlert(component, facts));
  return alerts.filter((alert) => !isBehind(alert, alerts));
}

/** Whether it is about what cannot be well while another of these stands: then nobody knows whether it still is. */
export function isBehind({ place }: Alert, alerts: readonly Alert[]): boolean {
  const needs = place.kind === 'component' ? NEEDS[place.component] : undefined;
  return alerts.some(({ place: other }) => other.kind === 'component' && needs?.includes(other.component) === true);
}

function componentAlert(component: ComponentHealth, facts: HealthFacts): Alert[] {
  const { component: name, status, since, detail, advice } = component;
  // Each breaker has its own say, where they are known.
  if (name === 'breakers' && facts.breakers !== undefined) return [];
  const breaker = breakerOf(name, facts.breakers);
  const store = STORES[name];
  const waiting = store && facts.journal?.[store];
  const state = stateOf(component, breaker, waiting?.away_since ?? undefined);
  if (state === undefined) return [];
  const writes = waiting?.waiting ?? 0;
  const means = MEANS[name];
  return [
    {
      key: `component:${name}`,
      severity: state.isBad ? 'bad' : 'warn',
      subject: subjectOf(name, facts.breakers),
      isMany: MANY.has(name) || (name === 'sessions' && breaker === undefined),
      state: state.words,
      since: state.since ?? since,
      effects: [
        ...(means !== undefined && state.isBad ? [means] : []),
        ...(writes > 0 ? [`${plural(writes, 'write')} ${writes === 1 ? 'waits' : 'wait'}`] : []),
      ],
      error: state.error ?? (status === 'healthy' ? undefined : detail),
      advice: state.advice ?? advice ?? undefined,
      place: { kind: 'component', component: name },
      events: EVENTS[name] ?? OF_SERVICES,
    },
  ];
}

interface TroubleState {
  words: string;
  isBad: boolean;
  since?: string;
  error?: string;
  advice?: string;
}

/** What is wrong with a component, its breaker and the journal before it, together: it is one trouble. */
function stateOf(
  { component, status }: ComponentHealth,
  breaker: Breaker | undefined,
  away_since: string | undefined,
): TroubleState | undefined {
  const tripped = breaker && trippedState(breaker);
  if (breaker?.state.state === 'isolated') return tripped;
  if (status === 'unhealthy') return { words: breaker ? 'away' : 'out of order', isBad: true };
  if (status === 'degraded') return { words: component === 'workers' ? 'in trouble' : 'degraded', isBad: false };
  if (tripped !== undefined) return tripped;
  if (away_since === undefined) return undefined;
  return { words: 'taking no writes', isBad: false, since: away_since, advice: STUCK };
}

const STUCK =
  'See that its disk has room and that it is not a standby; what waits is brought as soon as it takes writes.';

function trippedState({ state }: Breaker): TroubleState | undefined {
  switch (state.state) {
    case 'closed':
      return undefined;
    case 'half_open':
      return { words: 'being tried again', isBad: false, since: state.since };
    case 'open':
      return { words: 'shut off by its breaker', isBad: true, since: state.since, error: state.error };
    case 'isolated':
      return {
        words: 'isolated by a person',
        isBad: true,
        since: state.since,
        error: `${state.by}: ${state.reason}`,
        advice: 'Release its breaker when it is to be used again.',
      };
  }
}

function subjectOf(name: ComponentName, breakers: readonly Breaker[] | undefined): string {
  const title = componentTitle(name, breakers);
  // A name of its own stands without an article.
  if (breakerOf(name, breakers) !== undefined) return title;
  return `The ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}

/** Of those that no component stands for: webhooks, mail, models. */
function breakerAlerts(breakers: readonly Breaker[], nameOf?: (subscriber: string) => string): Alert[] {
  return breakers.flatMap((breaker) => {
    const { name, service, in_use } = breaker;
    const state = trippedState(breaker);
    const isStore = service === 'postgres' || service === 'redis';
    if (state === undefined || (isStore && in_use)) return [];
    const title = breakerTitle(name, nameOf);
    return [
      {
        key: `breaker:${name}`,
        severity: 'warn' as const,
        subject: service === 'webhook' ? `The receiver of ${title}` : title,
        isMany: service === 'embedding',
        state: breaker.state.state === 'open' ? 'away' : state.words,
        since: state.since,
        effects: service === 'webhook' ? ['its events wait'] : [],
        error: state.error,
        advice: state.advice ?? 'It is tried again by itself; a probe does not wait for that.',
        place: { kind: 'breaker' as const, breaker: name },
        events: ['system.breaker.changed' as const],
      },
    ];
  });
}

function journalAlerts(journal: JournalStatus | undefined): Alert[] {
  if (journal === undefined) return [];
  const { refused, bytes, max_bytes } = journal;
  const part = bytes / max_bytes;
  const alerts: Alert[] = [];
  if (part >= FULL.warn) {
    alerts.push({
      key: FULL_JOURNAL,
      severity: part >= FULL.bad ? 'bad' : 'warn',
      subject: 'The journal',
      isMany: false,
      state: `${Math.floor(part * 100)} % full`,
      since: undefined,
      effects: [part >= 1 ? 'further writes are refused' : 'when it is full, further writes are refused'],
      error: undefined,
      advice: 'Bring back the store that writes wait for, or let the journal be larger (resilience.journal_max_mb).',
      place: { kind: 'queues' },
      events: OF_SERVICES,
    });
  }
  if (refused > 0) {
    alerts.push({
      key: REFUSED,
      severity: 'bad',
      subject: plural(refused, 'refused write'),
      isMany: refused !== 1,
      state: 'waiting to be looked at',
      since: undefined,
      effects: [refused === 1 ? 'it is kept for 30 days' : 'each is kept for 30 days'],
      error: undefined,
      advice: 'Look at each: retry it once its reason is mended, or discard it.',
      place: { kind: 'refused' },
      events: ['system.journal.refused'],
    });
  }
  return alerts;
}
