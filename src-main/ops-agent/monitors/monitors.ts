/** Every monitor, asked at once, each within its time. */
import {
  OPS_SIGNALS,
  type OpsMonitor,
  type OpsObservation,
  type OpsSignalName,
  type OpsStatus,
} from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import type { OpsDeps, OpsSources } from '../deps.ts';
import type { Observed, Observer } from '../parts.ts';
import { dlqMonitor } from './dlq.ts';
import { healthMonitor } from './health.ts';
import { metricsMonitor } from './metrics.ts';
import { type Look, type Monitor, observed } from './monitor.ts';
import { MonitorRun, type MonitorStatus } from './monitor-run.ts';
import { resourcesMonitor } from './resources.ts';
import { workerMonitor } from './worker.ts';

const ACTOR = 'ops-agent';

export type MonitorsDeps = Pick<OpsDeps, 'clock' | 'node' | 'settings'> & {
  sources: Omit<OpsSources, 'caches' | 'sweepUploads'>;
};

/** Whoever adds a monitor adds it here. */
const MAKERS: readonly ((deps: MonitorsDeps) => Monitor)[] = [
  healthMonitor,
  metricsMonitor,
  dlqMonitor,
  workerMonitor,
  resourcesMonitor,
];

export class Monitors implements Observer {
  readonly #deps: Pick<MonitorsDeps, 'clock' | 'node'>;
  readonly #monitors: readonly { monitor: Monitor; run: MonitorRun }[];
  /** Of the operator's organisation: for others each is asked about less. */
  readonly #status = new Map<OpsMonitor, MonitorStatus>();

  constructor(deps: MonitorsDeps, monitors: readonly Monitor[] = MAKERS.map((make) => make(deps))) {
    this.#deps = deps;
    this.#monitors = monitors.map((monitor) => ({ monitor, run: new MonitorRun(monitor, deps.clock) }));
  }

  async observe(org_id: string): Promise<Observed> {
    const isOperator = org_id === LOCAL_ORG_ID;
    const asked = this.#monitors
      .map((each) => ({
        ...each,
        looks: isOperator ? each.monitor.looks : each.monitor.looks.filter(isOfOrganisation),
      }))
      .filter(({ looks }) => looks.length > 0);
    const found = await Promise.all(asked.map(({ run, looks }) => run.observe({ org_id, actor: ACTOR }, looks)));
    if (isOperator) for (const { status } of found) this.#status.set(status.monitor, status);
    const all = found.flatMap(({ observations }) => observations);
    return {
      at_ms: this.#deps.clock.now(),
      observations: isOperator ? [...all, ...found.map(({ status }) => this.#failure(status))] : all.filter(isOwn),
      failed: found.filter(({ status }) => status.state !== 'ok').map(({ status }) => status.monitor),
    };
  }

  monitors(): OpsStatus['monitors'] {
    return this.#monitors.map(({ monitor, run }) => this.#status.get(monitor.monitor) ?? run.unasked);
  }

  #failure({ monitor, state, error }: MonitorStatus): OpsObservation {
    return observed('monitor_failed', state === 'ok' ? 0 : 1, { monitor, node: this.#deps.node }, error);
  }
}

const ofOrganisation = (signal: OpsSignalName): boolean => OPS_SIGNALS[signal].of === 'organisation';
const isOfOrganisation = ({ signals }: Look): boolean => signals.some(ofOrganisation);
const isOwn = ({ signal }: OpsObservation): boolean => ofOrganisation(signal);
