import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolderInUseError, DataFolderLock, DataFolderNotWritableError } from './data-folder-lock.ts';

const MODULE = new URL('./data-folder-lock.ts', import.meta.url).href;

let parent: string;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'archon-lock-'));
  folder = join(parent, 'data');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(parent, { recursive: true, force: true });
});

/** Another process that tries to take the lock, and keeps it if it can. Resolves with what it printed first. */
async function otherProcess(
  path: string,
  options: { uid?: number } = {},
): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    import { DataFolderLock } from ${JSON.stringify(MODULE)};
    try { DataFolderLock.acquire(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1e6); }
    catch (error) { console.log(error.code + ' ' + (error.reason ?? '')); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  children.push(child);
  const [first] = await once(child.stdout, 'data');
  return { child, said: String(first).trim() };
}

function refusal(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}

describe('a data folder', () => {
  it('is made for its user alone when it is missing', () => {
    const lock = DataFolderLock.acquire(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    lock.release();
  });

  it('is open to one holder at a time, also within a process', () => {
    const lock = DataFolderLock.acquire(folder);
    expect(() => DataFolderLock.acquire(folder)).toThrow(DataFolderInUseError);
    lock.release();
    DataFolderLock.acquire(folder).release();
  });

  it('names the process that holds it', async () => {
    const { child } = await otherProcess(folder);
    const error = refusal(() => DataFolderLock.acquire(folder));
    expect(error).toBeInstanceOf(DataFolderInUseError);
    expect(error).toMatchObject({ code: 'DATA_FOLDER_IN_USE', folder, holder: { pid: child.pid } });
    expect(String(error)).toContain(`process ${child.pid}`);
  });

  it('refuses another process while this one holds it', async () => {
    const lock = DataFolderLock.acquire(folder);
    const { said } = await otherProcess(folder);
    expect(said).toContain('DATA_FOLDER_IN_USE');
    lock.release();
  });

  it('is free at once after kill -9 of its holder', async () => {
    const { child, said } = await otherProcess(folder);
    expect(said).toBe('held');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    DataFolderLock.acquire(folder).release();
  });

  it('says nothing wrong when the name of the holder cannot be read', () => {
    const lock = DataFolderLock.acquire(folder);
    writeFileSync(join(folder, 'lock.json'), '{"pid"');
    expect(refusal(() => DataFolderLock.acquire(folder))).toMatchObject({ holder: null });
    lock.release();
  });

  it('no longer bears a name after release, and can be released twice', () => {
    const lock = DataFolderLock.acquire(folder);
    lock.release();
    lock.release();
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
  });

  it('is refused when a part of its path is a file', () => {
    writeFileSync(folder, '');
    expect(refusal(() => DataFolderLock.acquire(join(folder, 'deeper')))).toMatchObject({
      code: 'DATA_FOLDER_NOT_WRITABLE',
      reason: 'ENOTDIR',
    });
    expect(refusal(() => DataFolderLock.acquire(folder))).toBeInstanceOf(DataFolderNotWritableError);
  });

  it('is refused when this user may not write there', async () => {
    chmodSync(parent, 0o555);
    // root may write everywhere, so then another user has to try.
    const { said } = await otherProcess(folder, process.getuid?.() === 0 ? { uid: 65534 } : {});
    chmodSync(parent, 0o755);
    expect(said).toBe('DATA_FOLDER_NOT_WRITABLE EACCES');
  });
});
