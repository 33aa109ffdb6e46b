/** The memory controls: what of memory an agent is given, per user and by default; kept in PostgreSQL. */
import {
  type ContextInput,
  type ControlsOverrides,
  type ControlsState,
  DEFAULT_CONTROLS,
  LAYERS,
  type MemoryControls,
  type ParsedInputs,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { KnownRows } from '../settings/known-rows.ts';
import { EVERYBODY, lockSettings, noteChange, type SettingRow, writeRows } from '../settings/setting-rows.ts';
import type { Database } from '../storage/database.ts';
import { changesOf, overridesOf, readAllControls, readControls, withOverrides } from './control-settings.ts';
import type { CacheObserver } from './memory-observer.ts';

/**
 * How long known controls are used without asking again. A change made on this node holds at once, one made on another
 * as soon as it is told of; this bounds what a lost notification costs.
 */
const FRESH_MS = 10_000;
/** Users whose controls are known; beyond, the one not asked for longest is forgotten. */
const MAX_KNOWN = 5000;

interface Known {
  org_id: string;
  controls: MemoryControls;
  /** Asked for again from this time on; until it answers, the controls hold. */
  ask_again_ms: number;
}

export class MemoryControlSettings {
  readonly #database: Pick<Database, 'withScope'>;
  readonly #clock: Clock;
  readonly #lastKnown: KnownRows | undefined;
  readonly #observer: CacheObserver | undefined;
  readonly #base: () => ControlsBase;
  readonly #onChanged: ((scope: Scope) => Promise<void>) | undefined;
  /** In order of use. */
  readonly #known = new Map<string, Known>();
  /** Grows with every change: what was read before one is not taken for what holds after it. */
  #changes = 0;

  /** @param deps.known what outlives this process; without it a new one knows nothing until it has asked */
  constructor(deps: {
    database: Pick<Database, 'withScope'>;
    clock: Clock;
    known?: KnownRows;
    observer?: CacheObserver;
    /** What the configuration says; without it what is built in. */
    base?: () => ControlsBase;
    /** Whoever keeps settings of the organisation hears of a change that was made here. */
    onChanged?: (scope: Scope) => Promise<void>;
  }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#lastKnown = deps.known;
    this.#observer = deps.observer;
    this.#base = deps.base ?? (() => BUILT_IN);
    this.#onChanged = deps.onChanged;
  }

  async get(scope: Scope, user_id: string | undefined): Promise<ControlsState> {
    const changes = this.#changes;
    const rows = await this.#database.withScope(scope, (tx) => readControls(tx, scope, user_id ?? EVERYBODY));
    // What was read before a change must not go over what was learned of it.
    if (changes === this.#changes) this.#learn(scope, rows, user_id);
    return stateOf(rows, user_id, this.#base());
  }

  /** Reads all controls of an organisation, so that they are known when the database is away. */
  async refresh(scope: Scope): Promise<void> {
    if (this.#lastKnown === undefined) return;
    for (;;) {
      const changes = this.#changes;
      const rows = await this.#database.withScope(scope, (tx) => readAllControls(tx, scope));
      if (changes !== this.#changes) continue;
      this.#lastKnown.learn(scope.org_id, rows);
      return;
    }
  }

  async set(scope: Scope, { user_id, controls }: ParsedInputs['controls']['set']): Promise<ControlsState> {
    const of = user_id ?? EVERYBODY;
    const now = isoTime(this.#clock.now());
    try {
      const rows = await this.#database.withScope(scope, async (tx) => {
        await lockSettings(tx, scope);
        const changed = await writeRows(tx, scope, of, changesOf(controls), now);
        await noteChange(tx, scope, { user_id: of, changed, now });
        return await readControls(tx, scope, of);
      });
      this.#changes += 1;
      this.#learn(scope, rows, user_id);
      // Whoever is told that memory is off may rely on it, whatever happens to this process next.
      await this.#lastKnown?.flush();
      await this.#onChanged?.(scope);
      return stateOf(rows, user_id, this.#base());
    } finally {
      // Also after a failure: the commit may have come through all the same.
      this.askAgain(scope.org_id);
    }
  }

  /** What holds for a user now. Never fails for a database that is away: then what was last known holds. */
  async effective(scope: Scope, user_id: string): Promise<MemoryControls> {
    const key = keyOf(scope, user_id);
    const known = this.#known.get(key);
    const isFresh = known !== undefined && known.ask_again_ms > this.#clock.now();
    this.#observer?.looked('controls', isFresh);
    if (isFresh) {
      this.#keep(key, known);
      return known.controls;
    }
    const changes = this.#changes;
    const controls = await this.#read(scope, user_id, known?.controls);
    const fresh_ms = changes === this.#changes ? FRESH_MS : 0;
    this.#keep(key, { org_id: scope.org_id, controls, ask_again_ms: this.#clock.now() + fresh_ms });
    return controls;
  }

  /** What is known is asked for again: of one organisation, or of all. */
  askAgain(org_id: string | undefined): void {
    this.#changes += 1;
    for (const known of this.#known.values()) {
      if (org_id === undefined || known.org_id === org_id) known.ask_again_ms = 0;
    }
  }

  /** Users whose controls are known. */
  get size(): number {
    return this.#known.size;
  }

  /** Forgets what was answered; what outlives the process stays, for when the database is away. @returns how many */
  clear(): number {
    const { size } = this.#known;
    this.#changes += 1;
    this.#known.clear();
    return size;
  }

  /** Forgets what is known of a user who was erased. */
  forget(scope: Scope, user_id: string): void {
    this.#changes += 1;
    this.#known.delete(keyOf(scope, user_id));
    this.#lastKnown?.learn(scope.org_id, [], [user_id]);
  }

  #learn({ org_id }: Scope, rows: readonly SettingRow[], user_id: string | undefined): void {
    this.#lastKnown?.learn(org_id, rows, user_id === undefined ? [EVERYBODY] : [EVERYBODY, user_id]);
  }

  async #read(scope: Scope, user_id: string, known: MemoryControls | undefined): Promise<MemoryControls> {
    try {
      return (await this.get(scope, user_id)).effective;
    } catch (error) {
      if (!(error instanceof ArchonError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
      // What is kept hears of every change; what was answered before may be older.
      if (this.#lastKnown) return stateOf(this.#lastKnown.rows(scope.org_id), user_id, this.#base()).effective;
      return known ?? DEFAULT_CONTROLS;
    }
  }

  #keep(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

const keyOf = (scope: Scope, user_id: string): string => `${scope.org_id} ${user_id}`;

/** What holds where nothing is set, and what holds whatever is set, as a flag of the process says it. */
export interface ControlsBase {
  inherited: MemoryControls;
  locked: ControlsOverrides;
}

export const BUILT_IN: ControlsBase = { inherited: DEFAULT_CONTROLS, locked: overridesOf([], EVERYBODY) };

function stateOf(
  rows: readonly SettingRow[],
  user_id: string | undefined,
  { inherited, locked }: ControlsBase,
): ControlsState {
  const everybody = overridesOf(rows, EVERYBODY);
  const byDefault = withOverrides(withOverrides(inherited, everybody), locked);
  if (user_id === undefined) return { user_id: null, overrides: everybody, inherited, effective: byDefault };
  const overrides = overridesOf(rows, user_id);
  const effective = withOverrides(withOverrides(byDefault, overrides), locked);
  return { user_id, overrides, inherited: byDefault, effective };
}

/** What holds for a user by the rows of everybody and of this one, over what the configuration says. */
export const effectiveControls = (rows: readonly SettingRow[], user_id: string, base: ControlsBase): MemoryControls =>
  stateOf(rows, user_id, base).effective;

/** A request for a context as the controls allow it. */
export type BoundedContextInput = ContextInput & { max_tokens: number };

export function boundedBy(controls: MemoryControls, asked: ContextInput): BoundedContextInput {
  const allowed = (layer: (typeof LAYERS)[number]) => controls.enabled && controls.layers[layer] && asked.layers[layer];
  return {
    ...asked,
    max_tokens: Math.min(asked.max_tokens ?? controls.max_tokens, controls.max_tokens),
    layers: { session: allowed('session'), working: allowed('working'), longterm: allowed('longterm') },
  };
}

/** What the controls kept out of a context that asked for it, in words; null when nothing. */
export function keptOut(controls: MemoryControls, asked: ContextInput): string | null {
  if (!controls.enabled) return 'Memory is switched off for this user by the memory controls.';
  const layers = LAYERS.filter((layer) => asked.layers[layer] && !controls.layers[layer]);
  return layers.length === 0 ? null : `Switched off for this user by the memory controls: ${layers.join(', ')}.`;
}
