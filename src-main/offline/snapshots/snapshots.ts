/** Copies for exploring without the server they come from: begun, watched, paused, gone on with, and cleared up after. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { ArchiveSource, ExportScope, ParsedInputs, Snapshot } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { ArchonError, assertNever, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { SessionStoreUnavailableError } from '../../storage/sessions/session-store.ts';
import { databaseFault } from '../../storage/storage-errors.ts';
import { archiveFileName } from '../../transfer/archive/archive-format.ts';
import { JobAbort } from '../../transfer/job-runner.ts';
import { Places } from '../../transfer/places.ts';
import { inspectSource, type SourceFile } from '../../transfer/records/source-file.ts';
import { diskFault } from '../../transfer/uploads.ts';
import type { Copies, OpenProfile, StartCopyEngine } from '../open-profile.ts';
import { SnapshotFiles, type StoredSnapshot } from './snapshot-files.ts';
import { SnapshotRests, SnapshotRun } from './snapshot-run.ts';

export interface SnapshotsDeps {
  /** `offline/` of the data folder. */
  folder: string;
  open(): OpenProfile;
  copies: Copies;
  startCopyEngine: StartCopyEngine;
  clock: Clock;
  logger: Logger;
}

/** How often progress is stored, in milliseconds: one that is cut off goes on from a place at most this old. */
const STORE_EVERY_MS = 500;
/** Each holds an engine; others wait. */
const AT_ONCE = 1;
/** Snapshots that have ended and are remembered. */
const MAX_ENDED = 100;
const ARCHIVE_SUFFIX = '.archon.gz';
const CUT_OFF = 'Archon was stopped in the midst of it. Resume it to go on from there.';

/** One that works in this process. */
interface Working {
  abort: AbortController;
  done: Promise<void>;
  stored_at_ms: number;
}
type Halt = ConstructorParameters<typeof JobAbort>[0];

export class Snapshots {
  readonly #deps: SnapshotsDeps;
  readonly #files: SnapshotFiles;
  readonly #places = new Places(AT_ONCE);
  readonly #all = new Map<string, StoredSnapshot>();
  readonly #working = new Map<string, Working>();
  #stopped = false;

  constructor(deps: SnapshotsDeps) {
    this.#deps = deps;
    this.#files = new SnapshotFiles(join(deps.folder, 'snapshots'));
  }

