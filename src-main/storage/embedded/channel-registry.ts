/**
 * Which session listens on which channel.
 *
 * The backend only knows the union: it listens on a channel as long as any session does.
 */
import type { ListenStatement } from './listen-statements.ts';

export class ChannelRegistry<Session> {
  readonly #sessions = new Map<string, Set<Session>>();

  /** A session's LISTEN or UNLISTEN has been committed. */
  apply(session: Session, statement: ListenStatement): void {
    switch (statement.kind) {
      case 'listen':
        this.#listenersOf(statement.channel).add(session);
        break;
      case 'unlisten':
        this.#remove(statement.channel, session);
        break;
      case 'unlisten_all':
        this.drop(session);
        break;
    }
  }

  /** The session is gone. */
  drop(session: Session): void {
    for (const channel of [...this.#sessions.keys()]) this.#remove(channel, session);
  }

  listeners(channel: string): ReadonlySet<Session> {
    return this.#sessions.get(channel) ?? new Set();
  }

  /** All channels somebody listens on. */
  channels(): Set<string> {
    return new Set(this.#sessions.keys());
  }

  #listenersOf(channel: string): Set<Session> {
    const found = this.#sessions.get(channel) ?? new Set();
    this.#sessions.set(channel, found);
    return found;
  }

  #remove(channel: string, session: Session): void {
    const listeners = this.#sessions.get(channel);
    listeners?.delete(session);
    if (listeners?.size === 0) this.#sessions.delete(channel);
  }
}
