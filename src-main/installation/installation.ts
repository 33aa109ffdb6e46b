/** What the API can ask of the installation around an engine: it outlives the engine that is running. */
import type { Outputs, ParsedInputs } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';

type Part = 'profiles' | 'doctor' | 'secrets' | 'offline';

/** One method for each route of a part of the contract. */
type Answers<P extends Part> = {
  [K in keyof Outputs[P]]: (
    scope: Scope,
    input: K extends keyof ParsedInputs[P] ? ParsedInputs[P][K] : never,
    signal?: AbortSignal,
  ) => Outputs[P][K] | Promise<Outputs[P][K]>;
};

export type Installation = { [P in Part]?: Answers<P> } & {
  /** Stops the engine and starts it again, so that settings that wait are in force. Refused while imports or exports run. */
  restartEngine?(scope: Scope): Promise<Outputs['settings']['restart']>;
};

const NO_INSTALLATION = 'Only the desktop app or a running server can do that: start one with `archon serve`.';

/** @throws ArchonError CONFLICT in a process that cannot, as a command that opened an engine for itself */
export async function restartEngine(
  installation: Installation | undefined,
  scope: Scope,
): Promise<Outputs['settings']['restart']> {
  if (installation?.restartEngine === undefined) throw new ArchonError('CONFLICT', NO_INSTALLATION);
  return await installation.restartEngine(scope);
}

/** @throws ArchonError CONFLICT in a process that has no such part, as a command that opened an engine for itself */
export function partOf<P extends Part>(installation: Installation | undefined, part: P): Answers<P> {
  const found = installation?.[part];
  if (found === undefined) {
    throw new ArchonError('CONFLICT', NO_INSTALLATION);
  }
  return found as Answers<P>;
}