  /** What the process before was doing rests now; what belongs to no snapshot is removed. Nothing of it keeps Archon from starting. */
  async start(): Promise<void> {
    const stored = this.#files.readAll().sort((a, b) => a.shown.started_at.localeCompare(b.shown.started_at));
    for (const one of stored) {
      this.#all.set(one.shown.snapshot_id, one);
      if (one.shown.state !== 'running') continue;
      one.shown = { ...common(one.shown), state: 'paused', reason: CUT_OFF };
      // Should it not be stored, the next start says the same.
      this.#trySave(one);
    }
    // A snapshot that cannot be read, such as one of a newer Archon, keeps its archive.
    const kept = new Set(this.#files.ids());
    const files = await readdir(this.#archives).catch(() => []);
    for (const file of files.filter((name) => !kept.has(name.slice(0, UUID_LENGTH)))) {
      const path = join(this.#archives, file);
      await rm(path, { force: true }).catch((error) => this.#deps.logger.warn({ err: error, path }, 'not removed'));
    }
  }

  /** How many of any organisation are at work. */
  get active(): number {
    return this.#working.size;
  }

  list(scope: Scope): Snapshot[] {
    return [...this.#all.values()]
      .filter(({ org_id }) => org_id === scope.org_id)
      .map(({ shown }) => structuredClone(shown))
      .reverse();
  }

  get(scope: Scope, snapshot_id: string): Snapshot {
    return structuredClone(this.#find(scope, snapshot_id).shown);
  }

  /** Begins to copy the open profile. */
  take(scope: Scope, { name, users, into }: ParsedInputs['offline']['snapshot']): Snapshot {
    const { name: source, place } = this.#deps.open();
    const what: ExportScope = users === null ? { kind: 'org' } : { kind: 'users', user_ids: [...new Set(users)] };
    const origin = { kind: 'profile', place, scope: what, checkpoint: null } as const;
    return this.#begin(scope, uuidv7(), origin, { name, into, source, users: users && [...new Set(users)] });
  }

  /** Begins to make a copy from an archive. @throws ArchonError for a source that is not there or no archive at all */
  async openArchive(scope: Scope, { name, source }: ParsedInputs['offline']['openArchive']): Promise<Snapshot> {
    this.#refuseWhenStopped();
    const snapshot_id = uuidv7();
    const { file, is_ours } = await this.#chosen(scope, snapshot_id, source);
    const origin = { kind: 'archive', path: file.path, fingerprint: file.fingerprint, is_ours } as const;
    return this.#begin(scope, snapshot_id, origin, { name, into: 'copy', source: file.name, users: null });
  }

  /** The file of an archive that was taken. @throws ArchonError CONFLICT while there is none */
  async archive(scope: Scope, snapshot_id: string): Promise<{ path: string; name: string }> {
    const { shown } = this.#find(scope, snapshot_id);
    const archive = shown.state === 'succeeded' ? shown.archive : null;
    const path = this.#archivePath(snapshot_id);
    const there = archive !== null && (await stat(path).catch(() => undefined)) !== undefined;
    if (!there) throw new ArchonError('CONFLICT', 'This snapshot has no archive; take a new one.');
    return { path, name: archive.file_name };
  }

  async pause(scope: Scope, snapshot_id: string): Promise<Snapshot> {
    this.#find(scope, snapshot_id);
    await this.#halt(snapshot_id, 'paused');
    return this.get(scope, snapshot_id);
  }

  /** @throws ArchonError CONFLICT for one that does not rest */
  resume(scope: Scope, snapshot_id: string): Snapshot {
    const stored = this.#find(scope, snapshot_id);
    if (stored.shown.state !== 'paused' || this.#working.has(snapshot_id)) {
      throw new ArchonError(
        'CONFLICT',
        `Only a snapshot that is paused can be resumed; this one is ${stored.shown.state}.`,
      );
    }
    this.#refuseWhenStopped();
    this.#change(stored, { ...common(stored.shown), state: 'running' });
    this.#start(scope, stored);
    return this.get(scope, snapshot_id);
  }

  /** Ends one and removes what it wrote; one that has ended is left as it is. */
  async cancel(scope: Scope, snapshot_id: string): Promise<Snapshot> {
    const stored = this.#find(scope, snapshot_id);
    await this.#halt(snapshot_id, 'cancelled');
    if (stored.shown.state === 'paused') await this.#endCancelled(stored);
    return this.get(scope, snapshot_id);
  }

  /** @throws ArchonError CONFLICT for one that has not ended */
  async forget(scope: Scope, snapshot_id: string): Promise<{ snapshot_id: string }> {
    const { shown } = this.#find(scope, snapshot_id);
    if (shown.state === 'running' || shown.state === 'paused') {
      throw new ArchonError('CONFLICT', 'This snapshot has not ended; cancel it first.');
    }
    await this.#remove(snapshot_id);
    return { snapshot_id };
  }

  /** Resolves when one is not at work any more. */
  async settled(snapshot_id: string): Promise<void> {
    await this.#working.get(snapshot_id)?.done;
  }

  /** Lets all rest; none starts any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#working.keys()].map((snapshot_id) => this.#halt(snapshot_id, 'interrupted')));
  }

  async #chosen(
    scope: Scope,
    snapshot_id: string,
    source: ArchiveSource,
  ): Promise<{ file: SourceFile; is_ours: boolean }> {
    const { transfer } = this.#deps.open();
    switch (source.kind) {
      case 'file':
        return { file: await transfer.sourceFile(scope, source), is_ours: false };
      case 'upload': {
        // Before it is taken: what is no archive stays an upload.
        await transfer.sourceFile(scope, source);
        await mkdir(this.#archives, { recursive: true, mode: 0o700 });
        const path = this.#archivePath(snapshot_id);
        const { name } = await transfer.takeUpload(scope, source.upload_id, path);
        return { file: await inspectSource(path, name), is_ours: true };
      }
      case 'export': {
        const { path, name } = await transfer.exportFile(scope, source.job_id);
        return { file: await inspectSource(path, name), is_ours: false };
      }
      case 'snapshot': {
        const { path, name } = await this.archive(scope, source.snapshot_id);
        return { file: await inspectSource(path, name), is_ours: false };
      }
      default:
        return assertNever(source);
    }
  }

  #begin(
    scope: Scope,
    snapshot_id: string,
    origin: StoredSnapshot['origin'],
    named: Pick<Snapshot, 'name' | 'into' | 'source' | 'users'>,
  ): Snapshot {
    this.#refuseWhenStopped();
    const started_at = isoTime(this.#deps.clock.now());
    const progress = {
      phase: 'reading',
      bytes_done: 0,
      bytes_total: null,
      records_done: 0,
      records_total: null,
    } as const;
    const stored: StoredSnapshot = {
      org_id: scope.org_id,
      shown: { snapshot_id, state: 'running', ...named, started_at, progress },
      origin,
      ready: null,
      profile_id: named.into === 'copy' ? uuidv7() : null,
    };
    this.#files.save(stored);
    this.#all.set(snapshot_id, stored);
    this.#start(scope, stored);
    return structuredClone(stored.shown);
  }

  #start(scope: Scope, stored: StoredSnapshot): void {
    const abort = new AbortController();
    const working: Working = { abort, done: Promise.resolve(), stored_at_ms: this.#deps.clock.now() };
    this.#working.set(stored.shown.snapshot_id, working);
    working.done = this.#work(scope, stored, working);
  }

  async #work(scope: Scope, stored: StoredSnapshot, working: Working): Promise<void> {
    const { signal } = working.abort;
    const { snapshot_id } = stored.shown;
    const deps = { ...this.#deps, archivePath: (id: string) => this.#archivePath(id) };
    const run = new SnapshotRun(deps, scope, stored, { signal, onProgress: () => this.#keep(stored, working) });
    try {
      const giveBack = await this.#places.take(signal);
      try {
        const ready = await run.run();
        await this.#succeed(stored, ready);
      } finally {
        giveBack();
      }
    } catch (error) {
      await this.#endWithError(stored, error, signal);
    } finally {
      this.#working.delete(snapshot_id);
    }
    await this.#dropOldest();
  }

  async #succeed(stored: StoredSnapshot, ready: NonNullable<StoredSnapshot['ready']>): Promise<void> {
    const { profile_id, origin, shown } = stored;
    const isArchive = profile_id === null && origin.kind === 'profile';
    const archive = isArchive
      ? { file_name: archiveFileName(origin.scope, ready.taken_at), bytes: ready.bytes, sha256: ready.sha256 ?? '' }
      : null;
    if (!isArchive) await rm(this.#archivePath(shown.snapshot_id), { force: true });
    const finished_at = this.#now();
    const { taken_at } = ready;
    this.#change(stored, { ...common(shown), state: 'succeeded', finished_at, taken_at, profile_id, archive });
  }

  async #endWithError(stored: StoredSnapshot, error: unknown, signal: AbortSignal): Promise<void> {
    const { snapshot_id } = stored.shown;
    try {
      const rest = restOf(error, signal);
      if (rest !== undefined) this.#change(stored, { ...common(stored.shown), state: 'paused', reason: rest.reason });
      else if (isHalt(signal.reason, 'cancelled')) await this.#endCancelled(stored);
      else await this.#fail(stored, error);
    } catch (problem) {
      // It rests where it is, as after a crash; whoever cancels it removes the rest.
      this.#deps.logger.error({ err: problem, snapshot_id }, 'the end of a snapshot could not be stored');
      stored.shown = { ...common(stored.shown), state: 'paused', reason: messageOf(problem) };
    }
  }

  async #fail(stored: StoredSnapshot, error: unknown): Promise<void> {
    const { snapshot_id } = stored.shown;
    const isForeseen = error instanceof ArchonError;
    if (isForeseen) this.#deps.logger.warn({ snapshot_id, failure: error.message }, 'a snapshot failed');
    else this.#deps.logger.error({ err: error, snapshot_id }, 'a snapshot failed');
    await this.#removeWritten(stored);
    const failure = isForeseen ? error.message : `It stopped: ${messageOf(error)}. The log says more. Start it again.`;
    this.#change(stored, { ...common(stored.shown), state: 'failed', finished_at: this.#now(), failure });
  }

  async #endCancelled(stored: StoredSnapshot): Promise<void> {
    await this.#removeWritten(stored);
    this.#change(stored, { ...common(stored.shown), state: 'cancelled', finished_at: this.#now() });
  }

  /** The archive and the half copy; a copy that has become a profile is not ours any more. */
  async #removeWritten({ shown: { snapshot_id }, profile_id }: StoredSnapshot): Promise<void> {
    const path = this.#archivePath(snapshot_id);
    await rm(path, { force: true });
    await rm(`${path}.partial`, { force: true });
    const { copies } = this.#deps;
    if (profile_id === null || copies.has(profile_id)) return;
    await rm(copies.folderOf(profile_id), { recursive: true, force: true });
  }

  async #halt(snapshot_id: string, how: Halt): Promise<void> {
    const working = this.#working.get(snapshot_id);
    if (working === undefined) return;
    working.abort.abort(new JobAbort(how));
    await working.done;
  }

  async #remove(snapshot_id: string): Promise<void> {
    const path = this.#archivePath(snapshot_id);
    this.#files.remove(snapshot_id);
    this.#all.delete(snapshot_id);
    await rm(path, { force: true });
  }

  /** Those that hold an archive stay until somebody forgets them. */
  async #dropOldest(): Promise<void> {
    const ended = [...this.#all.values()].filter(
      ({ shown }) =>
        shown.state === 'failed' ||
        shown.state === 'cancelled' ||
        (shown.state === 'succeeded' && shown.archive === null),
    );
    for (const { shown } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED)))
      await this.#remove(shown.snapshot_id);
  }

