const FIRST_MS = 400;
const LAST_MS = 10_000;

/** Milliseconds before the attempt: doubles up to 10 s, spread by a quarter so that many pages do not come at once. */
export function backoff_ms(attempt: number, random: () => number = Math.random): number {
  const plain = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return plain * (0.75 + random() / 2);
}
