/** What figures and health both ask for, of every organisation: asked once for both. */
import type { Scope } from '../identity/scope.ts';

/** Milliseconds that an answer is given again: less than collectors keep theirs, so that each of their looks is new. */
const FRESH_MS = 4000;

/**
 * Asks for an organisation once for everybody who wants to know within some seconds. What failed is asked again.
 *
 * @param elapsed milliseconds of a steady clock
 */
export function shared<T>(
  ask: (scope: Scope) => Promise<T>,
  elapsed: () => number = () => performance.now(),
): (scope: Scope) => Promise<T> {
  const known = new Map<string, { answer: Promise<T>; until_ms: number }>();
  return async (scope) => {
    const before = known.get(scope.org_id);
    if (before !== undefined && elapsed() < before.until_ms) return await before.answer;
    const asked = { answer: ask(scope), until_ms: Number.POSITIVE_INFINITY };
    known.set(scope.org_id, asked);
    try {
      const answer = await asked.answer;
      asked.until_ms = elapsed() + FRESH_MS;
      return answer;
    } catch (error) {
      known.delete(scope.org_id);
      throw error;
    }
  };
}
