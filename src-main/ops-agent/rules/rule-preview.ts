/** How often a rule would have fired: the same machine that judges, run over what was recorded. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OpsLabels, OpsRule, OpsRulePreview } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { type LiveMachine, type Step, step } from '../alerts/alert-machine.ts';
import { calmFor, type Ended, repeatsOf } from '../alerts/flapping.ts';
import { matchesLabels } from '../alerts/matchers.ts';
import type { LoggedRound, RoundLog } from '../records/round-log.ts';
import { evaluate, findingOf, type Judged, type Verdict, worse } from './evaluate.ts';
import { Seen } from './seen.ts';

/** Rounds that are read before others have a turn. */
const ROUNDS_AT_ONCE = 50;
const MAX_FIRINGS = 100;
/** Series that are listed as they are now; those that hold first. */
const MAX_NOW = 200;
const HOUR_MS = 3_600_000;

export type Previewed = Judged & Pick<OpsRule, 'for_seconds' | 'resolve_after_seconds'>;
type Firing = OpsRulePreview['firings'][number];

export interface PreviewSources {
  rounds: RoundLog;
  clock: Clock;
}

export async function previewRule(
  org_id: string,
  rule: Previewed,
  hours: number,
  { rounds, clock }: PreviewSources,
): Promise<OpsRulePreview> {
  const to_ms = clock.now();
  const from_ms = to_ms - hours * HOUR_MS;
  const play = new Play(rule);
  let last: LoggedRound | undefined;
  for (let after_ms = from_ms; ; await nextTurn()) {
    const page = rounds.read(org_id, { from_ms: after_ms, to_ms, limit: ROUNDS_AT_ONCE });
    for (const round of page) play.round(round);
    last = page.at(-1) ?? last;
    if (!last || page.length < ROUNDS_AT_ONCE) break;
    after_ms = last.at_ms;
  }
  const { firings, count, played } = play;
  const times = { from: isoTime(from_ms), to: isoTime(to_ms) };
  return { ...times, rounds: played, firings, count, now: last ? asItIs(rule, last) : [] };
}

interface Instance {
  labels: OpsLabels;
  machine: LiveMachine;
  repeats: number;
  worst: number | null;
  firing: Firing | undefined;
}

class Play {
  played = 0;
  count = 0;
  firings: Firing[] = [];
  readonly #rule: Previewed;
  readonly #instances = new Map<string, Instance>();
  readonly #ended = new Map<string, Ended>();
  /** What the rule does not look at need not be arranged. */
  readonly #signals: ReadonlySet<string>;

  constructor(rule: Previewed) {
    this.#rule = rule;
    this.#signals = new Set([...rule.conditions.map(({ signal }) => signal), 'monitor_failed']);
  }

  round({ at_ms, covered_ms, observations, failed }: LoggedRound): void {
    this.played += 1;
    const seen = new Seen(
      observations.filter(({ signal }) => this.#signals.has(signal)),
      failed,
    );
    const known = new Map([...this.#instances].map(([key, { labels }]) => [key, labels]));
    for (const verdict of evaluate(this.#rule, seen, known)) this.#look(verdict, at_ms, covered_ms);
  }

  #look(verdict: Verdict, at_ms: number, elapsed_ms: number): void {
    const { for_seconds, resolve_after_seconds } = this.#rule;
    const instance = this.#instances.get(verdict.key);
    const repeats = instance?.repeats ?? repeatsOf(this.#ended.get(verdict.key), at_ms);
    const next = step(instance?.machine, {
      holds: verdict.holds,
      at_ms,
      elapsed_ms,
      for_ms: for_seconds * 1000,
      resolve_after_ms: calmFor(resolve_after_seconds * 1000, repeats),
    });
    const worst = this.#worst(instance?.worst ?? null, verdict);
    const firing = this.#firing(instance?.firing, next, verdict.labels, worst);
    if (next.machine && next.machine.state !== 'resolved') {
      this.#instances.set(verdict.key, { labels: verdict.labels, machine: next.machine, repeats, worst, firing });
    } else {
      this.#instances.delete(verdict.key);
      if (next.what === 'resolved') this.#ended.set(verdict.key, { at_ms: next.machine.at_ms, repeats });
    }
  }

  #worst(before: number | null, { holds, findings }: Verdict): number | null {
    const index = Math.max(0, holds === true ? findings.findIndex((finding) => finding.holds === true) : 0);
    const condition = this.#rule.conditions[index];
    const value = findings[index]?.value ?? null;
    if (holds !== true || !condition || value === null) return before;
    return before === null ? value : worse(condition.operator, this.#rule.limits[index] ?? 0, before, value);
  }

  #firing(known: Firing | undefined, { what, machine }: Step, labels: OpsLabels, worst: number | null) {
    const firing = what === 'fired' ? this.#begin(labels, machine.since_ms) : known;
    if (!firing) return undefined;
    if (worst !== null) firing.worst = worst;
    if (what === 'resolved') firing.ended_at = isoTime(machine.at_ms);
    return firing;
  }

  #begin(labels: OpsLabels, at_ms: number): Firing {
    const firing: Firing = { labels, started_at: isoTime(at_ms), ended_at: null, worst: 0 };
    this.count += 1;
    this.firings.push(firing);
    if (this.firings.length > MAX_FIRINGS) this.firings.shift();
    return firing;
  }
}

function asItIs(rule: Previewed, { observations }: LoggedRound): OpsRulePreview['now'] {
  const [condition] = rule.conditions;
  if (!condition) return [];
  return new Seen(observations, [])
    .of(condition.signal)
    .filter(({ labels }) => matchesLabels(condition.labels, labels))
    .map((series) => {
      const { holds } = findingOf(condition, rule.limits[0] ?? Number.NaN, series);
      return { labels: series.labels, value: series.value, holds: holds === true };
    })
    .sort((one, other) => Number(other.holds) - Number(one.holds))
    .slice(0, MAX_NOW);
}
