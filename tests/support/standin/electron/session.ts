import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { offer } from './desktop-link.ts';

type Answer<T> = (answer: T) => void;

class Session extends EventEmitter {
  #request: ((contents: unknown, permission: string, answer: Answer<boolean>) => void) | undefined;
  #check: ((contents: unknown, permission: string) => boolean) | undefined;
  #device: ((details: unknown) => boolean) | undefined;
  #before: ((details: { url: string }, answer: Answer<{ cancel?: boolean }>) => void) | undefined;

  readonly webRequest = {
    onBeforeRequest: (listener: (details: { url: string }, answer: Answer<{ cancel?: boolean }>) => void) => {
      this.#before = listener;
    },
  };

  setPermissionRequestHandler(handler: (contents: unknown, permission: string, answer: Answer<boolean>) => void): void {
    this.#request = handler;
  }

  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean): void {
    this.#check = handler;
  }

  setDevicePermissionHandler(handler: (details: unknown) => boolean): void {
    this.#device = handler;
  }

  setDisplayMediaRequestHandler(): void {}

  /** Electron grants what nobody handles. */
  permission(name: string): { request: boolean; check: boolean; device: boolean } {
    let request = this.#request === undefined;
    this.#request?.(null, name, (granted) => {
      request = granted;
    });
    return { request, check: this.#check?.(null, name) ?? true, device: this.#device?.({ deviceType: name }) ?? true };
  }

  async mayRequest(url: string): Promise<boolean> {
    if (this.#before === undefined) return true;
    const answered = Promise.withResolvers<{ cancel?: boolean }>();
    this.#before({ url }, answered.resolve);
    return (await answered.promise).cancel !== true;
  }
}

let made: Session | undefined;

export const session = {
  get defaultSession(): Session {
    if (made === undefined) {
      if (!app.isReady()) throw new Error('Session can only be received when app is ready');
      made = new Session();
      app.emit('session-created', made);
    }
    return made;
  },
};

offer({
  permission: (name) => session.defaultSession.permission(name),
  mayRequest: (url) => session.defaultSession.mayRequest(url),
});
