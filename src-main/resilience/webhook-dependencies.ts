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

  constructor(make: (name: string, org_id: string) => Dependency) {
    this.#make = make;
  }

  of({ org_id }: Scope, webhook_id: string): Dependency {
    const name = `webhook:${webhook_id}`;
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

  /** The webhook was removed. */
  forget(scope: Scope, webhook_id: string): void {
    const name = `webhook:${webhook_id}`;
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

const isAtRest = ({ state }: Dependency): boolean => state.state === 'closed' && state.failures === 0;
