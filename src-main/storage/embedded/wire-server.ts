/**
 * The PostgreSQL server inside the worker: sessions over MessagePorts, one backend, notifications to those who listen.
 */
import { setTimeout } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { BackendQueue } from './backend-queue.ts';
import { ChannelRegistry } from './channel-registry.ts';
import { type ListenStatement, listenSql, unlistenSql } from './listen-statements.ts';
import type { MessageUnit } from './message-units.ts';
import type { PgliteBackend } from './pglite-backend.ts';
import type { SharedCounters } from './shared-counters.ts';
import { readString, type WireError } from './wire-frames.ts';
import { type SessionHost, WireSession } from './wire-session.ts';

export interface WireServerOptions {
  backend: PgliteBackend;
  counters: SharedCounters;
  idle_in_transaction_timeout_ms: number;
  onUnitDone: () => void;
  onFatal: (error: unknown) => void;
}

const SHUTTING_DOWN: WireError = {
  severity: 'FATAL',
  code: '57P01',
  message: 'terminating connection because the embedded database is shutting down',
};

export class WireServer implements SessionHost {
  readonly backend: PgliteBackend;
  readonly queue: BackendQueue;
  readonly #channels = new ChannelRegistry<WireSession>();
  readonly #counters: SharedCounters;
  readonly #sessions = new Map<number, WireSession>();
  /** Channels the backend listens on. */
  #backend_channels = new Set<string>();
  #channels_changed = false;
  #unnamed_statement_of: WireSession | null = null;
  #last_pid = 0;

  constructor(options: WireServerOptions) {
    this.backend = options.backend;
    this.#counters = options.counters;
    this.queue = new BackendQueue({
      hold_timeout_ms: options.idle_in_transaction_timeout_ms,
      onFatal: options.onFatal,
      onUnitDone: () => {
        this.#counters.set('sessions_waiting', this.queue.waiting);
        options.onUnitDone();
      },
    });
  }

  get parameters(): ReadonlyMap<string, string> {
    return this.backend.parameters;
  }

  accept(port: MessagePort): void {
    this.#last_pid += 1;
    this.#sessions.set(this.#last_pid, new WireSession(this, this.#last_pid, port));
    this.#counters.set('sessions', this.#sessions.size);
  }

  forget(session: WireSession): void {
    this.#sessions.delete(session.pid);
    this.#counters.set('sessions', this.#sessions.size);
    this.#channels.drop(session);
    this.#channels_changed = true;
    if (this.#unnamed_statement_of === session) this.#unnamed_statement_of = null;
  }

  /** Ignored unless the secret fits, as on a server. */
  cancel(pid: number, secret: number): void {
    const session = this.#sessions.get(pid);
    if (session?.secret === secret) session.cancel();
  }

  /** Sends a NotificationResponse to those who listen, as coming from the session whose unit made it. */
  publish(notification: Buffer, sender: WireSession): void {
    const PID_AT = 5;
    const CHANNEL_AT = 9;
    notification.writeInt32BE(sender.pid, PID_AT);
    const channel = readString(notification, CHANNEL_AT).value;
    for (const session of this.#channels.listeners(channel)) session.notify(notification);
  }

  ownsUnnamedStatement(session: WireSession): boolean {
    return this.#unnamed_statement_of === session;
  }

  noteUnnamedStatement(session: WireSession, change: MessageUnit['unnamed_statement']): void {
    if (change === 'parsed') this.#unnamed_statement_of = session;
    if (change === 'destroyed') this.#unnamed_statement_of = null;
  }

  /** A session's LISTEN or UNLISTEN is committed; the backend has followed it. */
  listen(session: WireSession, statement: ListenStatement): void {
    this.#channels.apply(session, statement);
    switch (statement.kind) {
      case 'listen':
        this.#backend_channels.add(statement.channel);
        break;
      case 'unlisten':
        this.#backend_channels.delete(statement.channel);
        break;
      case 'unlisten_all':
        this.#backend_channels.clear();
        break;
    }
    this.#channels_changed = true;
  }

  /**
   * Makes the backend listen on exactly the channels somebody wants; to be called while no transaction is open.
   *
   * One session's UNLISTEN silences the channel for all, and a session that is gone leaves its channels behind.
   */
  async alignChannels(): Promise<void> {
    if (!this.#channels_changed) return;
    this.#channels_changed = false;
    const wanted = this.#channels.channels();
    const changes = [
      ...[...wanted].filter((channel) => !this.#backend_channels.has(channel)).map(listenSql),
      ...[...this.#backend_channels].filter((channel) => !wanted.has(channel)).map(unlistenSql),
    ];
    this.#backend_channels = wanted;
    if (changes.length > 0) await this.backend.query(changes.join('; '));
  }

  /** Lets running work finish for up to `grace_ms`, then ends every session. */
  async close(grace_ms: number): Promise<void> {
    await Promise.race([this.queue.whenIdle(), setTimeout(grace_ms)]);
    for (const session of this.#sessions.values()) session.end(SHUTTING_DOWN);
    await this.queue.whenIdle();
    this.queue.stop();
  }
}
