/**
 * Runs a main bundle as Electron does: `node --import register.ts main.ts <bundle> [arguments]`. The app becomes ready only
 * when the bundle's module has been run to its end.
 */
import { pathToFileURL } from 'node:url';
import { CancelableEvent } from './electron/cancelable.ts';
import { app } from './electron/index.ts';

const [bundle, ...args] = process.argv.slice(2);
if (bundle === undefined) throw new Error('which bundle?');
Object.defineProperty(process.versions, 'electron', { value: app.getVersionOfElectron() });
Object.assign(process, { type: 'browser', defaultApp: true });
process.argv = [process.execPath, bundle, ...args];
// Electron does this for every app.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
await import(pathToFileURL(bundle).href);
// macOS hands a link over that the app was started with, before it is ready.
const link = process.env.STANDIN_OPEN_URL;
if (link !== undefined) app.emit('open-url', new CancelableEvent(), link);
app.becomeReady();
