/** An installation that makes copies: its engine, what is in it, and the profiles that copies became. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { expect } from 'vitest';
import type { ArchonClient, Comparison, Snapshot } from '../../src-contract/index.ts';
import { router } from '../../src-main/api/router.ts';
import { commandLineContext } from '../../src-main/cli/connection.ts';
import { systemClock } from '../../src-main/clock.ts';
import { Engine } from '../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { copyConfig, copyEngineStarter } from '../../src-main/offline/copy-engine.ts';
import { Offline } from '../../src-main/offline/offline.ts';
import type { Copies } from '../../src-main/offline/open-profile.ts';
import { type Config, defaultConfig } from '../../src-main/settings/config-schema.ts';
import { silentLogger } from './test-databases.ts';

export const SCOPE = { org_id: LOCAL_ORG_ID, actor: 'test' };

const YEAR_MS = 365 * 86_400_000;

type KeptCopy = Parameters<Copies['add']>[0];

export class OfflineStage {
  readonly folder = mkdtempSync(join(tmpdir(), 'archon-offline-'));
  readonly config: Config;
  /** The profiles there are, besides the one that is open. */
  readonly profiles = new Map<string, KeptCopy>();
  readonly engine: Engine;
  readonly offline: Offline;

  constructor(changes: Partial<Config> = {}) {
    this.config = { ...defaultConfig(join(this.folder, 'data')), ...changes };
    this.engine = new Engine({ config: this.config, logger: silentLogger });
    this.offline = this.#newOffline();
  }

  async start(): Promise<void> {
    await this.engine.start();
    await this.offline.start();
  }

  get client(): ArchonClient {
    const context = commandLineContext(this.engine.services, silentLogger);
    const host = { ...context.host, installation: { offline: this.offline } };
    return createRouterClient(router, { context: { ...context, host } });
  }

  folderOf(profile_id: string): string {
    return join(this.config.data_dir, 'profiles', profile_id);
  }

  /** A copy that is opened, read by somebody, and closed again. */
  async explore<T>(
    profile_id: string,
    { years_later = 0, settings = {} }: { years_later?: number; settings?: Partial<Config> },
    look: (client: ArchonClient) => Promise<T>,
  ): Promise<T> {
    const taken_at = this.profiles.get(profile_id)?.taken_at ?? '';
    const engine = new Engine({
      clock: { now: () => Date.now() + years_later * YEAR_MS },
      config: { ...copyConfig(this.config, this.folderOf(profile_id)), ...settings },
      logger: silentLogger,
      moment: { now: () => Date.parse(taken_at) },
    });
    await engine.start();
    try {
      return await look(createRouterClient(router, { context: commandLineContext(engine.services, silentLogger) }));
    } finally {
      await engine.stop();
    }
  }

  async ended(snapshot_id: string): Promise<Snapshot> {
    await this.offline.settled(snapshot_id);
    return await this.client.offline.read({ snapshot_id });
  }

  async compared(begun: Comparison): Promise<Comparison> {
    const now = () => this.client.offline.comparison({ comparison_id: begun.comparison_id });
    await expect.poll(async () => (await now()).state, { timeout: 60_000 }).not.toBe('running');
    return await now();
  }

  async close(): Promise<void> {
    await this.offline.stop();
    await this.engine.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #newOffline(): Offline {
    return new Offline({
      data_dir: this.config.data_dir,
      open: () => ({ name: 'The source', place: 'source', transfer: this.engine.services.transfer }),
      copies: {
        folderOf: (profile_id) => this.folderOf(profile_id),
        has: (profile_id) => this.profiles.has(profile_id),
        add: (copy) => void this.profiles.set(copy.profile_id, copy),
      },
      startCopyEngine: copyEngineStarter(() => ({ config: this.config, secrets: this.engine.secrets }), silentLogger),
      clock: systemClock,
      logger: silentLogger,
    });
  }
}

/** Sessions, working and long-term memories, a change and a link, of several users. */
export async function fill(client: ArchonClient, users: readonly string[], messages = 30): Promise<void> {
  for (const user_id of users) {
    const session_id = `${user_id}’s session`;
    await client.sessions.create({ session_id, user_id, title: `Of ${user_id}`, ttl_seconds: 600 });
    await client.sessions.append({
      session_id,
      messages: Array.from({ length: messages }, (_, index) => ({
        role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
        content: `${user_id} said ${index}: ${'word '.repeat(30)}`,
      })),
    });
    const working = await client.working.create({
      user_id,
      memory_type: 'decision',
      content: { text: `${user_id} decided for blue` },
    });
    const fact = await client.longterm.create({
      user_id,
      memory_type: 'fact',
      content: { text: `${user_id} lives in Graz` },
      provenance: { source: 'test' },
    });
    if ('queued' in working || 'queued' in fact) throw new Error('the database is away');
    await client.longterm.update({ id: fact.id, importance_score: 0.9 });
    await client.memories.link({ from_id: working.id, to_id: fact.id, relation: 'supports' });
  }
}
