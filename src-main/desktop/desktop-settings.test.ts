import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesktopConfig } from './desktop-config.ts';
import { DesktopSettings } from './desktop-settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const noError = (error: unknown) => {
  throw error;
};

describe('what the app remembers of this computer', () => {
  it('is there the next time', () => {
    const window = { x: 1, y: 2, width: 1200, height: 800, maximized: true };
    const settings = new DesktopSettings(folder, noError);
    settings.set('window', window);
    settings.set('theme', 'light');
    const again = new DesktopSettings(folder, noError);
    expect(again.get('window')).toEqual(window);
    expect(again.get('theme')).toBe('light');
    expect(again.get('data_dir')).toBeUndefined();
  });

  it.each(['', 'no json', '{"window":{"x":"far"}}', '[]'])('starts anew from a file that is not whole: %s', (text) => {
    writeFileSync(join(folder, 'desktop.json'), text);
    expect(new DesktopSettings(folder, noError).get('window')).toBeUndefined();
  });

  it('goes on when it cannot be written', () => {
    const errors: unknown[] = [];
    const settings = new DesktopSettings(join(folder, 'missing'), (error) => errors.push(error));
    settings.set('told_of_tray', true);
    expect(settings.get('told_of_tray')).toBe(true);
    expect(errors).toHaveLength(1);
  });
});

describe('the data folder', () => {
  const folderFor = (env: Record<string, string>, remembered?: string, chosen?: string) =>
    loadDesktopConfig({
      env,
      working_dir: folder,
      user_data_dir: join(folder, 'user-data'),
      remembered_data_dir: remembered,
      chosen_data_dir: chosen,
    }).config.data_dir;
  const env = { ARCHON_DATA_DIR: '/from/environment' };

  it('is the app’s own, then one remembered, then one of the environment, then one chosen now', () => {
    expect(folderFor({})).toBe(join(folder, 'user-data'));
    expect(folderFor({}, '/remembered')).toBe('/remembered');
    expect(folderFor(env, '/remembered')).toBe('/from/environment');
    expect(folderFor(env, '/remembered', '/chosen')).toBe('/chosen');
  });
});
