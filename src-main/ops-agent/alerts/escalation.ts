/** Steps of the escalation that are due, and how severe an alert is for those that were taken. */
import { OPS_SEVERITIES, type OpsEscalationStep, type OpsSeverity } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';

export interface Escalating {
  firing_ms: number;
  steps: readonly number[];
  attempts_used_up: boolean;
  /** Acknowledged, silenced or a consequence of another: somebody is at it, or should not hear of it. */
  calm: boolean;
}

/** Places of steps that are to be taken now. */
export function dueSteps(escalation: readonly OpsEscalationStep[], alert: Escalating): number[] {
  return escalation.flatMap((step, place) => (!alert.steps.includes(place) && isDue(step, alert) ? [place] : []));
}

function isDue({ after }: OpsEscalationStep, { firing_ms, attempts_used_up, calm }: Escalating): boolean {
  switch (after.kind) {
    case 'seconds':
      return !calm && firing_ms >= after.seconds * 1000;
    case 'attempts':
      return attempts_used_up;
    default:
      return assertNever(after);
  }
}

/** That of the rule, or that of the worst step that was taken. */
export function severityOf(
  { severity, escalation }: { severity: OpsSeverity; escalation: readonly OpsEscalationStep[] },
  steps: readonly number[],
): OpsSeverity {
  const taken = steps.flatMap((place) => escalation[place]?.severity ?? []);
  return taken.reduce((worst, one) => (levelOf(one) > levelOf(worst) ? one : worst), severity);
}

export const levelOf = (severity: OpsSeverity): number => OPS_SEVERITIES.indexOf(severity);
