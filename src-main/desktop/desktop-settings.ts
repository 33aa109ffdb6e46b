/**
 * What the desktop app remembers of this computer, in `desktop.json`.
 *
 * It lies in Electron's own folder, not in `history.db`: it must be known before a data folder is open, and it names the
 * data folder.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { windowState } from './window/window-state.ts';

const FILE_NAME = 'desktop.json';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const settingsFile = z.object({
  window: windowState.optional(),
  /** Data folder that was chosen instead of the usual one. */
  data_dir: z.string().min(1).optional(),
  /** The person was told that closing the window leaves Archon running. */
  told_of_tray: z.boolean().optional(),
  theme: z.enum(THEMES).optional(),
});
export type DesktopSettingsContent = z.infer<typeof settingsFile>;

export class DesktopSettings {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  #content: DesktopSettingsContent;

  /** @param onError is told when the file cannot be written; the app goes on without */
  constructor(folder: string, onError: (error: unknown) => void) {
    this.#path = join(folder, FILE_NAME);
    this.#onError = onError;
    this.#content = read(this.#path);
  }

  get<K extends keyof DesktopSettingsContent>(name: K): DesktopSettingsContent[K] {
    return this.#content[name];
  }

  set<K extends keyof DesktopSettingsContent>(name: K, value: NonNullable<DesktopSettingsContent[K]>): void {
    this.#content = { ...this.#content, [name]: value };
    try {
      const temporary = `${this.#path}.${process.pid}`;
      writeFileSync(temporary, `${JSON.stringify(this.#content, null, 2)}\n`, { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** A file that is missing or not whole counts as empty: nothing in it is worth a refusal to start. */
function read(path: string): DesktopSettingsContent {
  try {
    return settingsFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}
