/** What other processes can be told to do. */
import type { OpsTarget } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import type { NodeDocument } from '../records/documents.ts';
import type { Remediator } from './remediator.ts';

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
