/** The memory services on a test database, with a clock that the test moves. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionsMigrationsFolder } from '../../src-main/app-files.ts';
import { AccessTracker } from '../../src-main/memory/access-tracker.ts';
import { ContextAssembler } from '../../src-main/memory/context-assembler.ts';
import { LongTermMemory } from '../../src-main/memory/longterm-memory.ts';
import { MemoryCatalog } from '../../src-main/memory/memory-catalog.ts';
import { MemoryControlSettings } from '../../src-main/memory/memory-controls.ts';
import type { MemorySettings } from '../../src-main/memory/memory-settings.ts';
import { MemoryStats } from '../../src-main/memory/memory-stats.ts';
import { DatabaseMemoryTransfer } from '../../src-main/memory/memory-transfer.ts';
import { SessionMemory } from '../../src-main/memory/session-memory.ts';
import { WorkingMemory } from '../../src-main/memory/working-memory.ts';
import { LexicalRetriever } from '../../src-main/retrieval/lexical-retriever.ts';
import { Search } from '../../src-main/retrieval/search.ts';
import type { Database } from '../../src-main/storage/database.ts';
import { SqliteSessionStore } from '../../src-main/storage/sessions/sqlite-session-store.ts';
import { TestClock } from './test-clock.ts';
import { silentLogger } from './test-databases.ts';

export const testSettings: MemorySettings = {
  working_ttl_days: 14,
  session_ttl_seconds: 3600,
  relevance_half_life_days: 7,
  importance_half_life_days: 180,
  search_language: 'english',
  longterm_min_importance: 0,
  reserves: { session: 0.5, working: 0.2, longterm: 0.3 },
};

export function memoryServices(database: Database) {
  const folder = mkdtempSync(join(tmpdir(), 'archon-sessions-'));
  const clock = new TestClock();
  const logger = silentLogger;
  const settings = () => testSettings;
  const sessions = new SqliteSessionStore(join(folder, 'sessions.db'), sessionsMigrationsFolder);
  const accesses = new AccessTracker({ database, clock, logger });
  const controls = new MemoryControlSettings({ database, clock });
  const retriever = new LexicalRetriever(settings);
  return {
    clock,
    accesses,
    controls,
    sessionStore: sessions,
    sessions: new SessionMemory({ store: sessions, clock, settings }),
    working: new WorkingMemory({ database, clock, settings }),
    longterm: new LongTermMemory({ database, clock, settings, accesses }),
    memories: new MemoryCatalog({ database, sessions, clock, settings }),
    search: new Search({ database, retriever, clock, settings }),
    context: new ContextAssembler({
      database,
      sessions,
      retriever,
      accesses,
      events: sessions.outbox,
      controls,
      clock,
      logger,
      settings,
    }),
    stats: new MemoryStats({ database, sessions, clock, logger, settings }),
    transfer: new DatabaseMemoryTransfer(database),
    close: async () => {
      await accesses.close();
      await sessions.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type MemoryServices = ReturnType<typeof memoryServices>;