  /** Progress, now and then. That it cannot be stored costs one that is cut off some reading, no more. */
  #keep(stored: StoredSnapshot, working: Working): void {
    const now_ms = this.#deps.clock.now();
    if (now_ms - working.stored_at_ms < STORE_EVERY_MS) return;
    working.stored_at_ms = now_ms;
    this.#trySave(stored);
  }

  #trySave(stored: StoredSnapshot): void {
    try {
      this.#files.save(stored);
    } catch (error) {
      const { snapshot_id } = stored.shown;
      this.#deps.logger.warn({ err: error, snapshot_id }, 'the state of a snapshot could not be stored');
    }
  }

  #change(stored: StoredSnapshot, shown: Snapshot): void {
    stored.shown = shown;
    this.#files.save(stored);
  }

  #find(scope: Scope, snapshot_id: string): StoredSnapshot {
    const stored = this.#all.get(snapshot_id);
    if (stored?.org_id !== scope.org_id) throw notFound('snapshot', snapshot_id);
    return stored;
  }

  #refuseWhenStopped(): void {
    if (!this.#stopped) return;
    throw new ArchonError('STORAGE_UNAVAILABLE', 'Archon is shutting down; try again when it is back.');
  }

  #now(): string {
    return isoTime(this.#deps.clock.now());
  }

  get #archives(): string {
    return join(this.#deps.folder, 'archives');
  }

  /** The file's own name is the snapshot's id, so that no name a person gave meets the file system. */
  #archivePath(snapshot_id: string): string {
    return join(this.#archives, `${snapshot_id}${ARCHIVE_SUFFIX}`);
  }
}

