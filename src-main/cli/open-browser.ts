/** Opens a page in the person's own browser. */
import { spawn } from 'node:child_process';

/** Programs that open an address, per operating system. */
function opener(platform: NodeJS.Platform, url: string): [program: string, ...args: string[]] {
  if (platform === 'darwin') return ['open', url];
  // Not through cmd: it would read characters of the address as its own.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}

/** True when there is a screen to show a browser on. */
function hasDisplay(platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): boolean {
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** What became of it: the browser was asked to open, or why it was not. */
export async function openBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<{ problem: string | undefined }> {
  if (!hasDisplay(platform, env)) return { problem: 'there is no display' };
  const [program, ...args] = opener(platform, url);
  return await new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: { ...env } });
    child.once('error', (error) => resolve({ problem: error.message }));
    child.once('spawn', () => {
      // The browser outlives us, and must not keep us alive.
      child.unref();
      resolve({ problem: undefined });
    });
  });
}
