/** What to do when a real service is not on this machine: skip with advice, or fail where strictness is asked for. */

/** `ARCHON_TEST_STRICT=1` turns a skipped service into a failure. */
const strict = process.env.ARCHON_TEST_STRICT === '1';

/**
 * Says whether tests on a service can run.
 *
 * @param found what was found of the service, or undefined
 * @param advice one line that says how to get it
 */
export function serviceAvailable<T>(name: string, found: T | undefined, advice: string): found is T {
  if (found !== undefined) return true;
  if (strict) throw new Error(`${name} is not here and ARCHON_TEST_STRICT=1: ${advice}`);
  console.warn(`skipped: tests on ${name} (${advice})`);
  return false;
}
