/**
 * PGlite's file system over Node, made durable.
 *
 * Emscripten's NODEFS has no fsync: the call succeeds and does nothing, so an acknowledged commit may be lost with the
 * power. Here it reaches the disk. It takes all three: this, no `-F` on the command line (which turns fsync off), and
 * `wal_sync_method=fsync` (Emscripten's fdatasync is a stub that never asks the file system).
 */
import { fdatasyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import type { SharedCounters } from './shared-counters.ts';

type InitOptions = Parameters<NodeFS['init']>[1];
type InitResult = Awaited<ReturnType<NodeFS['init']>>;

/** The parts of an Emscripten module that are used here. */
interface EmscriptenModule {
  FS: {
    ErrnoError: new (errno: number) => Error;
    filesystems: {
      NODEFS: {
        convertNodeCode(error: unknown): number | undefined;
        node_ops: { rename(...call: unknown[]): void };
        stream_ops: {
          write(stream: OpenFile, data: Uint8Array, offset: number, length: number, position?: number): number;
          fsync?(stream: OpenFile): number;
        };
      };
    };
  };
}

interface OpenFile {
  /** File descriptor of Node. */
  nfd: number;
  path?: string;
}

/** In Emscripten's numbering of errno, that of WASI. */
const EIO = 29;
const EBADF = 8;

/** Windows does not sync what is open for reading only, such as a folder; PostgreSQL takes EBADF for a folder so. */
function isReadOnlyOnWindows(error: unknown): boolean {
  return process.platform === 'win32' && error instanceof Error && 'code' in error && error.code === 'EPERM';
}

/** Written before recovery looks at anything else; says nothing about the data. */
const LOCK_FILE = 'postmaster.pid';

export class DurableNodeFS extends NodeFS {
  readonly #counters: SharedCounters;
  /** Nothing on the disk can differ from what PostgreSQL sees: all was synced before, and nothing written since. */
  #pristine: boolean;

  /**
   * `synced` says that every file of the folder was synced just before. After a crash recovery begins by syncing all
   * of them (some 2,000 calls one after the other, seconds on a usual disk); done before and in parallel it takes a
   * tenth of that, and these calls have nothing left to do.
   */
  constructor(folder: string, counters: SharedCounters, options: { synced: boolean }) {
    super(folder);
    this.#counters = counters;
    this.#pristine = options.synced;
  }

  override async init(postgres: PGlite, options: InitOptions): Promise<InitResult> {
    const result = await super.init(postgres, options);
    result.emscriptenOpts.preRun?.push((module) => this.#hook(module as unknown as EmscriptenModule));
    return result;
  }

  #hook(module: EmscriptenModule): void {
    const { NODEFS } = module.FS.filesystems;
    const { write } = NODEFS.stream_ops;
    const { rename } = NODEFS.node_ops;
    NODEFS.stream_ops.write = (stream, ...rest) => {
      if (!stream.path?.endsWith(LOCK_FILE)) this.#pristine = false;
      const written = write(stream, ...rest);
      if (stream.path?.includes('/pg_wal/')) this.#counters.add('wal_bytes_written', written);
      return written;
    };
    NODEFS.node_ops.rename = (...call) => {
      this.#pristine = false;
      rename(...call);
    };
    NODEFS.stream_ops.fsync = (stream) => {
      if (this.#pristine) return 0;
      this.#counters.add('fsyncs', 1);
      try {
        // Enough for files (their size is written too); on macOS Node makes it F_FULLFSYNC.
        fdatasyncSync(stream.nfd);
        return 0;
      } catch (error) {
        // As an errno PostgreSQL sees the failure and panics, as it must: the page may be gone from the cache.
        throw new module.FS.ErrnoError(isReadOnlyOnWindows(error) ? EBADF : (NODEFS.convertNodeCode(error) ?? EIO));
      }
    };
  }
}
