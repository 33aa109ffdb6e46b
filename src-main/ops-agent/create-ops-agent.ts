/** Composition of the ops agent. */
import type { Database as SqliteDatabase } from 'better-sqlite3';
import type { EventType } from '../../src-contract/index.ts';
import type { EventFeed } from '../events/event-feed.ts';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import type { SealedStore } from '../secrets/sealed-store.ts';
import { FiguresOfRecords } from './agent/figures.ts';
import { hearOthers } from './agent/hear-others.ts';
import { type Leadership, Leases, SoleLeader } from './agent/leadership.ts';
import { PostgresLeaseTable } from './agent/lease-table.ts';
import { OpsAgent } from './agent/ops-agent.ts';
import { Alerts } from './alerts/alerts.ts';
import type { OpsDeps, OpsSources } from './deps.ts';
import { Monitors } from './monitors/monitors.ts';
import { ChannelSecrets } from './notifications/channel-secrets.ts';
import { Channels } from './notifications/channels.ts';
import { Notifier } from './notifications/notifier.ts';
import type { OpsObserver } from './parts.ts';
import { notesPlace } from './records/notes-place.ts';
import { OpsRecords } from './records/ops-records.ts';
import { RecordSharing } from './records/record-sharing.ts';
import { RoundLog } from './records/round-log.ts';
import { PostgresSharedTable, type SharedTable } from './records/shared-table.ts';
import { Remediation } from './remediation/remediation.ts';
import { Reports } from './reports/reports.ts';
import { Rules } from './rules/rules.ts';
import type { OpsServices } from './services.ts';

export interface OpsAgentOptions extends Omit<OpsDeps, 'records' | 'rounds' | 'leads' | 'others'> {
  history: SqliteDatabase;
  sources: OpsSources;
  organisations(): Iterable<string>;
  feed: Pick<EventFeed, 'onOpsNotes'>;
  figures: OpsObserver;
  /** Whether anything is written by this process: not where the profile is for reading only. */
  writes: boolean;
  /** Why no agent runs in this process, whatever is set; null where one may. */
  unavailable: string | null;
  /** It is what this process is for: no setting switches it off. */
  always: boolean;
}

export interface OpsAgentParts {
  services: OpsServices;
  /** The secrets of channels. */
  sealed: SealedStore;
  start(): void;
  stop(): Promise<void>;
}

/** Events after which an agent should not wait for its next round. */
const MATTERS: ReadonlySet<EventType> = new Set<EventType>([
  'worker.run.failed',
  'worker.state.changed',
  'event.delivery.dead',
  'system.journal.refused',
]);

const SHARE_WITHIN_MS = 3000;

export function createOpsAgent(options: OpsAgentOptions): OpsAgentParts {
  const { history, sources, feed, figures, writes, unavailable, always, organisations: _given, ...given } = options;
  const organisations = remembered(options);
  const place = notesPlace(given.settings.device['database.url']);
  const records = new OpsRecords(history, { place, shared: !sources.embedded, clock: given.clock });
  const sharing = sources.embedded ? undefined : shareRecords(options, records, organisations);
  const leadership = sources.embedded ? new SoleLeader(given.node) : leases(options, records.writer, organisations);
  const leads = (org_id: string): boolean => agent.leads(org_id);
  const others = () => agent.others(LOCAL_ORG_ID);
  const deps: OpsDeps = { ...given, records, rounds: new RoundLog(history, place), leads, others };
  const rules = new Rules({ ...deps, noteSettings: (scope, keys) => sources.resilience.noteSettings(scope, keys) });
  const alerts = new Alerts({ ...deps, rules });
  const channels = new Channels(deps);
  const notifier = new Notifier({ ...deps, channels, alerts });
  const actions = new Remediation({ ...deps, sources, alerts, rules });
  const reports = new Reports({ ...deps, sources, dispatcher: notifier });
  const agent: OpsAgent = new OpsAgent({
    ...deps,
    observer: new Monitors({ ...deps, sources }),
    judge: alerts,
    healer: actions,
    dispatcher: notifier,
    reporter: reports,
    organisations,
    leadership,
    sharing,
    unavailable,
    always,
    figures,
  });
  const ending: (() => void)[] = [];
  return {
    services: {
      agent,
      rules,
      alerts,
      actions,
      channels,
      reports,
      share: async () => {
        if (sharing === undefined || !writes) return 0;
        await sharing.records.sync(LOCAL_ORG_ID, SHARE_WITHIN_MS);
        return records.unsavedCount(LOCAL_ORG_ID);
      },
      onDesktopNote: (listener) => notifier.onDesktopNote(listener),
    },
    // Of all: a secret that was left out could not be read any more.
    sealed: new ChannelSecrets({ records, organisations: options.organisations }),
    start: () => {
      if (unavailable !== null) return;
      ending.push(new FiguresOfRecords(records, figures).start());
      ending.push(sources.resilience.onTransition(() => agent.ring(LOCAL_ORG_ID)));
      sources.database.onEventsWritten((org_id, types) => {
        if (types.some((type) => MATTERS.has(type as EventType))) agent.ring(org_id);
      });
      if (sharing) hearOthers({ feed, agent, sharing: sharing.records, node: records.writer });
      agent.start();
    },
    stop: async () => {
      for (const end of ending.splice(0)) end();
      await agent.stop();
    },
  };
}

function shareRecords(
  { sources, clock, logger }: OpsAgentOptions,
  records: OpsRecords,
  organisations: () => string[],
): { records: RecordSharing; table: SharedTable } {
  const table = new PostgresSharedTable(sources.database, records.writer);
  return { table, records: new RecordSharing({ records, table, organisations, logger, now_ms: () => clock.now() }) };
}

function leases({ sources, node, logger }: OpsAgentOptions, holder: string, organisations: () => string[]): Leadership {
  const table = new PostgresLeaseTable(sources.database);
  return new Leases({ table, claimant: { holder, node }, organisations, logger });
}

/** The organisations as they could last be read: a file that cannot be read must not end the agent. */
function remembered({ organisations, logger }: OpsAgentOptions): () => string[] {
  let known: string[] = [LOCAL_ORG_ID];
  return () => {
    try {
      known = [...new Set(organisations())];
    } catch (error) {
      logger.debug({ err: error }, 'organisations could not be read; those known before hold');
    }
    return known;
  };
}
