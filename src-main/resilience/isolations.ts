/** What a person isolated, kept over a restart: nobody who took a service out for a reason wants a crash to undo it. */
import { z } from 'zod';
import type { Hand } from './circuit-breaker.ts';
import type { Dependency } from './dependency.ts';
import type { LocalStore } from './local-store.ts';

const KEY = 'resilience.isolated';
const isolations = z.record(
  z.string(),
  z.object({ org_id: z.string(), since: z.string(), by: z.string(), reason: z.string() }),
);

export class Isolations {
  readonly #store: LocalStore;
  #kept: z.infer<typeof isolations>;

  constructor(store: LocalStore) {
    this.#store = store;
    this.#kept = store.read(KEY, isolations) ?? {};
  }

  /** @throws ArchonError CONFLICT when it is isolated already; SqliteFileError when it cannot be kept: then it is not */
  begin(name: string, org_id: string, dependency: Dependency, hand: Hand): void {
    dependency.isolate(hand);
    const { state } = dependency;
    if (state.state !== 'isolated') return;
    try {
      this.#keep({ ...this.#kept, [name]: { org_id, since: state.since, by: state.by, reason: state.reason } });
    } catch (error) {
      dependency.release({ by: 'archon', reason: 'the isolation could not be kept' });
      throw error;
    }
  }

  /** @throws ArchonError CONFLICT when it is not isolated; SqliteFileError when that cannot be kept: then it still is */
  end(name: string, dependency: Dependency, hand: Hand): void {
    const { [name]: _ended, ...others } = this.#kept;
    if (dependency.state.state === 'isolated') this.#keep(others);
    dependency.release(hand);
  }

  /** What is isolated, and whose it is. */
  names(): { name: string; org_id: string }[] {
    return Object.entries(this.#kept).map(([name, { org_id }]) => ({ name, org_id }));
  }

  /** It is there no more. */
  forget(name: string): void {
    const { [name]: ended, ...others } = this.#kept;
    if (ended) this.#keep(others);
  }

  /** Isolates it again when it was before. */
  restore(name: string, dependency: Dependency): void {
    const kept = this.#kept[name];
    if (kept) dependency.isolate({ by: kept.by, reason: kept.reason }, kept.since);
  }

  #keep(next: z.infer<typeof isolations>): void {
    this.#store.write(KEY, next, () => {});
    this.#kept = next;
  }
}
