/** Which faults strike, when and for how long: made from a seed, so that a run can be made again. */
import { randomNumbers } from '../support/random-numbers.ts';

export const SERVICES = ['postgres', 'redis'] as const;
export type Service = (typeof SERVICES)[number];

export const SOAK_FAULT_KINDS = [
  /** Nobody listens. */
  'refuse',
  /** Connections are taken and ended. */
  'hang_up',
  /** Connections are taken, and nothing is ever answered. */
  'black_hole',
  /** Connections are reset where the answer should come: what was asked is done. */
  'reset',
  /** Everything arrives late. */
  'delay',
  /** Little fits through. */
  'throttle',
  /** Comes and goes. */
  'flap',
  /** The server itself is stopped or crashes, and is started again. */
  'restart',
] as const;
export type SoakFaultKind = (typeof SOAK_FAULT_KINDS)[number];

/** While one of these lasts, the service cannot be reached by anybody. */
const TOTAL: ReadonlySet<SoakFaultKind> = new Set(['refuse', 'hang_up', 'black_hole', 'reset', 'restart']);
export const isTotal = (kind: SoakFaultKind): boolean => TOTAL.has(kind);

export interface SoakFault {
  kind: SoakFaultKind;
  /** One of the services, or all of them at once. */
  services: readonly Service[];
  lasts_ms: number;
  /** Before it, in milliseconds. */
  pause_ms: number;
  /** It strikes before what was struck last has recovered. */
  presses: boolean;
  /** From 0 to 1: how strong, where there is more than one way. */
  strength: number;
}

export interface SoakPlanOptions {
  seed: number;
  /** What there is to strike. */
  services: readonly Service[];
  shortest_ms: number;
  longest_ms: number;
}

const LONGEST_PAUSE_MS = 4000;
/** Of the faults: those that do not wait. */
const PRESSING = 0.2;

/**
 * Without an end. Kinds are dealt in rounds, each in an order of its own, so that a run of some minutes has them all; short
 * faults are more frequent than long ones.
 */
export function* planSoak({ seed, services, shortest_ms, longest_ms }: SoakPlanOptions): Generator<SoakFault> {
  const random = randomNumbers(seed);
  const targets = services.length > 1 ? [...services.map((one) => [one]), services] : [services];
  for (;;) {
    for (const kind of shuffled(SOAK_FAULT_KINDS, random)) {
      yield {
        kind,
        services: targets[Math.floor(random() * targets.length)] ?? services,
        lasts_ms: Math.round(shortest_ms + (longest_ms - shortest_ms) * random() ** 2),
        pause_ms: Math.round(random() * LONGEST_PAUSE_MS),
        presses: random() < PRESSING,
        strength: random(),
      };
    }
  }
}

const MINUTE_MS = 60_000;

/** The long outages that Archon promises to stand, one after the other: minutes instead of luck. */
export function* planDrill(services: readonly Service[]): Generator<SoakFault> {
  const calm = { pause_ms: 2000, presses: false, strength: 0 };
  for (const one of services) yield { ...calm, kind: 'refuse', services: [one], lasts_ms: MINUTE_MS };
  if (services.length > 1) yield { ...calm, kind: 'refuse', services, lasts_ms: MINUTE_MS };
  yield { ...calm, kind: 'black_hole', services, lasts_ms: MINUTE_MS };
  yield { ...calm, kind: 'flap', services, lasts_ms: MINUTE_MS };
  for (const one of services) yield { ...calm, kind: 'restart', services: [one], lasts_ms: MINUTE_MS / 4 };
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
