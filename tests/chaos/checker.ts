/** Judges a run by what is left of it: what was acknowledged, the log, the queues, the dead letters, the effects. */

/** An event as the log has it. */
export interface LoggedEvent {
  id: string;
  /** Memories and messages it tells of, as an acknowledgement names them. */
  keys: readonly string[];
  user_id: string | null;
}

export interface LetterLeft {
  event_id: string;
  state: string;
  error_name: string;
}

/** What a subscriber did, and what is left of its events. */
export interface SubscriberEvidence {
  name: string;
  /** Events up to this id have left the log for its queue. */
  cursor: number;
  /** How often each event had its effect. */
  effects: ReadonlyMap<string, number>;
  letters: readonly LetterLeft[];
  /** Events in its queue, in whatever state. */
  queued: readonly string[];
  /** Whether it fails at the events of a user for good. */
  isPoison(user_id: string | null): boolean;
  /** The name its failures are kept under. */
  error_name: string;
  /** It takes care itself that an event that comes again has no second effect. */
  once: boolean;
}

export interface Evidence {
  /** Names what was acknowledged. */
  acknowledged: readonly string[];
  /** From the beginning of the run to its end. */
  log: readonly LoggedEvent[];
  /** Events of sessions that never came from their store into the log. */
  outbox: number;
  /** Runs of workers that began and never ended. */
  open_runs: number;
  subscribers: readonly SubscriberEvidence[];
}

export interface SubscriberVerdict {
  name: string;
  delivered: number;
  /** Of these, more than once. */
  repeated: number;
  poisoned: number;
  dead: number;
  limbo: number;
  lost: number;
}

export interface Verdict {
  acknowledged: number;
  /** Of these, in the log. */
  found: number;
  events: number;
  lost: number;
  limbo: number;
  subscribers: SubscriberVerdict[];
  /** Everything that must not be, in words. Empty: the run is good. */
  faults: string[];
}

export function check(evidence: Evidence): Verdict {
  const faults: string[] = [];
  const logged = new Set(evidence.log.flatMap(({ keys }) => keys));
  const missing = evidence.acknowledged.filter((key) => !logged.has(key));
  for (const key of missing) faults.push(`${key} was acknowledged and is not in the log: lost`);
  if (evidence.outbox > 0) faults.push(`${evidence.outbox} events of sessions never came into the log: limbo`);
  if (evidence.open_runs > 0) faults.push(`${evidence.open_runs} runs of workers never ended: limbo`);
  const subscribers = evidence.subscribers.map((subscriber) => checkSubscriber(subscriber, evidence.log, faults));
  const sum = (key: 'lost' | 'limbo') => subscribers.reduce((total, verdict) => total + verdict[key], 0);
  return {
    acknowledged: evidence.acknowledged.length,
    found: evidence.acknowledged.length - missing.length,
    events: evidence.log.length,
    lost: missing.length + sum('lost'),
    limbo: evidence.outbox + evidence.open_runs + sum('limbo'),
    subscribers,
    faults,
  };
}

function checkSubscriber(
  subscriber: SubscriberEvidence,
  log: readonly LoggedEvent[],
  faults: string[],
): SubscriberVerdict {
  const { name, effects, isPoison } = subscriber;
  const letters = new Map(subscriber.letters.map((letter) => [letter.event_id, letter]));
  const queued = new Set(subscriber.queued);
  const verdict = { name, delivered: 0, repeated: 0, poisoned: 0, dead: letters.size, limbo: 0, lost: 0 };
  const fault = (id: string, what: string) => faults.push(`${name}: event ${id} ${what}`);
  for (const { id, user_id } of log) {
    const times = effects.get(id) ?? 0;
    const letter = letters.get(id);
    const poisoned = isPoison(user_id);
    if (poisoned) verdict.poisoned += 1;
    if (times > 0) verdict.delivered += 1;
    if (times > 1) verdict.repeated += 1;
    if (times > 1 && subscriber.once) fault(id, `had its effect ${times} times`);
    if (times > 0 && poisoned) fault(id, 'is poisoned and had an effect');
    if (letter && !poisoned) fault(id, `is a dead letter (${letter.error_name}) and not poisoned`);
    if (letter && letter.state !== 'dead') fault(id, `is a dead letter that is ${letter.state}`);
    if (letter && poisoned && letter.error_name !== subscriber.error_name) {
      fault(id, `failed with ${letter.error_name}, not ${subscriber.error_name}`);
    }
    if (queued.has(id)) {
      verdict.limbo += 1;
      fault(id, 'is still in the queue: limbo');
    } else if (times === 0 && !letter && Number(id) > subscriber.cursor) {
      verdict.limbo += 1;
      fault(id, 'never left the log: limbo');
    } else if (times === 0 && !letter) {
      verdict.lost += 1;
      fault(id, 'had no effect and is not a dead letter: lost');
    }
  }
  const known = new Set(log.map(({ id }) => id));
  for (const id of [...effects.keys(), ...letters.keys(), ...queued]) {
    if (!known.has(id)) fault(id, 'was delivered and is not in the log');
  }
  return verdict;
}
