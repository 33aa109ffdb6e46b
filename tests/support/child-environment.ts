/** The environment of processes that tests start. */

/** Set before the tests: a folder that goes away with them. */
export const COMPILE_CACHE = 'ARCHON_TEST_COMPILE_CACHE';

/**
 * Nothing of this machine's settings. Node keeps what it compiled for the next of the hundreds of processes that run the
 * same code.
 */
export function childEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  const cache = process.env[COMPILE_CACHE];
  return { PATH, HOME, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) };
}
