/** Other processes that observe, by what they last told: what only they can do is assigned to them. */
import type { OpsTarget } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import type { NodeDocument } from '../records/documents.ts';
import type { OpsRecords } from '../records/ops-records.ts';
import type { Remediator } from './remediator.ts';

/** Intervals of the agent after which a process is not counted on. */
const MISSED = 3;
const MOST = 100;

export class Nodes {
  readonly #records: OpsRecords;
  readonly #own: string;

  constructor(records: OpsRecords, own: string) {
    this.#records = records;
    this.#own = own;
  }

  others(now_ms: number, interval_ms: number): NodeDocument[] {
    return this.#records
      .list(LOCAL_ORG_ID, 'node', { limit: MOST })
      .map(({ document }) => document)
      .filter(({ node, at_ms }) => node !== this.#own && now_ms - at_ms < MISSED * interval_ms);
  }
}

/** What a remediator can be used on there. Whether it can be done, that process finds out. */
export function targetsThere(scope: Scope, remediator: Remediator, { node, observations }: NodeDocument): OpsTarget[] {
  if (remediator.done_by !== 'process' || scope.org_id !== LOCAL_ORG_ID) return [];
  if (remediator.name !== 'circuit-breaker-reset') {
    return [{ target: { node }, title: node, detail: 'another process', blocked: null }];
  }
  return observations
    .filter(({ signal, value }) => signal === 'breaker_open_seconds' && value > 0)
    .map(({ labels, value }) => ({
      target: { breaker: labels.breaker ?? '', node },
      title: `${labels.breaker} at ${node}`,
      detail: `open for ${Math.round(value)} s`,
      blocked: null,
    }));
}
