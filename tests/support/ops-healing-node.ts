/** A node of the ops agent that judges and heals: a worker that crashes is "restarted" by a line in a file. */
import { appendFileSync } from 'node:fs';
import type { OpsObservation } from '../../src-contract/index.ts';
import { Alerts } from '../../src-main/ops-agent/alerts/alerts.ts';
import type { OpsDeps, OpsSources } from '../../src-main/ops-agent/deps.ts';
import { Remediation } from '../../src-main/ops-agent/remediation/remediation.ts';
import { Rules } from '../../src-main/ops-agent/rules/rules.ts';
import { FakeRemediator } from './ops-healing.ts';
import { type OpsNode, startOpsNode } from './ops-node.ts';

export interface HealingNodeTask {
  name: string;
  url: string;
  folder: string;
  /** Has a line for each time that something was done. */
  effects: string;
}

const CRASHES: OpsObservation = {
  signal: 'worker_crashes_per_hour',
  labels: { worker: 'cleanup' },
  value: 9,
  detail: null,
};

/** @param afterEffect what it waits for once it has been done */
export async function startHealingNode(
  { name, url, folder, effects }: HealingNodeTask,
  afterEffect: () => Promise<void>,
): Promise<OpsNode> {
  const restart = new FakeRemediator('worker-restart');
  restart.work = async () => {
    appendFileSync(effects, `${name}\n`);
    await afterEffect();
    return {};
  };
  const parts = (deps: OpsDeps) => {
    const rules = new Rules(deps);
    const alerts = new Alerts({ ...deps, rules });
    // Remediators, which ask them, are those of the test.
    const sources = { embedded: false } as OpsSources;
    const remediators = {
      'circuit-breaker-reset': new FakeRemediator('circuit-breaker-reset'),
      'worker-restart': restart,
      'cache-clear': new FakeRemediator('cache-clear'),
      'event-replay': new FakeRemediator('event-replay'),
      'cleanup-run': new FakeRemediator('cleanup-run'),
      'reindex-advice': new FakeRemediator('reindex-advice'),
      'table-analyze': new FakeRemediator('table-analyze'),
      'backup-now': new FakeRemediator('backup-now'),
    };
    const healer = new Remediation({ ...deps, sources, alerts, rules }, { advisors: [], remediators });
    return { judge: alerts, healer };
  };
  return await startOpsNode(name, url, [CRASHES], { folder, parts });
}
