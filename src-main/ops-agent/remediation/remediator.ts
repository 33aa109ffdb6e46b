/** What a remediator is: one file each beside this, all of them in `registry.ts`. */
import type {
  OpsActionPreview,
  OpsFact,
  OpsLabels,
  OpsRemediator,
  OpsRemediatorName,
  OpsTarget,
} from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';

/** How it is with a target now. Without `blocked` it can be done. */
export type Look = Pick<OpsActionPreview, 'what' | 'facts' | 'blocked'>;

export type Verdict = 'helped' | 'not_yet' | 'did_not_help';

/** Whether something helped, with a sentence where it says more than that. */
export interface Finding {
  verdict: Verdict;
  outcome?: string;
}

/** What came of it at once. */
export interface Done {
  /** In a sentence. */
  outcome: string;
  /** What the root cause of the alert was found to be. */
  cause?: string;
  /** Milliseconds within which it must have helped. */
  within_ms: number;
  /**
   * Whether it has helped, asked for again until it says so or the time is over.
   *
   * @param calm whether the alert that it was done for does not fire any more; undefined where there is none
   */
  check(calm: boolean | undefined, signal: AbortSignal): Promise<Finding>;
}

export interface Remediator extends Omit<OpsRemediator, 'name' | 'signals' | 'targets'> {
  readonly name: OpsRemediatorName;
  /** `process`: only the process that the target names can do it. */
  readonly done_by: 'process' | 'anybody';
  /** False where this process cannot do it though others can: it is given to one of these. Without it, it can. */
  readonly can_here?: boolean;
  /** Milliseconds after which it is given up. */
  readonly limit_ms: number;
  /** What it is done to when an alert has these labels; undefined when they do not say. */
  targetOf(labels: OpsLabels): OpsLabels | undefined;
  /** What it can be used on by this process. */
  targets(scope: Scope): Promise<OpsTarget[]>;
  look(scope: Scope, target: OpsLabels, signal: AbortSignal): Promise<Look>;
  run(scope: Scope, target: OpsLabels, signal: AbortSignal): Promise<Done>;
}

export const fact = (label: string, value: string | number): OpsFact => ({ label, value: String(value) });
