/**
 * A breaker for each webhook, not for each host: the receivers at one host need not fail together, and organisations
 * that send to the same host must not shut each other out. They are made when a webhook is first called.
 */
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import type { Dependency } from './dependency.ts';

/** Beyond, those that have nothing to remember are forgotten. */
const KEPT = 1000;

export interface WebhookDependency {
  name: string;
  org_id: string;
  dependency: Dependency;
}

export class WebhookDependencies {
  readonly #make: (name: string, org_id: string) => Dependency;
  /** By name, in order of use. */
  readonly #known = new Map<string, WebhookDependency>();

  #tellOfRemoval: (name: string) => void = () => {};

  constructor(make: (name: string, org_id: string) => Dependency) {
    this.#make = make;
  }

  /** Calls the listener with the name of the breaker of each webhook that is removed. */
  onRemoved(listener: (name: string) => void): void {
    this.#tellOfRemoval = listener;
  }

  of({ org_id }: Scope, webhook_id: string): Dependency {
    const name = nameOf(webhook_id);
    const found = this.#known.get(name) ?? { name, org_id, dependency: this.#make(name, org_id) };
    this.#known.delete(name);
    this.#known.set(name, found);
    if (this.#known.size > KEPT) this.#forgetOne();
    return found.dependency;
  }

  find({ org_id }: Scope, name: string): WebhookDependency | undefined {
    const found = this.#known.get(name);
    return found?.org_id === org_id ? found : undefined;
  }

  /** Those of the organisation that are not simply closed. */
  told({ org_id }: Scope): WebhookDependency[] {
    return [...this.#known.values()].filter((one) => one.org_id === org_id && !isAtRest(one.dependency));
  }

  all(): Dependency[] {
    return [...this.#known.values()].map(({ dependency }) => dependency);
  }

  /** The webhook is there no more. */
  remove(scope: Scope, webhook_id: string): void {
    this.forget(scope, webhook_id);
    this.#tellOfRemoval(nameOf(webhook_id));
  }

  /** It has another receiver: nothing is known of that one. */
  forget(scope: Scope, webhook_id: string): void {
    const name = nameOf(webhook_id);
    const found = this.find(scope, name);
    found?.dependency.stop();
    if (found) this.#known.delete(name);
  }

  #forgetOne(): void {
    for (const [name, { dependency }] of this.#known) {
      if (!isAtRest(dependency) || dependency.calls.running > 0) continue;
      this.#known.delete(name);
      return;
    }
  }
}

/** Who may see a breaker: of the services of the process, everybody; they are told of to the person at this computer. */
export const SHARED_ORG_ID = LOCAL_ORG_ID;

const nameOf = (webhook_id: string): string => `webhook:${webhook_id}`;

/** The webhook that a breaker is of; undefined when it is of a service. */
export const webhookOf = (name: string): string | undefined => /^webhook:(.+)$/.exec(name)?.[1];

const isAtRest = ({ state }: Dependency): boolean => state.state === 'closed' && state.failures === 0;