const UUID_LENGTH = 36;

function common({ snapshot_id, name, into, source, users, started_at, progress }: Snapshot) {
  return { snapshot_id, name, into, source, users, started_at, progress };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isHalt = (reason: unknown, how: Halt): boolean => reason instanceof JobAbort && reason.state === how;

/** Why one rests instead of failing: a person paused it, Archon stops, a store is away or the disk is full. */
function restOf(error: unknown, signal: AbortSignal): { reason: string | null } | undefined {
  if (isHalt(signal.reason, 'paused')) return { reason: null };
  if (isHalt(signal.reason, 'interrupted')) return { reason: CUT_OFF };
  if (isHalt(signal.reason, 'cancelled')) return undefined;
  // The engine it read from stops: Archon ends, or another profile is opened.
  if (isHalt(error, 'interrupted')) return { reason: CUT_OFF };
  if (error instanceof SnapshotRests) return { reason: error.message };
  if (error instanceof SessionStoreUnavailableError) {
    return { reason: `The session store is away (${error.message}). Resume it when it is back.` };
  }
  const fault = databaseFault(error) ?? diskFault(error);
  if (!(fault instanceof ArchonError)) return undefined;
  if (fault.code === 'STORAGE_FULL') return { reason: `${fault.message} Or cancel it, which removes what it wrote.` };
  return fault.code === 'STORAGE_UNAVAILABLE' ? { reason: `${fault.message} Then resume it.` } : undefined;
}
