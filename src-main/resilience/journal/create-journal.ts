/** Puts the journal of writes together with the stores it stands in for. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { JournaledStore, NewEvent } from '../../../src-contract/index.ts';
import { journalMigrationsFolder } from '../../app-files.ts';
import type { Clock } from '../../clock.ts';
import { recordEvents } from '../../events/event-log.ts';
import type { SettingsReader } from '../../settings/live-settings.ts';
import type { Database } from '../../storage/database.ts';
import type { SessionStore } from '../../storage/sessions/session-store.ts';
import type { CallPolicy } from '../call-policy.ts';
import { JournalDrain, type JournalTuning } from './journal-drain.ts';
import type { Writers } from './journaled-writes.ts';
import { QueuedWrites } from './queued-writes.ts';
import { WriteJournal } from './write-journal.ts';

const MB = 1024 ** 2;

export interface JournalDeps {
  settings: SettingsReader;
  database: Database;
  sessions: SessionStore;
  writers: Writers;
  /** What calls of the stores pass: a store whose breaker is open is away, however well it answers a ping. */
  policyOf(store: JournaledStore): CallPolicy;
  clock: Clock;
  logger: Logger;
  tuning?: Partial<JournalTuning>;
}

export interface Journal {
  writes: QueuedWrites;
  start(): void;
  stop(): Promise<void>;
}

/** The built-in session store lies on the same disk as the journal, which could not stand in for it. */
export function createJournal({
  settings,
  database,
  sessions,
  writers,
  policyOf,
  clock,
  logger,
  tuning = {},
}: JournalDeps): Journal {
  const journal = new WriteJournal(join(settings.device.data_dir, 'journal.db'), journalMigrationsFolder, {
    max_bytes: () => settings.device['resilience.journal_max_mb'] * MB,
  });
  const record = (org_id: string, event: NewEvent) => {
    const scope = { org_id, actor: 'archon' };
    // It is in the log as well; nothing but its telling is lost.
    database
      .withScope(scope, (tx) => tx.run(recordEvents(scope, [event])))
      .catch((error) => logger.warn({ err: error, type: event.type }, 'an event of the journal could not be recorded'));
  };
  const drainOf = (store: JournaledStore, ping: () => Promise<unknown>) =>
    new JournalDrain({
      store,
      journal,
      writers,
      ping: () => policyOf(store).run(ping),
      clock,
      logger,
      tuning,
      events: {
        drained: (org_id, of, writes, away_ms) =>
          record(org_id, { type: 'system.journal.drained', user_id: null, payload: { store: of, writes, away_ms } }),
        refused: ({ org_id, user_id, store: of, write_id, operation }, { code }) =>
          record(org_id, {
            type: 'system.journal.refused',
            user_id,
            payload: { store: of, write_id, operation, error: code },
          }),
      },
    });
  const drains: Partial<Record<JournaledStore, JournalDrain>> = {
    database: drainOf('database', () => database.ping()),
    ...(sessions.kind === 'redis' ? { sessions: drainOf('sessions', () => sessions.ping()) } : {}),
  };
  const all = Object.values(drains);
  return {
    writes: new QueuedWrites({ journal, writers, drains, clock }),
    start: () => {
      for (const drain of all) drain.start();
    },
    stop: async () => {
      await Promise.all(all.map((drain) => drain.stop()));
      journal.close();
    },
  };
}
