import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SteadyTestClock } from '../../../tests/support/steady-test-clock.ts';
import { FolderSizeWatch } from './folder-size.ts';

let folder: string;
let clock: SteadyTestClock;
beforeEach(() => {
  clock = new SteadyTestClock();
  folder = mkdtempSync(join(tmpdir(), 'archon-size-'));
  mkdirSync(join(folder, 'postgres', 'base'), { recursive: true });
  writeFileSync(join(folder, 'history.db'), 'x'.repeat(100));
  writeFileSync(join(folder, 'postgres', 'base', '1'), 'x'.repeat(1000));
  symlinkSync(folder, join(folder, 'postgres', 'back'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the size of a folder', () => {
  it('is that of all files in it, but not of what links lead to', async () => {
    expect(await new FolderSizeWatch(folder, clock).size()).toEqual({ bytes: 1100, at_least: false });
  });

  it('is looked at again after five minutes, whatever the clock is set to', async () => {
    const watch = new FolderSizeWatch(folder, clock);
    await watch.size();
    appendFileSync(join(folder, 'history.db'), 'x'.repeat(10));
    clock.advance({ ms: 299_000 });
    expect((await watch.size()).bytes).toBe(1100);
    clock.advance({ ms: 2_000 });
    expect((await watch.size()).bytes).toBe(1110);
    appendFileSync(join(folder, 'history.db'), 'x'.repeat(10));
    clock.set({ days: 1 });
    expect((await watch.size()).bytes).toBe(1110);
  });

  it('is at least what was looked at when there are too many files', async () => {
    for (let i = 0; i < 20; i += 1) writeFileSync(join(folder, `file ${i}`), 'x');
    const { bytes, at_least } = await new FolderSizeWatch(folder, clock, 10).size();
    expect(at_least).toBe(true);
    expect(bytes).toBeLessThan(1120);
  });

  it('is not known of a folder that is gone', async () => {
    const watch = new FolderSizeWatch(join(folder, 'nowhere'), clock);
    await expect(watch.size()).rejects.toThrow('ENOENT');
  });
});
