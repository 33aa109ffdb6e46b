import { type Check, type CheckFinding, failed, ok, warning } from './check.ts';

const NAME = 'secrets';

export const secretsCheck: Check = {
  key: 'secrets',
  name: NAME,
  run: async ({ secrets }) => {
    const status = await secrets?.();
    if (status === undefined) return [];
    const unreadable = status.kept.filter((place) => place.unreadable > 0);
    return [
      status.problem === null
        ? protection(status.protection, status.detail)
        : failed(NAME, 'the key cannot be used', status.problem),
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

function protection(kind: string, detail: string): CheckFinding {
  if (kind !== 'basic') return ok(NAME, detail);
  const [first = detail, ...advice] = detail.split('. ');
  return warning(NAME, `${first}.`, advice.join('. '));
}
