/** The last comparisons of archives: each at work or ended, with what it found in a file of its own. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { ComparedSource, Comparison, Outputs, ParsedInputs } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { ArchonError, assertNever, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import { databaseFault } from '../../storage/storage-errors.ts';
import { Places } from '../../transfer/places.ts';
import { inspectSource, type SourceFile } from '../../transfer/records/source-file.ts';
import { diskFault } from '../../transfer/uploads.ts';
import type { OpenProfile } from '../open-profile.ts';
import { compareArchives } from './compare-archives.ts';
import { ComparisonFile } from './comparison-file.ts';

/** Comparisons that are kept, those of every organisation together: each may take a gigabyte. */
const KEPT = 5;
const LIST = 'differences';
const position = z.object({ place: z.int().min(0) });

export interface ComparisonsDeps {
  /** Emptied at every start. */
  folder: string;
  open(): OpenProfile;
  /** The file of an archive that was taken. */
  archive(scope: Scope, snapshot_id: string): Promise<{ path: string; name: string }>;
  clock: Clock;
  logger: Logger;
}

interface Held {
  org_id: string;
  shown: Comparison;
  abort: AbortController;
  file: ComparisonFile | undefined;
  done: Promise<void>;
}
type Common = Pick<Comparison, 'comparison_id' | 'started_at' | 'before_name' | 'after_name'>;
/** A source as it was chosen; the open profile, known by its place, is exported when its turn comes. */
type Chosen = { name: string } & ({ file: SourceFile } | { file: undefined; place: string });

export class Comparisons {
  readonly #deps: ComparisonsDeps;
  readonly #places = new Places(1);
  /** Oldest first. */
  readonly #held = new Map<string, Held>();
  #state: 'new' | 'started' | 'stopped' = 'new';

  constructor(deps: ComparisonsDeps) {
    this.#deps = deps;
  }

  /** What cannot be removed now is at the next start; it must not keep Archon from starting. */
  async start(): Promise<void> {
    this.#state = 'started';
    await this.#clear();
  }

