/** Saves changes of the memory controls one after the other, and shows them before they are saved. */
import type { ControlsState, Inputs } from '../../../../src-contract/index.ts';

export type ControlsPatch = Inputs['controls']['set']['controls'];

export interface ControlsSaverDeps {
  /** What is shown now; undefined before it was read. */
  read(): ControlsState | undefined;
  show(state: ControlsState): void;
  send(patch: ControlsPatch): Promise<ControlsState>;
  /** All changes are saved, or the last one failed and what was known before is shown again. */
  onRest(error: unknown): void;
}

/**
 * Keys on a slider come faster than saves are answered. One save is under way at a time; what is changed meanwhile
 * goes with the next, and no answer takes the place of something newer.
 */
export class ControlsSaver {
  readonly #deps: ControlsSaverDeps;
  #waiting: ControlsPatch | undefined;
  /** What the engine is known to hold. */
  #saved: ControlsState | undefined;
  #isSaving = false;

  constructor(deps: ControlsSaverDeps) {
    this.#deps = deps;
  }

  get isSaving(): boolean {
    return this.#isSaving;
  }

  change(patch: ControlsPatch): void {
    const shown = this.#deps.read();
    if (!this.#isSaving) this.#saved = shown;
    if (shown) this.#deps.show(withPatch(shown, patch));
    this.#waiting = this.#waiting ? merged(this.#waiting, patch) : patch;
    if (!this.#isSaving) void this.#save();
  }

  async #save(): Promise<void> {
    this.#isSaving = true;
    let failure: unknown;
    try {
      for (let patch = this.#take(); patch !== undefined; patch = this.#take()) {
        this.#saved = await this.#deps.send(patch);
      }
    } catch (error) {
      failure = error;
      this.#waiting = undefined;
    }
    this.#isSaving = false;
    if (this.#saved) this.#deps.show(this.#saved);
    this.#deps.onRest(failure);
  }

  #take(): ControlsPatch | undefined {
    const patch = this.#waiting;
    this.#waiting = undefined;
    return patch;
  }
}

function merged(first: ControlsPatch, then: ControlsPatch): ControlsPatch {
  const layers = { ...first.layers, ...then.layers };
  return { ...first, ...then, ...(Object.keys(layers).length === 0 ? {} : { layers }) };
}

/** The controls as they will be when the patch is saved. */
export function withPatch(state: ControlsState, patch: ControlsPatch): ControlsState {
  const { inherited, overrides: before } = state;
  const after = <T>(given: T | undefined, kept: T): T => (given === undefined ? kept : given);
  const overrides = {
    enabled: after(patch.enabled, before.enabled),
    max_tokens: after(patch.max_tokens, before.max_tokens),
    layers: {
      session: after(patch.layers?.session, before.layers.session),
      working: after(patch.layers?.working, before.layers.working),
      longterm: after(patch.layers?.longterm, before.layers.longterm),
    },
  };
  return {
    ...state,
    overrides,
    effective: {
      enabled: overrides.enabled ?? inherited.enabled,
      max_tokens: overrides.max_tokens ?? inherited.max_tokens,
      layers: {
        session: overrides.layers.session ?? inherited.layers.session,
        working: overrides.layers.working ?? inherited.layers.working,
        longterm: overrides.layers.longterm ?? inherited.layers.longterm,
      },
    },
  };
}
