import { EventEmitter } from 'node:events';
import { desktop, offer, tell } from './desktop-link.ts';

const shown: Notification[] = [];

export class Notification extends EventEmitter {
  readonly #options: { title: string; body: string };

  static isSupported(): boolean {
    return true;
  }

  constructor(options: { title: string; body: string }) {
    super();
    this.#options = options;
  }

  show(): void {
    shown.push(this);
    tell(desktop.notified(shown.length - 1, this.#options));
    this.emit('show');
  }
}

offer({ clickNotification: (id) => void shown[id]?.emit('click') });
