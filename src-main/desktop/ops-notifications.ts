/** Shows what the ops agent tells the person at this computer as notifications of the system. */
import type { DesktopNote } from '../ops-agent/parts.ts';

export interface OpsNotificationsOptions {
  notify: (title: string, body: string, onClick: () => void) => void;
  /** Brings the window to the front, with this page in it. */
  openPage: (path: string) => void;
  onError: (error: unknown) => void;
}

/** What tells. */
export interface NotesSource {
  onDesktopNote(listener: (note: DesktopNote) => void): () => void;
}

export class OpsNotifications {
  readonly #options: OpsNotificationsOptions;
  #end: () => void = () => {};

  constructor(options: OpsNotificationsOptions) {
    this.#options = options;
  }

  /** Shows what this one tells from now on, and nothing of the one before: engines come and go while the app is open. */
  follow(source: NotesSource): void {
    this.#end();
    this.#end = source.onDesktopNote((note) => this.#show(note));
  }

  stop(): void {
    this.#end();
    this.#end = () => {};
  }

  /** A system that shows nothing must not fail whoever tells. */
  #show({ title, body, path }: DesktopNote): void {
    const { notify, openPage, onError } = this.#options;
    try {
      notify(title, body, () => openPage(path));
    } catch (error) {
      onError(error);
    }
  }
}
