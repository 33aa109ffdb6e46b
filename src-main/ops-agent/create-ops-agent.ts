/** Composition of the ops agent. */
import type { Database as SqliteDatabase } from 'better-sqlite3';
import { OpsAgent } from './agent/ops-agent.ts';
import { Alerts } from './alerts/alerts.ts';
import type { OpsDeps, OpsSources } from './deps.ts';
import { Monitors } from './monitors/monitors.ts';
import { Channels } from './notifications/channels.ts';
import { Notifier } from './notifications/notifier.ts';
import { OpsRecords } from './records/ops-records.ts';
import { RoundLog } from './records/round-log.ts';
import { Remediation } from './remediation/remediation.ts';
import { Reports } from './reports/reports.ts';
import { Rules } from './rules/rules.ts';
import type { OpsServices } from './services.ts';

export interface OpsAgentOptions extends Omit<OpsDeps, 'records' | 'rounds'> {
  history: SqliteDatabase;
  sources: OpsSources;
  organisations(): Iterable<string>;
}

export interface OpsAgentParts {
  services: OpsServices;
  start(): void;
  stop(): Promise<void>;
}

export function createOpsAgent({ history, sources, organisations, ...given }: OpsAgentOptions): OpsAgentParts {
  const records = new OpsRecords(history, { shared: !sources.embedded });
  const deps: OpsDeps = { ...given, records, rounds: new RoundLog(history) };
  const rules = new Rules(deps);
  const alerts = new Alerts({ ...deps, rules });
  const channels = new Channels(deps);
  const notifier = new Notifier({ ...deps, channels, alerts });
  const actions = new Remediation({ ...deps, sources, alerts, rules });
  const reports = new Reports({ ...deps, sources, dispatcher: notifier });
  const agent = new OpsAgent({
    ...deps,
    observer: new Monitors({ ...deps, sources }),
    judge: alerts,
    healer: actions,
    dispatcher: notifier,
    reporter: reports,
    organisations,
  });
  return {
    services: {
      agent,
      rules,
      alerts,
      actions,
      channels,
      reports,
      onDesktopNote: (listener) => notifier.onDesktopNote(listener),
    },
    start: () => agent.start(),
    stop: () => agent.stop(),
  };
}
