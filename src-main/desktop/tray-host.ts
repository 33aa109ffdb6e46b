/**
 * Whether the desktop shows tray icons.
 *
 * Electron makes a tray on every Linux without a word, also where nothing shows it, as on GNOME without an extension. What
 * shows icons there registers itself on the session bus.
 * https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/
 */
import { execFile } from 'node:child_process';

export type TrayHost = 'there' | 'missing' | 'unknown';

/** Milliseconds the session bus has to answer: a person waits for what closing the window does. */
const ANSWER_MS = 1000;
const QUESTION = [
  '--session',
  '--print-reply=literal',
  '--dest=org.freedesktop.DBus',
  '/org/freedesktop/DBus',
  'org.freedesktop.DBus.NameHasOwner',
  'string:org.kde.StatusNotifierWatcher',
];

/** Runs a program. @returns what it printed, or undefined when it is not there, failed or took too long */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string | undefined>;

/** Asked each time it matters: panels start after us, and are restarted. */
export async function trayHost(platform: NodeJS.Platform, run: RunProgram = runProgram): Promise<TrayHost> {
  if (platform !== 'linux') return 'there';
  const answer = await run('dbus-send', QUESTION);
  if (answer === undefined) return 'unknown';
  return /\btrue\b/.test(answer) ? 'there' : 'missing';
}

const runProgram: RunProgram = async (program, args) =>
  await new Promise((resolve) => {
    execFile(program, args, { timeout: ANSWER_MS }, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