  /** @throws ArchonError for a source that is not there */
  async begin(scope: Scope, sources: ParsedInputs['offline']['compare']): Promise<Comparison> {
    const before = await this.#chosen(scope, sources.before);
    const after = await this.#chosen(scope, sources.after);
    if (this.#state === 'stopped') {
      throw new ArchonError('STORAGE_UNAVAILABLE', 'Archon is shutting down; try again when it is back.');
    }
    const common: Common = {
      comparison_id: uuidv7(),
      started_at: isoTime(this.#deps.clock.now()),
      before_name: before.name,
      after_name: after.name,
    };
    const held: Held = {
      org_id: scope.org_id,
      shown: { ...common, state: 'running', progress: { step: 1, share: 0, records_done: 0 } },
      abort: new AbortController(),
      file: undefined,
      done: Promise.resolve(),
    };
    this.#held.set(common.comparison_id, held);
    held.done = this.#work(scope, held, common, { before, after });
    const shown = structuredClone(held.shown);
    await this.#dropOldest();
    return shown;
  }

  list(scope: Scope): Comparison[] {
    return [...this.#held.values()]
      .filter(({ org_id }) => org_id === scope.org_id)
      .map(({ shown }) => structuredClone(shown))
      .reverse();
  }

  get(scope: Scope, comparison_id: string): Comparison {
    return structuredClone(this.#find(scope, comparison_id).shown);
  }

  /** @throws ArchonError CONFLICT while it is at work; CURSOR_INVALID */
  differences(scope: Scope, input: ParsedInputs['offline']['differences']): Outputs['offline']['differences'] {
    const { file, shown } = this.#find(scope, input.comparison_id);
    if (shown.state !== 'succeeded' || file === undefined) {
      const why = shown.state === 'failed' ? shown.failure : 'It is not finished yet; wait for it.';
      throw new ArchonError('CONFLICT', `This comparison has nothing to read. ${why}`);
    }
    const after = input.cursor === undefined ? 0 : decodeCursor(LIST, input.cursor, position).place;
    const found = file.page(input, after, input.limit + 1);
    const page = found.slice(0, input.limit);
    const last = found.length > input.limit ? page.at(-1) : undefined;
    return {
      items: page.map(({ difference }) => difference),
      next_cursor: last ? encodeCursor(LIST, { place: last.place }) : null,
    };
  }

  async forget(scope: Scope, comparison_id: string): Promise<{ comparison_id: string }> {
    this.#find(scope, comparison_id);
    await this.#remove(comparison_id);
    return { comparison_id };
  }

  /** Resolves when one is not at work any more. */
  async settled(comparison_id: string): Promise<void> {
    await this.#held.get(comparison_id)?.done;
  }

  /** The folder may be another process's unless this one was started on it. */
  async stop(): Promise<void> {
    const isOurs = this.#state === 'started';
    this.#state = 'stopped';
    for (const comparison_id of [...this.#held.keys()]) await this.#remove(comparison_id);
    if (isOurs) await this.#clear();
  }

  async #clear(): Promise<void> {
    const { folder, logger } = this.#deps;
    try {
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      logger.warn({ err: error, folder }, 'comparisons could not be removed');
    }
  }

  async #chosen(scope: Scope, source: ComparedSource): Promise<Chosen> {
    const { name, place, transfer } = this.#deps.open();
    switch (source.kind) {
      case 'open':
        return { name, file: undefined, place };
      case 'file':
      case 'upload': {
        const file = await transfer.sourceFile(scope, source);
        return { name: file.name, file };
      }
      case 'export':
        return await chosenFile(await transfer.exportFile(scope, source.job_id));
      case 'snapshot':
        return await chosenFile(await this.#deps.archive(scope, source.snapshot_id));
      default:
        return assertNever(source);
    }
  }

  async #work(
    scope: Scope,
    held: Held,
    common: Common,
    { before, after }: { before: Chosen; after: Chosen },
  ): Promise<void> {
    const { signal } = held.abort;
    const folder = join(this.#deps.folder, common.comparison_id);
    try {
      const giveBack = await this.#places.take(signal);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const archives = {
          before: before.file ?? (await this.#exported(scope, held, common, { folder, ...before })),
          after: after.file ?? (await this.#exported(scope, held, common, { folder, ...after })),
        };
        await this.#compare(held, common, archives, join(folder, 'differences.db'));
      } finally {
        giveBack();
        // The archive of the open profile has done its work.
        await rm(join(folder, OPEN_ARCHIVE), { force: true });
      }
    } catch (error) {
      held.file?.close();
      held.file = undefined;
      await rm(folder, { recursive: true, force: true });
      if (!signal.aborted) held.shown = this.#failed(common, error);
    }
  }

  async #compare(
    held: Held,
    common: Common,
    archives: { before: SourceFile; after: SourceFile },
    path: string,
  ): Promise<void> {
    const file = new ComparisonFile(path);
    held.file = file;
    const read = await compareArchives(archives, file, {
      signal: held.abort.signal,
      now_ms: this.#deps.clock.now(),
      onProgress: ({ pass, share, records }) => {
        held.shown = { ...common, state: 'running', progress: { step: pass + 1, share, records_done: records } };
      },
    });
    held.shown = {
      ...common,
      state: 'succeeded',
      finished_at: isoTime(this.#deps.clock.now()),
      before: { name: common.before_name, ...read.before, users: file.users('before') },
      after: { name: common.after_name, ...read.after, users: file.users('after') },
      counts: structuredClone(file.counts),
      listed: file.listed,
    };
  }

  /** The open profile as an archive, for as long as the comparison needs it. */
  async #exported(
    scope: Scope,
    held: Held,
    common: Common,
    { folder, name, place }: { folder: string; name: string; place: string },
  ): Promise<SourceFile> {
    const { transfer, place: open } = this.#deps.open();
    if (open !== place) {
      throw new ArchonError('CONFLICT', `Another profile was opened before “${name}” was read; compare again.`);
    }
    const path = join(folder, OPEN_ARCHIVE);
    const created_at = isoTime(this.#deps.clock.now());
    const request = { scope: { kind: 'org' }, created_at, path, resume: null } as const;
    await transfer.writeArchiveTo(scope, request, {
      signal: held.abort.signal,
      onProgress: ({ records, records_total }) => {
        const share = records_total === 0 ? 1 : Math.min(1, records / records_total);
        held.shown = { ...common, state: 'running', progress: { step: 1, share, records_done: records } };
      },
    });
    return await inspectSource(path, name);
  }

  #failed(common: Common, thrown: unknown): Comparison {
    const error = databaseFault(thrown) ?? diskFault(thrown);
    const isForeseen = error instanceof ArchonError;
    const { comparison_id } = common;
    if (!isForeseen) this.#deps.logger.error({ err: error, comparison_id }, 'a comparison failed');
    const said = error instanceof Error ? error.message : String(error);
    const failure = isForeseen ? said.replace(/^source /, '') : `It stopped: ${said}. The log says more.`;
    return { ...common, state: 'failed', finished_at: isoTime(this.#deps.clock.now()), failure };
  }

  /** One that has ended, if there is one: nobody has seen yet what the others find. */
  async #dropOldest(): Promise<void> {
    if (this.#held.size <= KEPT) return;
    const ids = [...this.#held.keys()];
    const oldest = ids.find((id) => this.#held.get(id)?.shown.state !== 'running') ?? ids[0];
    if (oldest !== undefined) await this.#remove(oldest);
  }

  async #remove(comparison_id: string): Promise<void> {
    const held = this.#held.get(comparison_id);
    if (held === undefined) return;
    this.#held.delete(comparison_id);
    held.abort.abort(new DOMException('the comparison was ended', 'AbortError'));
    await held.done;
    held.file?.close();
    await rm(join(this.#deps.folder, comparison_id), { recursive: true, force: true });
  }

  #find(scope: Scope, comparison_id: string): Held {
    const held = this.#held.get(comparison_id);
    if (held?.org_id !== scope.org_id) throw notFound('comparison', comparison_id);
    return held;
  }
}

const OPEN_ARCHIVE = 'open.archon.gz';

async function chosenFile({ path, name }: { path: string; name: string }): Promise<Chosen> {
  return { name, file: await inspectSource(path, name) };
}
