/** Which events a subscriber fails at: some always, which are poisoned, and any of them now and then. */
import { createHash } from 'node:crypto';

/**
 * Who gets every event. `ledger`, `hanging` and `thrower` live in the serving process and are killed with it; `webhook` is
 * called by it over HTTP.
 */
export const ACTORS = ['ledger', 'hanging', 'thrower', 'webhook'] as const;
export type Actor = (typeof ACTORS)[number];

/** Users whose events are poison: to one of the subscribers, or to all. */
export const POISON_USERS = [...ACTORS, 'all'].map((whom) => `poison-${whom}`);

/** The name a failure is kept under in the dead letters. */
export const ERROR_NAMES: Record<Actor, string> = {
  ledger: 'PoisonedError',
  hanging: 'TimeoutError',
  thrower: 'NonError',
  webhook: 'WebhookRefusedError',
};

export function isPoison(actor: Actor, user_id: string | null): boolean {
  return user_id === `poison-${actor}` || user_id === 'poison-all';
}

/** From 0 to 1, the same for the same attempt: another one of the same event may have more luck. */
export function luck(seed: number, actor: Actor, event_id: string, attempt: number): number {
  const digest = createHash('sha256').update(`${seed}/${actor}/${event_id}/${attempt}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}
