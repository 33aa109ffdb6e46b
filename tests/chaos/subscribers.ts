/** Subscribers inside the serving process: one with its effects in the database, two with theirs in files. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventEnvelope } from '../../src-contract/index.ts';
import type { DeliveryContext, DurableSubscriber } from '../../src-main/events/delivery/durable-subscriber.ts';
import { type Actor, ERROR_NAMES, isPoison, luck } from './doom.ts';
import { cameWhole } from './large-events.ts';

/** Effects of `ledger`, written in one transaction with the note that they were done: never twice. */
export const LEDGER = 'chaos_ledger';
/** Of other events than the poisoned, per attempt. */
const BAD_LUCK = 0.05;
const HANGS = 0.01;
/** Of those that hang: the others end when they are told to. */
const DEAF = 0.2;
const TIMEOUT_MS = 300;

/** Effects of a subscriber, one id of an event per line. */
export const effectsFile = (folder: string, actor: Actor): string => join(folder, `effects-${actor}`);

export class PoisonedError extends Error {
  override readonly name = ERROR_NAMES.ledger;
}

export interface SubscriberOptions {
  /** Of the run: files of effects lie there. */
  folder: string;
  seed: number;
}

export function chaosSubscribers({ folder, seed }: SubscriberOptions): DurableSubscriber[] {
  const luckOf = (actor: Actor, event: EventEnvelope, attempt: number) => luck(seed, actor, event.id, attempt);
  const isPoisoned = (actor: Actor, event: EventEnvelope) => isPoison(actor, event.user_id) || !cameWhole(event);
  // Appended in one write, which a kill leaves whole or not at all.
  const note = (actor: Actor, event: EventEnvelope) => appendFileSync(effectsFile(folder, actor), `${event.id}\n`);
  return [
    {
      name: 'ledger',
      from: 'start',
      batch: 20,
      retry: { first_seconds: 0.2, factor: 2, max_seconds: 3, attempts: 8 },
      handle: async (event, context) => {
        if (isPoisoned('ledger', event)) throw new PoisonedError(`event ${event.id} is poison`);
        if (luckOf('ledger', event, context.attempt) < BAD_LUCK) throw new Error('bad luck');
        await context.once(async (tx) => {
          await tx.sql(`INSERT INTO ${LEDGER} (event_id) VALUES ($1)`, [event.id]);
        });
      },
    },
    {
      name: 'hanging',
      from: 'start',
      concurrency: 8,
      timeout_ms: TIMEOUT_MS,
      retry: { first_seconds: 0.2, factor: 2, max_seconds: 2, attempts: 5 },
      handle: async (event, context) => {
        const number = luckOf('hanging', event, context.attempt);
        if (isPoisoned('hanging', event)) await hang(context, number < DEAF);
        if (number < HANGS) await hang(context, number < HANGS * DEAF);
        note('hanging', event);
      },
    },
    {
      name: 'thrower',
      from: 'start',
      retry: { first_seconds: 0.2, factor: 2, max_seconds: 3, attempts: 8 },
      handle: async (event, context) => {
        const number = luckOf('thrower', event, context.attempt);
        if (isPoisoned('thrower', event) || number < BAD_LUCK) throw oddity(number);
        note('thrower', event);
      },
    },
  ];
}

/** Never ends, or only when told to. */
async function hang({ signal }: DeliveryContext, deaf: boolean): Promise<never> {
  return await new Promise<never>((_, reject) => {
    if (!deaf) signal.addEventListener('abort', () => reject(new Error('told to end')), { once: true });
  });
}

/** What code throws that should have thrown an Error. */
function oddity(number: number): unknown {
  const untold = {
    toJSON: () => {
      throw new Error('cannot be put into words');
    },
  };
  const oddities = ['a string', 42, null, undefined, { code: 'E_ODD', nested: [1, 2] }, Symbol('odd'), 10n, untold];
  return oddities[Math.floor(number * 1_000_000) % oddities.length];
}
