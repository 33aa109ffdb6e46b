import type { SecretsStatus } from '../../src-contract/index.ts';
import { type Check, type CheckFinding, type DoctorContext, failed, isOpen, ok, warning } from './check.ts';

const NAME = 'secrets';

export const secretsCheck: Check = {
  key: 'secrets',
  name: NAME,
  run: async (context) => {
    const status = await context.secrets?.();
    if (status === undefined) return [];
    const unreadable = status.kept.filter((place) => place.unreadable > 0);
    return [
      status.problem === null
        ? protection(status.protection, status.detail)
        : unusable(status.problem, status, context),
      ...unreadable.map(({ where, count, unreadable: lost }) =>
        warning(
          'unreadable secrets',
          `${lost} of ${count} cannot be read: ${where}`,
          'Set secret_key (or secret_key_old) to what it was, or bring back the file secret.key; otherwise enter them again.',
        ),
      ),
    ];
  },
};

/** A command has no keyring. That of the desktop app is as it should be: only secrets are out of reach here. */
function unusable(problem: string, { protection }: SecretsStatus, context: DoctorContext): CheckFinding {
  if (protection !== 'keyring' || isOpen(context)) return failed(NAME, 'the key cannot be used', problem);
  return warning(NAME, 'the key is locked by the keyring of the desktop app', problem);
}

function protection(kind: string, detail: string): CheckFinding {
  if (kind !== 'basic') return ok(NAME, detail);
  const [first = detail, ...advice] = detail.split('. ');
  return warning(NAME, `${first}.`, advice.join('. '));
}
