/** The doctor as the API shows it. */
import type { Finding, ParsedInputs } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { DoctorHost } from './check.ts';
import { applyFix, runChecks } from './run-checks.ts';

interface DoctorDeps {
  /** Asked each time: settings and connections change while Archon runs. */
  host(): DoctorHost;
  clock: Clock;
}

export interface Doctor {
  run(scope: Scope, input?: unknown): Promise<{ checked_at: string; findings: Finding[] }>;
  fix(scope: Scope, input: ParsedInputs['doctor']['fix']): Promise<{ done: string; findings: Finding[] }>;
}

export function createDoctor({ host, clock }: DoctorDeps): Doctor {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: async () => {
      const checked_at = isoTime(clock.now());
      return { checked_at, findings: await runChecks(host()) };
    },
    // One after the other: two of the same must not both be done.
    fix: async (_scope, { fix_id }) => {
      const turn = last.then(() => applyFix(host(), fix_id, host));
      last = turn.catch(() => {});
      return await turn;
    },
  };
}
