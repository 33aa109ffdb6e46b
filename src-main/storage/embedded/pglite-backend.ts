/**
 * The one PostgreSQL backend: PGlite on a cluster folder, spoken to in protocol messages.
 *
 * Only the raw protocol is used, never PGlite's own query methods: once a raw message has been run with a callback,
 * those would send their answers there too, and without one PGlite keeps every message it ever parsed.
 */
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import { BackendBrokenError, BackendStatementError } from './backend-errors.ts';
import { DurableNodeFS } from './durable-node-fs.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { DATABASE, SUPERUSER } from './session-startup.ts';
import type { SharedCounters } from './shared-counters.ts';
import {
  flush,
  frameBody,
  frameType,
  parseUnnamed,
  readError,
  readString,
  simpleQuery,
  startupPacket,
  sync,
  type TransactionStatus,
} from './wire-frames.ts';

export interface BackendOptions {
  cluster_dir: string;
  /** Every file of the cluster was synced to the disk just before. */
  synced: boolean;
  shared_buffers_mb: number;
  counters: SharedCounters;
  /** Lines of the server log. */
  onLog: (line: string) => void;
}

type OnFrame = (frame: Buffer) => void;

export class PgliteBackend {
  readonly #postgres: PGlite;
  readonly #counters: SharedCounters;
  /** ParameterStatus values of a fresh session, as the server reports them. */
  readonly parameters = new Map<string, string>();

  private constructor(postgres: PGlite, counters: SharedCounters) {
    this.#postgres = postgres;
    this.#counters = counters;
  }

  /** Opens the cluster, which may run crash recovery; an empty folder is initialised first. */
  static async open(options: BackendOptions): Promise<PgliteBackend> {
    const postgres = await PGlite.create({
      fs: new DurableNodeFS(options.cluster_dir, options.counters, { synced: options.synced }),
      extensions: { vector, pg_trgm },
      startParams: startParameters(options.shared_buffers_mb),
      onStderr: (line) => {
        options.onLog(line);
        return false;
      },
      onStdout: () => false,
    });
    const backend = new PgliteBackend(postgres, options.counters);
    await backend.#readParameters();
    return backend;
  }

  /**
   * Runs messages and hands over the frames of the answer, each a copy.
   *
   * `ends_ready` says that the messages end with Query or Sync, so that the answer has to end with ReadyForQuery.
   *
   * @throws BackendBrokenError
   */
  async execute(messages: Uint8Array, ends_ready: boolean, onFrame: OnFrame): Promise<void> {
    const answer = new FrameSplitter({ typed: true });
    let last = '';
    let fatal: string | null = null;
    this.#counters.add('units_started', 1);
    await this.#postgres.execProtocolRawStream(messages, {
      syncToFs: false,
      onRawData: (bytes) => {
        answer.push(Buffer.from(bytes));
        for (let frame = answer.next(); frame; frame = answer.next()) {
          last = frameType(frame);
          if (last === 'E') fatal ??= fatalMessage(frame);
          onFrame(frame);
        }
      },
    });
    this.#counters.add('units_finished', 1);
    if (fatal !== null) throw new BackendBrokenError(fatal);
    // Exceptions out of the WebAssembly code (stack overflow, abort) are swallowed by PGlite; this is how they show.
    if (ends_ready && last !== 'Z') throw new BackendBrokenError('the backend did not finish its answer');
  }

  /**
   * Runs one statement of the server's own, outside every transaction, and returns its rows as text.
   *
   * @throws BackendStatementError, BackendBrokenError
   */
  async query(sql: string, onFrame: OnFrame = () => {}): Promise<(string | null)[][]> {
    const rows: (string | null)[][] = [];
    let failure: BackendStatementError | null = null;
    await this.execute(simpleQuery(sql), true, (frame) => {
      const type = frameType(frame);
      if (type === 'D') rows.push(readRow(frame));
      if (type === 'E') {
        const { code, message } = readError(frame);
        failure = new BackendStatementError(code, message);
      }
      onFrame(frame);
    });
    if (failure) throw failure;
    return rows;
  }

  /** Ends whatever a session has left open: an unfinished extended exchange, then its transaction. */
  async rollback(onFrame: OnFrame): Promise<void> {
    let status: TransactionStatus = 'I';
    // A plain Sync would commit the implicit transaction of an unfinished exchange, so it fails first.
    await this.execute(failingUnit('ready'), true, (frame) => {
      if (frameType(frame) === 'Z') status = readStatus(frame);
    });
    if (status !== 'I') await this.query('ROLLBACK', onFrame);
  }

  /** Shutdown checkpoint, then end. Not after a BackendBrokenError: that state must not reach the disk. */
  async close(): Promise<void> {
    await this.#postgres.close();
  }

  async #readParameters(): Promise<void> {
    const keep: OnFrame = (frame) => {
      if (frameType(frame) !== 'S') return;
      const name = readString(frameBody(frame), 0);
      this.parameters.set(name.value, readString(frameBody(frame), name.next).value);
    };
    await this.execute(startupPacket({ user: SUPERUSER, database: DATABASE }), true, keep);
    // The first query reports the parameters once more; sessions should not see that.
    await this.query('SELECT 1', keep);
    this.parameters.set('session_authorization', SUPERUSER);
  }
}

/** Messages that fail at once and leave the session as any failed statement does. */
export function failingUnit(ending: 'ready' | 'flush'): Buffer {
  return Buffer.concat([parseUnnamed('refused'), ending === 'ready' ? sync() : flush()]);
}

export function readStatus(readyForQuery: Buffer): TransactionStatus {
  const status = String.fromCharCode(frameBody(readyForQuery)[0] ?? 0);
  return status === 'T' || status === 'E' ? status : 'I';
}

function startParameters(shared_buffers_mb: number): string[] {
  const settings: Record<string, string> = {
    wal_sync_method: 'fsync',
    shared_buffers: `${shared_buffers_mb}MB`,
    // Log segments are kept for reuse up to these; the defaults (80 MB, 1 GB) are for servers.
    min_wal_size: '32MB',
    max_wal_size: '64MB',
    // Recovery and fatal errors. A client's own errors go to the client, and its statements into no log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
  };
  return [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

function fatalMessage(error: Buffer): string | null {
  const { severity, message } = readError(error);
  return severity === 'FATAL' || severity === 'PANIC' ? `${severity}: ${message}` : null;
}

function readRow(frame: Buffer): (string | null)[] {
  const body = frameBody(frame);
  const row: (string | null)[] = [];
  let offset = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(offset);
    offset += 4;
    row.push(length === -1 ? null : body.toString('utf8', offset, offset + Math.max(length, 0)));
    offset += Math.max(length, 0);
  }
  return row;
}
