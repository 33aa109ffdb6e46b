/** Judges a soak by what was acknowledged, what is stored, what was answered and what was said of how everything is. */
import type { Sample, ServiceSaid } from './health-watch.ts';
import { REQUEST_KINDS, type RequestKind, type Tally } from './soak-client.ts';
import { isTotal, SERVICES, type Service, type SoakFault } from './soak-plan.ts';

/** Something that was written and answered for. */
export interface Acknowledged {
  /** Written once, so found once. */
  mark: string;
  /** Where it lies: a layer, or a session. */
  place: string;
  /** Whether its place keeps the order of the answers. */
  ordered: boolean;
  how: 'done' | 'queued';
}

/** A fault as it was. Milliseconds of the clock that samples have. */
export interface StruckFault extends Pick<SoakFault, 'kind' | 'services'> {
  began_ms: number;
  ended_ms: number;
  /** When everything it struck was first said to be well again; undefined when it was struck again before. */
  well_ms: number | 'never' | undefined;
  /** When each part of that was first said so. */
  parts_ms?: Readonly<Record<WellPart, number | undefined>>;
}

/** What is promised. */
export interface Promises {
  /** Seconds within which a request is answered, and a look at how everything is. */
  request_seconds: number;
  look_seconds: number;
  /** More than that, for a machine that has other things to do. */
  slack_seconds: number;
  recovery_seconds: number;
  /** For so long health may call a store well that is away. */
  blind_seconds: number;
  /** For so long its breaker may be closed: it takes some failures to open, each of which may take seconds. */
  breaker_seconds: number;
}

export interface SoakEvidence {
  promises: Promises;
  acknowledged: readonly Acknowledged[];
  /** Marks that are stored, by place, in the order of the place. */
  stored: ReadonlyMap<string, readonly string[]>;
  /** How many events tell that each stored thing was made, by its mark. */
  told: ReadonlyMap<string, number>;
  tallies: ReadonlyMap<RequestKind, Tally>;
  faults: readonly StruckFault[];
  samples: readonly Sample[];
  /** Writes that their store refused in the end, in words. */
  refused: readonly string[];
  /** Ends of the server that nobody asked for, errors that nobody handled, answers that no fault explains. */
  troubles: readonly string[];
}

export interface SoakVerdict {
  acknowledged: { done: number; queued: number };
  found: number;
  lost: number;
  duplicated: number;
  misplaced: number;
  /** Stored things without exactly one event. */
  mistold: number;
  recoveries_seconds: number[];
  /** Samples that said something else than what was so, out of those in which it was known. */
  untrue: Record<'health' | 'breakers', { called_well: number; called_away: number; of: number }>;
  /** Everything that must not be, in words. Empty: the run is good. */
  faults: string[];
}

export function checkSoak(evidence: SoakEvidence): SoakVerdict {
  const faults: string[] = [...evidence.troubles, ...evidence.refused];
  const kept = checkKept(evidence, faults);
  checkAnswers(evidence, faults);
  const recoveries_seconds = checkRecoveries(evidence, faults);
  const untrue = {
    health: checkSaid(evidence, 'health', faults),
    breakers: checkSaid(evidence, 'breakers', faults),
  };
  return { ...kept, recoveries_seconds, untrue, faults };
}

function checkKept(
  { acknowledged, stored, told }: SoakEvidence,
  faults: string[],
): Pick<SoakVerdict, 'acknowledged' | 'found' | 'lost' | 'duplicated' | 'misplaced' | 'mistold'> {
  const how = (wanted: Acknowledged['how']) => acknowledged.filter((one) => one.how === wanted).length;
  const verdict = {
    acknowledged: { done: how('done'), queued: how('queued') },
    found: 0,
    lost: 0,
    duplicated: 0,
    misplaced: 0,
    mistold: 0,
  };
  for (const [place, marks] of stored) {
    for (const [mark, times] of countsOf(marks)) {
      if (times > 1) {
        verdict.duplicated += 1;
        faults.push(`${mark} is in ${place} ${times} times`);
      }
      const events = told.get(mark) ?? 0;
      if (events !== 1) {
        verdict.mistold += 1;
        faults.push(`${mark} in ${place} has ${events} events that tell of it, not one`);
      }
    }
  }
  const places = new Map([...stored].map(([place, marks]) => [place, new Map(marks.map((mark, at) => [mark, at]))]));
  const last = new Map<string, number>();
  for (const { mark, place, ordered, how: taken } of acknowledged) {
    const at = places.get(place)?.get(mark);
    if (at === undefined) {
      verdict.lost += 1;
      faults.push(`${mark} was acknowledged (${taken}) and is not in ${place}: lost`);
      continue;
    }
    verdict.found += 1;
    if (!ordered) continue;
    if (at < (last.get(place) ?? -1)) {
      verdict.misplaced += 1;
      faults.push(`${mark} is before what was acknowledged before it in ${place}`);
    }
    last.set(place, Math.max(at, last.get(place) ?? -1));
  }
  return verdict;
}

