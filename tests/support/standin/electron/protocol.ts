import { app } from './app.ts';
import { desktop, offer, tell } from './desktop-link.ts';

type Handler = (request: Request) => Response | Promise<Response>;
const handlers = new Map<string, Handler>();

export const protocol = {
  registerSchemesAsPrivileged(schemes: unknown[]): void {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    tell(desktop.asked('protocol.registerSchemesAsPrivileged', schemes));
  },
  handle(scheme: string, handler: Handler): void {
    if (!app.isReady()) throw new Error('protocol.handle needs the app to be ready');
    if (handlers.has(scheme)) throw new Error(`the scheme ${scheme} is handled already`);
    handlers.set(scheme, handler);
  },
};

offer({
  fetch: async (url, method, headers) => {
    const handler = handlers.get(url.slice(0, url.indexOf(':')));
    if (handler === undefined) return null;
    const response = await handler(new Request(url, { method, headers }));
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  },
});
