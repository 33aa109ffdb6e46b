import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORG, TransferHarness } from '../../../tests/support/transfer-harness.ts';
import { Comparisons } from './comparisons.ts';

let harness: TransferHarness;
let open: { name: string; place: string };
const OPEN = { before: { kind: 'open' }, after: { kind: 'open' } } as const;
beforeEach(async () => {
  harness = await TransferHarness.create();
  open = { name: 'First', place: 'first' };
});
afterEach(() => harness.dispose());

const newComparisons = () =>
  new Comparisons({
    folder: join(harness.folder, 'comparisons'),
    open: () => ({ ...open, transfer: harness.jobs }),
    archive: async () => {
      throw new Error('none was taken');
    },
    clock: harness.clock,
    logger: pino({ level: 'silent' }),
  });

describe('comparisons', () => {
  it('of the open profile do not take another one for it that was opened before their turn', async () => {
    const comparisons = newComparisons();
    await comparisons.start();
    const ids: string[] = [];
    for (let count = 0; count < 2; count += 1) ids.push((await comparisons.begin(ORG, OPEN)).comparison_id);
    await comparisons.settled(ids[0] ?? '');
    open = { name: 'Second', place: 'second' };
    await comparisons.settled(ids[1] ?? '');
    expect(comparisons.get(ORG, ids[0] ?? '')).toMatchObject({ state: 'succeeded', before_name: 'First' });
    expect(comparisons.get(ORG, ids[1] ?? '')).toMatchObject({ state: 'failed', failure: /Another profile.*“First”/ });
    await comparisons.stop();
    await expect(comparisons.begin(ORG, OPEN)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('say in words that the disk is full, and keep nothing of what they wrote', async () => {
    const comparisons = newComparisons();
    await comparisons.start();
    harness.memory.count = () => Promise.reject(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));
    const { comparison_id } = await comparisons.begin(ORG, OPEN);
    await comparisons.settled(comparison_id);
    expect(comparisons.get(ORG, comparison_id)).toMatchObject({ state: 'failed', failure: /full: free some space/ });
    expect(existsSync(join(harness.folder, 'comparisons', comparison_id))).toBe(false);
    await comparisons.stop();
  });

  it('that never started leave the folder to the process that has it', async () => {
    const folder = join(harness.folder, 'comparisons');
    await mkdir(folder);
    await newComparisons().stop();
    expect(existsSync(folder)).toBe(true);
  });
});
