/** How `npm start` decides between a window and a browser. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseWindow, FailureMark, findElectron } from '../../../scripts/start/electron.ts';
import { runWindow } from '../../../scripts/start/window.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('npm start', () => {
  const user = { platform: 'linux', uid: 1000, env: { DISPLAY: ':0' } } as const;

  it.each([
    [user],
    [{ ...user, env: { WAYLAND_DISPLAY: 'wayland-0' } }],
    [{ ...user, platform: 'darwin', env: {} }],
    [{ ...user, platform: 'win32', uid: undefined, env: {} }],
  ] as const)('opens a window on %o', (machine) => {
    expect(chooseWindow(machine)).toEqual({ window: true });
  });

  it.each([
    [{ ...user, env: {} }, 'there is no display'],
    [{ ...user, uid: 0 }, 'Electron’s sandbox does not run as root'],
    [{ ...user, env: { DISPLAY: ':0', ARCHON_NO_ELECTRON: '1' } }, 'ARCHON_NO_ELECTRON=1'],
  ] as const)('opens none on %o and says why', (machine, reason) => {
    expect(chooseWindow(machine)).toEqual({ window: false, reason });
  });

  it('finds Electron only when its executable is there', () => {
    expect(findElectron(folder)).toBeUndefined();
    writeFileSync(join(folder, 'path.txt'), 'electron');
    expect(findElectron(folder)).toBeUndefined();
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist', 'electron'), '');
    expect(findElectron(folder)).toBe(join(folder, 'dist', 'electron'));
  });

  it('remembers for a day that Electron could not be fetched', () => {
    const file = join(folder, 'cache', 'failed');
    let now_ms = Date.now();
    const mark = new FailureMark(file, () => now_ms);
    expect(mark.isFresh()).toBe(false);
    mark.set();
    utimesSync(file, new Date(now_ms), new Date(now_ms));
    now_ms += 86_300_000;
    expect(mark.isFresh()).toBe(true);
    now_ms += 200_000;
    expect(mark.isFresh()).toBe(false);
  });

  it('goes on where the failure cannot be remembered', () => {
    writeFileSync(join(folder, 'cache'), 'no folder');
    const mark = new FailureMark(join(folder, 'cache', 'failed'));
    expect(() => mark.set()).not.toThrow();
    expect(mark.isFresh()).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('an Electron that is there', () => {
  const executable = (script: string, mode = 0o755): string => {
    const path = join(folder, 'electron');
    writeFileSync(path, script);
    chmodSync(path, mode);
    return path;
  };

  it.each([
    ['aborts at once, as without its sandbox', '#!/bin/sh\nkill -ABRT $$\n', 'SIGABRT'],
    ['is wrapped and aborts at once', '#!/bin/sh\nexit 133\n', 'code 133'],
    ['lacks a library', '#!/bin/sh\nexit 127\n', 'code 127'],
    ['names an interpreter that is not there', '#!/no/such/interpreter\n', 'ENOENT'],
  ])('and %s is of no use', async (_what, script, said) => {
    expect(await runWindow(executable(script), [])).toEqual({ unusable: expect.stringContaining(said) });
  });

  it('and may not be executed is of no use', async () => {
    const ending = await runWindow(executable('#!/bin/sh\n', 0o644), []);
    expect(ending).toEqual({ unusable: expect.stringContaining('EACCES') });
  });

  it('ends npm start with its code once it was up, was told to end, or went well', async () => {
    expect(await runWindow(executable('#!/bin/sh\nexit 0\n'), [])).toEqual({ code: 0 });
    const failing = executable('#!/bin/sh\nexit 3\n');
    expect(await runWindow(failing, [], { up_after_ms: 0 })).toEqual({ code: 3 });
    expect(await runWindow(failing, [], { isToldToEnd: () => true })).toEqual({ code: 3 });
  });
});
