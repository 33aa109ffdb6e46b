/**
 * A ZIP file for whoever helps: what Archon said, what it is, and how it is. It is made as it is read, so it never lies
 * on the disk, and what cannot be asked is said in it instead of failing it.
 */
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { DiagnosticsContents, DiagnosticsPiece } from '../../../../src-contract/index.ts';
import type { Clock } from '../../../clock.ts';
import type { LogRedaction } from '../../log-redaction.ts';
import { everyLogFile, newestLines } from './log-copies.ts';

/** One document of the bundle. */
export interface DiagnosticsDocument {
  file: string;
  what: string;
  read(): unknown;
}

export interface DiagnosticsDeps {
  documents: readonly DiagnosticsDocument[];
  /** Where the logs are; undefined when none are written. */
  logs_folder: string | undefined;
  redaction: LogRedaction;
  clock: Clock;
  /** Milliseconds one document may take. */
  limit_ms?: number;
  /** Of all logs together. */
  max_log_bytes?: number;
}

/** A log file, and how much of its end is taken. */
interface LogPart {
  name: string;
  bytes: number;
  most: number;
}

const LIMIT_MS = 10_000;
/** Of a document, in UTF-16 units. */
const MAX_DOCUMENT = 16 * 1024 ** 2;
/** Of logs, before they are packed; the newest are taken. */
const MAX_LOG_BYTES = 24 * 1024 ** 2;
const PIECE_BYTES = 192 * 1024;
const MANIFEST = 'manifest.json';

const LEFT_OUT = [
  'Memories, messages and the payloads of events; of users at most an id that the log names',
  'Passwords, tokens, keys, secrets of webhooks, and credentials in addresses',
  'Settings that are secret: the file says only that they are set',
];

export class Diagnostics {
  readonly #deps: DiagnosticsDeps;

  constructor(deps: DiagnosticsDeps) {
    this.#deps = deps;
  }

  contents(): DiagnosticsContents {
    return this.#contents(this.#logs());
  }

  #contents(logs: readonly LogPart[]): DiagnosticsContents {
    const { documents, clock } = this.#deps;
    return {
      file_name: `archon-diagnostics-${new Date(clock.now()).toISOString().slice(0, 19).replaceAll(':', '-')}.zip`,
      files: [
        { file: MANIFEST, what: 'What is in this file, what could not be asked, and what was left out.' },
        ...documents.map(({ file, what }) => ({ file, what })),
        ...logs.map(({ name, most, bytes }) => ({
          file: `logs/${name}`,
          what: `${most < bytes ? 'The newest part of this log' : 'This log'}, redacted once more.`,
        })),
      ],
      left_out: LEFT_OUT,
    };
  }

  /** @throws the reason of the signal when it is aborted meanwhile */
  async *pieces(signal: AbortSignal | undefined): AsyncGenerator<DiagnosticsPiece, void> {
    const { documents, logs_folder } = this.#deps;
    const parts = this.#logs();
    const contents = this.#contents(parts);
    const of = contents.files.length;
    const zip = new ZipFile();
    const missing: { file: string; why: string }[] = [];
    let done = 0;
    for (const document of documents) {
      yield { kind: 'file', file: document.file, done, of };
      signal?.throwIfAborted();
      const read = await this.#read(document);
      if (read.ok) zip.addBuffer(Buffer.from(read.text, 'utf8'), document.file);
      else missing.push({ file: document.file, why: read.why });
      done += 1;
    }
    const manifest = { made_at: new Date(this.#deps.clock.now()).toISOString(), ...contents, missing };
    zip.addBuffer(Buffer.from(JSON.stringify(manifest, null, 2), 'utf8'), MANIFEST);
    done += 1;
    const begun: string[] = [];
    const logs: Readable[] = [];
    if (logs_folder !== undefined) {
      this.#addLogs(zip, logs_folder, parts, (file, log) => {
        begun.push(file);
        logs.push(log);
      });
    }
    zip.end();
    try {
      for await (const bytes of zipped(zip, signal)) {
        for (const file of begun.splice(0)) {
          yield { kind: 'file', file, done, of };
          done += 1;
        }
        yield { kind: 'bytes', base64: bytes.toString('base64') };
      }
    } finally {
      // The ZIP file reads one at a time, and does not close it when nobody reads on.
      for (const log of logs) log.destroy();
    }
    yield { kind: 'end', missing };
  }

  /** The newest, as far as they go in. */
  #logs(): LogPart[] {
    const { logs_folder, max_log_bytes = MAX_LOG_BYTES } = this.#deps;
    const parts: LogPart[] = [];
    let left = max_log_bytes;
    for (const { name, bytes } of logs_folder === undefined ? [] : everyLogFile(logs_folder)) {
      if (left <= 0) break;
      const most = Math.min(left, bytes);
      left -= most;
      parts.push({ name, bytes, most });
    }
    return parts;
  }

  #addLogs(
    zip: ZipFile,
    folder: string,
    parts: readonly LogPart[],
    onBegin: (file: string, log: Readable) => void,
  ): void {
    const { redaction } = this.#deps;
    for (const { name, most } of parts) {
      zip.addReadStreamLazy(`logs/${name}`, (give) => {
        const log = Readable.from(newestLines(folder, name, most, redaction));
        onBegin(`logs/${name}`, log);
        give(null, log);
      });
    }
  }

  async #read({ read }: DiagnosticsDocument): Promise<{ ok: true; text: string } | { ok: false; why: string }> {
    const { redaction, limit_ms = LIMIT_MS } = this.#deps;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limit_ms / 1000} s`)), limit_ms);
    });
    try {
      const value = await Promise.race([Promise.resolve().then(read), late]);
      const text = JSON.stringify(redaction.document(value), null, 2);
      return text.length > MAX_DOCUMENT ? { ok: false, why: 'it is too large' } : { ok: true, text };
    } catch (error) {
      return { ok: false, why: redaction.text(error instanceof Error ? error.message : String(error)) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The file, in pieces that are worth a message each. */
async function* zipped(zip: ZipFile, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  zip.on('error', failed.reject);
  const output = Readable.from(zip.outputStream);
  let waiting: Buffer[] = [];
  let bytes = 0;
  try {
    const chunks = output[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([chunks.next(), failed.promise]);
      signal?.throwIfAborted();
      if (next.done) break;
      waiting.push(next.value);
      bytes += next.value.length;
      if (bytes < PIECE_BYTES) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(waiting);
  } finally {
    output.destroy();
  }
}
