import fc from 'fast-check';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryOf } from '../../tests/support/transfer-arbitraries.ts';
import { ORG, TransferHarness } from '../../tests/support/transfer-harness.ts';
import type { OpenProfile } from '../app-status.ts';
import type { Offline } from '../offline/offline.ts';
import { defaultConfig } from '../settings/config-schema.ts';
import { createOffline, type OfflineHost } from './offline-part.ts';

const profile = (profile_id: string, name: string): OpenProfile => ({
  profile_id,
  name,
  kind: 'copy',
  color: 'grey',
  read_only: true,
  agents: false,
});

describe('snapshots of an installation', () => {
  let harness: TransferHarness;
  let offline: Offline;
  let open: OpenProfile;
  beforeEach(async () => {
    harness = await TransferHarness.create({ progress_every_ms: 0 });
    for (const memory of fc.sample(memoryOf(ORG.org_id), { numRuns: 6, seed: 5 })) {
      await harness.memory.insert(ORG, { working: memory.working, longterm: memory.longterm });
    }
    open = profile('first', 'First');
    const none = () => {
      throw new Error('no copy is made');
    };
    const host: OfflineHost = {
      config: defaultConfig(harness.folder),
      forCopies: none,
      profiles: { list: () => [], folderOf: none, createCopy: none },
      services: { app: { profile: () => open } as OfflineHost['services']['app'], transfer: harness.jobs },
    };
    offline = createOffline(host, harness.clock, pino({ level: 'silent' }));
    await offline.start();
  });
  afterEach(async () => {
    await offline.stop();
    await harness.dispose();
  });

  it('go on in their own profile only, though all databases of this computer are named alike', async () => {
    const rows = harness.memory.rows.bind(harness.memory);
    harness.memory.rows = async function* (...given) {
      for await (const row of rows(...given)) {
        yield row;
        harness.memory.rows = rows;
        void offline.pause(ORG, { snapshot_id });
      }
    };
    const begun = await offline.snapshot(ORG, { name: 'Half', into: 'archive', users: null });
    const { snapshot_id } = begun;
    await offline.settled(snapshot_id);
    const goOn = async () => {
      await offline.resume(ORG, { snapshot_id });
      await offline.settled(snapshot_id);
      return await offline.read(ORG, { snapshot_id });
    };
    open = profile('second', 'Second');
    expect(await goOn()).toMatchObject({ state: 'paused', reason: /taken from “First”: open that profile/ });
    open = profile('first', 'First');
    expect(await goOn()).toMatchObject({ state: 'succeeded' });
  });
});
