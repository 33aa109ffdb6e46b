/** What components and services are called for people. */
import type { Breaker, ComponentHealth, ResilientService } from '../../../../../src-contract/index.ts';
import { subscriberName } from '../../../events/subscriber-name.ts';

export type ComponentName = ComponentHealth['component'];

export const SERVICE_NAMES: Readonly<Record<ResilientService, string>> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  embedding: 'Embeddings',
  llm: 'Language model',
  smtp: 'Mail',
  slack: 'Slack',
  webhook: 'Webhooks',
};

const TITLES: Readonly<Record<ComponentName, string>> = {
  database: 'Database',
  sessions: 'Sessions',
  data_folder: 'Data folder',
  event_log: 'Event log',
  delivery: 'Delivery of events',
  session_outbox: 'Session outbox',
  workers: 'Workers',
  breakers: 'Circuit breakers',
};

/** Components that stand for one service; the others are parts of Archon. */
const SERVICE_OF: Partial<Record<ComponentName, 'postgres' | 'redis'>> = { database: 'postgres', sessions: 'redis' };
const BUILT_IN = { postgres: 'Embedded database', redis: 'Built-in sessions' } as const;

export const serviceOf = (component: ComponentName): 'postgres' | 'redis' | undefined => SERVICE_OF[component];

/** @returns undefined when the component is no service, or it is not known whether one is used for it */
export const breakerOf = (component: ComponentName, breakers: readonly Breaker[] | undefined): Breaker | undefined =>
  breakers?.find(({ name, in_use }) => in_use && name === serviceOf(component));

/** The embedded database is part of Archon: what is listed for it never opens, and stands before nothing. */
export const realBreakers = (breakers: readonly Breaker[], isEmbedded: boolean): Breaker[] =>
  isEmbedded ? breakers.filter(({ service }) => service !== 'postgres') : [...breakers];

/** For all webhooks: it holds their settings, each of them has a breaker of its own. */
export const isForWebhooks = ({ name }: Pick<Breaker, 'name'>): boolean => name === 'webhook';

/** `Redis`, `Built-in sessions`; `Sessions` while it is not known which. */
export function componentTitle(component: ComponentName, breakers: readonly Breaker[] | undefined): string {
  const service = serviceOf(component);
  if (service === undefined || breakers === undefined) return TITLES[component];
  return breakerOf(component, breakers) ? SERVICE_NAMES[service] : BUILT_IN[service];
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();
const withoutNames = (subscriber: string): string => subscriberName(subscriber, NO_NAMES, false);

/** @param nameOf what the subscriber of a webhook is called */
export function breakerTitle(name: string, nameOf: (subscriber: string) => string = withoutNames): string {
  const [service = '', webhook_id] = name.split(':');
  if (webhook_id !== undefined) return nameOf(`webhook.${webhook_id}`);
  return Object.hasOwn(SERVICE_NAMES, service) ? SERVICE_NAMES[service as ResilientService] : service;
}
