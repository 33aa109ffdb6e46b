/** The last good context of each question, to answer with while the database is away. */
import type { AssembledContext } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { BoundedContextInput as ContextInput } from './memory-controls.ts';

/** Contexts kept: at 16,000 tokens each they take some 100 kB. */
const KEPT = 200;

export class LastGoodContexts {
  /** In order of use: the first is the one to be forgotten. */
  readonly #contexts = new Map<string, AssembledContext>();

  get size(): number {
    return this.#contexts.size;
  }

  /** @returns how many there were */
  clear(): number {
    const { size } = this.#contexts;
    this.#contexts.clear();
    return size;
  }

  keep(scope: Scope, input: ContextInput, context: AssembledContext): void {
    const key = keyOf(scope, input);
    this.#contexts.delete(key);
    this.#contexts.set(key, context);
    const [oldest] = this.#contexts.keys();
    if (this.#contexts.size > KEPT && oldest !== undefined) this.#contexts.delete(oldest);
  }

  /** The last one for the same user, session, budget and layers, whatever was asked then. */
  find(scope: Scope, input: ContextInput): AssembledContext | undefined {
    return this.#contexts.get(keyOf(scope, input));
  }

  forget(scope: Scope, user_id: string): void {
    for (const [key, context] of this.#contexts) {
      if (context.org_id === scope.org_id && context.user_id === user_id) this.#contexts.delete(key);
    }
  }
}

function keyOf(scope: Scope, input: ContextInput): string {
  const { session, working, longterm } = input.layers;
  return JSON.stringify([
    scope.org_id,
    input.user_id,
    input.session_id ?? null,
    input.max_tokens,
    session,
    working,
    longterm,
  ]);
}
