/** What each node saw of itself, for the node that leads: its own notes and those of the others, as far as they are fresh. */
import { OPS_SIGNALS, type OpsObservation } from '../../../src-contract/index.ts';
import type { Observed } from '../parts.ts';
import type { NodeDocument } from '../records/documents.ts';
import type { OpsRecords } from '../records/ops-records.ts';

/** Nodes that are read, at most. */
const MOST_NODES = 500;
/** A report is fresh for so many intervals after it came in, and no shorter than this. */
const FRESH_INTERVALS = 2.5;
const FRESH_AT_LEAST_MS = 30_000;

interface Heard {
  at_ms: number;
  /** When it came in, by the clock that only grows: the clocks of two computers cannot be compared. */
  heard_ms: number;
}

export class NodeReports {
  readonly #records: OpsRecords;
  readonly #node: string;
  readonly #monotonic_ms: () => number;
  readonly #heard = new Map<string, Heard>();

  constructor(deps: { records: OpsRecords; node: string; monotonic_ms(): number }) {
    this.#records = deps.records;
    this.#node = deps.node;
    this.#monotonic_ms = deps.monotonic_ms;
  }

  /** What this node saw, for the others. */
  write(org_id: string, { at_ms, observations, failed }: Observed): void {
    const document: NodeDocument = {
      node: this.#node,
      at_ms,
      observations: observations.filter(isOfNode),
      failed: [...failed],
    };
    this.#records.put(org_id, 'node', { id: this.#node, at_ms, open: false, document });
  }

  /** This process ends: nothing more is heard of it. */
  leave(org_id: string): void {
    this.#records.remove(org_id, 'node', this.#node);
  }

  /**
   * Other nodes whose reports are fresh, with what they saw.
   *
   * @param given `frozen` while the database is away: then nothing can come in, and what was fresh before stays as it was
   */
  others(org_id: string, given: { now_ms: number; interval_ms: number; frozen: boolean }): NodeDocument[] {
    const fresh_ms = Math.max(FRESH_AT_LEAST_MS, given.interval_ms * FRESH_INTERVALS);
    const reports = this.#records
      .list(org_id, 'node', { limit: MOST_NODES })
      .map(({ document }) => document)
      .filter(({ node }) => node !== this.#node);
    return reports.filter((report) => this.#isFresh(org_id, report, { ...given, fresh_ms }));
  }

  #isFresh(
    org_id: string,
    { node, at_ms }: NodeDocument,
    { now_ms, fresh_ms, frozen }: { now_ms: number; fresh_ms: number; frozen: boolean },
  ): boolean {
    const key = `${org_id} ${node}`;
    const now = this.#monotonic_ms();
    const known = this.#heard.get(key);
    if (known === undefined) {
      // From before this process looked: how old it is can only be told by the clocks.
      const heard_ms = Math.abs(now_ms - at_ms) <= fresh_ms ? now : Number.NEGATIVE_INFINITY;
      this.#heard.set(key, { at_ms, heard_ms });
      return heard_ms === now;
    }
    if (known.at_ms !== at_ms || (frozen && now - known.heard_ms <= fresh_ms)) {
      this.#heard.set(key, { at_ms, heard_ms: now });
      return true;
    }
    return now - known.heard_ms <= fresh_ms;
  }
}

/** What this node saw, and what the others saw of themselves. */
export function withReports(observed: Observed, reports: readonly NodeDocument[]): Observed {
  const theirs = reports.flatMap(({ node, observations }) =>
    observations.filter((observation) => isOfNode(observation) && observation.labels.node === node),
  );
  return { ...observed, observations: [...observed.observations, ...theirs] };
}

/** Another version of Archon may tell of signals that are not known here. */
function isOfNode({ signal }: OpsObservation): boolean {
  return Object.hasOwn(OPS_SIGNALS, signal) && OPS_SIGNALS[signal].of === 'node';
}