function checkAnswers({ tallies, promises }: SoakEvidence, faults: string[]): void {
  for (const [kind, { broken, mistaken, unanswered, worst_ms }] of tallies) {
    if (broken > 0) faults.push(`${kind}: ${broken} answers of 5xx that do not say that a store is away`);
    if (mistaken > 0) faults.push(`${kind}: ${mistaken} answers of 4xx`);
    if (unanswered > 0) faults.push(`${kind}: ${unanswered} requests without an answer`);
    const limit = deadlineOf(kind, promises) + promises.slack_seconds;
    if (worst_ms > limit * 1000) faults.push(`${kind}: an answer took ${(worst_ms / 1000).toFixed(1)} s`);
  }
}

export const deadlineOf = (kind: RequestKind, promises: Promises): number => promises[`${REQUEST_KINDS[kind]}_seconds`];

function checkRecoveries({ faults: struck, promises }: SoakEvidence, faults: string[]): number[] {
  const took: number[] = [];
  for (const { kind, services, ended_ms, well_ms } of struck) {
    if (well_ms === undefined) continue;
    const seconds = well_ms === 'never' ? Number.POSITIVE_INFINITY : (well_ms - ended_ms) / 1000;
    took.push(seconds);
    if (seconds <= promises.recovery_seconds) continue;
    const after = well_ms === 'never' ? `not well after ${promises.recovery_seconds} s` : `well after ${seconds} s`;
    faults.push(`${services.join(' and ')}, ${kind}: ${after}`);
  }
  return took;
}

/** `away`: nobody can reach it, and has not been able to for some time. `well`: nothing has happened to it for long. */
function truthOf(
  { asked_ms, told_ms }: Sample,
  service: Service,
  { faults, promises }: SoakEvidence,
  blind_seconds: number,
): 'away' | 'well' | 'unknown' {
  const mine = faults.filter(({ services }) => services.includes(service));
  const isAway = mine.some(
    ({ kind, began_ms, ended_ms }) => isTotal(kind) && asked_ms > began_ms + blind_seconds * 1000 && told_ms < ended_ms,
  );
  if (isAway) return 'away';
  const quiet_ms = promises.recovery_seconds * 1000;
  const isTouched = mine.some(({ began_ms, ended_ms }) => told_ms > began_ms && asked_ms < ended_ms + quiet_ms);
  return isTouched ? 'unknown' : 'well';
}

function checkSaid(
  evidence: SoakEvidence,
  what: 'health' | 'breakers',
  faults: string[],
): SoakVerdict['untrue']['health'] {
  const { samples, promises } = evidence;
  const blind = what === 'health' ? promises.blind_seconds : promises.breaker_seconds;
  const untrue = { called_well: 0, called_away: 0, of: 0 };
  for (const sample of samples) {
    for (const service of SERVICES) {
      const { healthy, closed } = sample.said[service];
      const saysWell = what === 'health' ? healthy : closed;
      const truth = truthOf(sample, service, evidence, blind);
      if (truth === 'unknown' || saysWell === undefined) continue;
      untrue.of += 1;
      if (truth === 'away' && saysWell) untrue.called_well += 1;
      if (truth === 'well' && !saysWell) untrue.called_away += 1;
    }
  }
  if (untrue.called_well > 0) faults.push(`${what}: ${untrue.called_well} samples call a store well that was away`);
  if (untrue.called_away > 0) faults.push(`${what}: ${untrue.called_away} samples call a store away that was there`);
  return untrue;
}

/** What makes a service well, part by part. */
const WELL_PARTS = {
  healthy: ({ healthy }: ServiceSaid) => healthy,
  closed: ({ closed }: ServiceSaid) => closed !== false,
  drained: ({ waiting }: ServiceSaid) => waiting === 0,
} as const;
export type WellPart = keyof typeof WELL_PARTS;

/** When everything that a fault struck was first said to be well. */
export function wellAgain(
  samples: readonly Sample[],
  { services, ended_ms }: Pick<StruckFault, 'services' | 'ended_ms'>,
  isSo: (said: ServiceSaid) => boolean = (said) => Object.values(WELL_PARTS).every((part) => part(said)),
): number | undefined {
  return samples.find(({ asked_ms, said }) => asked_ms >= ended_ms && services.every((service) => isSo(said[service])))
    ?.told_ms;
}

export const partsAgain = (
  samples: readonly Sample[],
  fault: Pick<StruckFault, 'services' | 'ended_ms'>,
): Record<WellPart, number | undefined> => ({
  healthy: wellAgain(samples, fault, WELL_PARTS.healthy),
  closed: wellAgain(samples, fault, WELL_PARTS.closed),
  drained: wellAgain(samples, fault, WELL_PARTS.drained),
});

function countsOf(marks: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const mark of marks) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  return counts;
}
