/** A node with an ops agent on a PostgreSQL server, whose line to it can be cut; what it sees is said by the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpsObservation } from '../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../src-main/app-files.ts';
import { systemClock } from '../../src-main/clock.ts';
import { EventFeed } from '../../src-main/events/event-feed.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { hearOthers } from '../../src-main/ops-agent/agent/hear-others.ts';
import { Leases } from '../../src-main/ops-agent/agent/leadership.ts';
import { PostgresLeaseTable } from '../../src-main/ops-agent/agent/lease-table.ts';
import { type AgentDeps, OpsAgent } from '../../src-main/ops-agent/agent/ops-agent.ts';
import type { OpsDeps } from '../../src-main/ops-agent/deps.ts';
import type { Round } from '../../src-main/ops-agent/parts.ts';
import { OpsRecords } from '../../src-main/ops-agent/records/ops-records.ts';
import { RecordSharing } from '../../src-main/ops-agent/records/record-sharing.ts';
import { RoundLog } from '../../src-main/ops-agent/records/round-log.ts';
import { PostgresSharedTable } from '../../src-main/ops-agent/records/shared-table.ts';
import { SecretBox } from '../../src-main/secrets/secret-box.ts';
import { defaultConfig } from '../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../src-main/settings/live-settings.ts';
import { Database } from '../../src-main/storage/database.ts';
import { HistoryStore } from '../../src-main/storage/history-store.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { silentLogger } from './test-databases.ts';

const SCOPE = { org_id: LOCAL_ORG_ID, actor: 'ada' };

export interface OpsNode {
  agent: OpsAgent;
  records: OpsRecords;
  /** Rounds in which it acted. */
  judged: Round[];
  /** How often it looked whether it was assigned something. */
  assisted(): number;
  /** Between it and the database. */
  line: TcpProxy;
  status(): ReturnType<OpsAgent['status']>;
  leads(): boolean;
  /** Ends it as a crash would: it gives nothing back. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface OpsNodeOptions {
  enabled?: boolean;
  /** Kept when it ends; without it one of its own, which goes with it. */
  folder?: string;
  /** Real ones, in place of those that do nothing. */
  parts?: (deps: OpsDeps) => Partial<AgentDeps>;
}

export async function startOpsNode(
  name: string,
  database_url: string,
  sees: OpsObservation[],
  { enabled = true, folder: given, parts }: OpsNodeOptions = {},
): Promise<OpsNode> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'archon-ops-node-'));
  const url = new URL(database_url);
  const line = await TcpProxy.to(Number(url.port));
  url.port = String(line.port);
  const database = new Database({
    pool: { connectionString: url.href, max: 4 },
    logger: silentLogger,
    statement_timeout_ms: 10_000,
  });
  const history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  const records = new OpsRecords(history.db, { shared: true });
  const organisations = () => [LOCAL_ORG_ID];
  const table = new PostgresSharedTable(database, records.writer);
  const sharing = new RecordSharing({
    records,
    table,
    organisations,
    logger: silentLogger,
    now_ms: () => Date.now(),
    tuning: { retry: [50, 200] },
  });
  const leadership = new Leases({
    table: new PostgresLeaseTable(database),
    claimant: { holder: records.writer, node: name },
    organisations,
    logger: silentLogger,
    tuning: { lease: 1500, renew: 200, retry: [50, 200] },
  });
  const feed = new EventFeed({ database, logger: silentLogger, shared: true });
  const judged: Round[] = [];
  let assisted = 0;
  const deps: OpsDeps = {
    records,
    rounds: new RoundLog(history.db),
    settings: new LiveSettings({ ...defaultConfig(folder), 'ops.interval_seconds': 3600, 'ops.enabled': enabled }),
    clock: systemClock,
    logger: silentLogger,
    secrets: new SecretBox({ data_dir: folder, passphrase: null }),
    node: name,
    leads: (org_id) => agent.leads(org_id),
  };
  const agent: OpsAgent = new OpsAgent({
    ...deps,
    observer: {
      observe: async () => ({ at_ms: Date.now(), observations: sees, failed: [] }),
      monitors: () => [],
    },
    judge: {
      judge: (round) => {
        judged.push(round);
        return [];
      },
      active: () => [],
    },
    healer: {
      heal: async () => {},
      assist: async () => void assisted++,
      start: () => {},
      stop: async () => {},
    },
    dispatcher: { dispatch: () => {}, sendReport: () => [], start: () => {}, stop: async () => {} },
    reporter: { round: async () => {} },
    organisations,
    leadership,
    sharing: { records: sharing, table },
    unavailable: null,
    always: false,
    gap_ms: 20,
    ...parts?.(deps),
  });
  hearOthers({ feed, agent, sharing, node: records.writer });
  feed.start();
  agent.start();
  const stop = async () => {
    await agent.stop();
    await feed.stop();
    await database.close({ grace_ms: 0 });
    await line.close();
    history.close();
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return {
    agent,
    records,
    judged,
    assisted: () => assisted,
    line,
    status: () => agent.status(SCOPE),
    leads: () => agent.leads(LOCAL_ORG_ID),
    kill: async () => {
      await line.refuse();
      await stop();
    },
    stop,
  };
}
