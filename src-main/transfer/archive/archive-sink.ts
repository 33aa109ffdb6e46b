/** Takes in an Archon archive: checks every record, stores it as it was, and verifies the whole at the end. */
import { z } from 'zod';
import { type JsonObject, type Message, userId } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import { type ImportContext, ImportStop, type RecordPlace, type RecordSink } from '../importers/importer.ts';
import { field, isFields, notOneOf, RecordProblem } from '../importers/json-fields.ts';
import { MemoryBatch } from '../memory-batch.ts';
import { yieldToEventLoop } from '../turns.ts';
import { checkedRecord } from './archive-checks.ts';
import { ArchiveChecksums, type ArchiveTotals, archiveTotals } from './archive-checksums.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  type ArchiveHeader,
  type ArchiveRecord,
  type ArchiveRecordType,
  archiveHeader,
  RECORD_TYPES,
} from './archive-format.ts';
import { usersOfScope } from './archive-records.ts';
import { ArchiveRenaming } from './archive-renaming.ts';
import { ArchivedSession } from './archived-session.ts';
import { TooDeepError } from './canonical-json.ts';

const savedState = z.object({ header: archiveHeader, renamed_from: z.string().nullable(), totals: archiveTotals });

type Row = Extract<ArchiveRecord, { row: unknown }>;

export class ArchiveSink implements RecordSink {
  readonly #context: ImportContext;
  readonly #checksums: ArchiveChecksums;
  readonly #batch: MemoryBatch;
  #header: ArchiveHeader | undefined;
  /** The one user of the archive, when its records go to another. */
  #renamedFrom: string | null = null;
  #renaming: ArchiveRenaming | undefined;
  /** The session whose messages are being read, and what is pending of it. */
  #session: ArchivedSession | undefined;
  #pendingCharacters = 0;
  #manifest: ArchiveTotals | undefined;

  constructor(context: ImportContext, state: JsonObject | undefined) {
    this.#context = context;
    this.#batch = new MemoryBatch(context);
    const saved = savedState.safeParse(state).data;
    this.#checksums = new ArchiveChecksums(saved?.totals);
    this.#header = saved?.header;
    if (saved?.renamed_from) this.#renameFrom(saved.renamed_from);
  }

  /** A session's messages cannot be gone on with without the session. */
  beginsUnit(value: unknown): boolean {
    return this.#header !== undefined && isFields(value) && field(value, 'type') !== 'message';
  }

  async take(value: unknown, place: RecordPlace, characters: number): Promise<void> {
    const type = isFields(value) ? field(value, 'type') : undefined;
    if (this.#header === undefined) {
      this.#header = readHeader(value);
      await this.#prepareRenaming(this.#header);
      return;
    }
    if (this.#manifest) throw new RecordProblem('a record stands after the manifest');
    if (type === 'manifest') {
      this.#manifest = readManifest(value);
      return;
    }
    if (!isRecordType(type)) throw notOneOf('type', type, RECORD_TYPES);
    this.#addToChecksums(type, value);
    const record = checkedRecord(value, this.#context.now());
    this.#refuseOtherUsers(record);
    await this.#store(this.#renaming?.apply(record) ?? record, place, characters);
  }

  async flush(): Promise<void> {
    await this.#session?.flush();
    await this.#batch.store();
    this.#pendingCharacters = 0;
    await yieldToEventLoop();
  }

  async finish(): Promise<void> {
    await this.flush();
    if (this.#header === undefined) throw notAnArchive();
    if (this.#manifest === undefined) {
      throw new ImportStop(
        'The archive ends before its manifest: it was cut off. What was read is imported; import a complete copy to get the rest.',
        { resumable: false },
      );
    }
    const fault = firstDifference(this.#manifest, this.#checksums.totals());
    if (fault) {
      throw new ImportStop(
        `The archive is not as it was written: ${fault}. What could be read is imported; import an undamaged copy to be sure of the rest.`,
        { resumable: false },
      );
    }
  }

  state(): JsonObject {
    const state = { header: this.#header, renamed_from: this.#renamedFrom, totals: this.#checksums.totals() };
    return state as unknown as JsonObject;
  }

  #addToChecksums(type: ArchiveRecordType, value: unknown): void {
    try {
      this.#checksums.add(type, value);
    } catch (error) {
      throw error instanceof TooDeepError ? new RecordProblem(error.message) : error;
    }
  }

  async #store(record: ArchiveRecord, place: RecordPlace, characters: number): Promise<void> {
    switch (record.type) {
      case 'session':
        await this.#session?.flush();
        this.#session = new ArchivedSession(this.#context, record.session, place);
        return;
      case 'message':
        await this.#storeMessage(record, characters);
        return;
      case 'working':
      case 'longterm':
      case 'revision':
      case 'link':
        this.#batch.add(this.#asOurs(record), place);
        await this.#flushIfLarge(this.#batch.size, characters);
        return;
      default:
        assertNever(record);
    }
  }

  async #storeMessage(record: Extract<ArchiveRecord, { type: 'message' }>, characters: number): Promise<void> {
    const session = this.#session;
    if (session?.session_id !== record.session_id) {
      throw new RecordProblem(
        `session_id: the record of session "${record.session_id}" must stand before its messages`,
      );
    }
    const { metadata, ...message } = record.message;
    const counted: Message = { ...message, token_count: this.#context.countTokens(message.content) };
    session.add(metadata === undefined ? counted : { ...counted, metadata });
    await this.#flushIfLarge(session.pending, characters);
  }

  /** @param characters of the record that was added, metadata and all: text alone may be the least of it */
  async #flushIfLarge(records: number, characters: number): Promise<void> {
    const { batch } = this.#context;
    this.#pendingCharacters += characters;
    if (records >= batch.messages || this.#pendingCharacters >= batch.characters) await this.flush();
  }

  /** The row in this organisation. Its tokens are counted again: budgets rest on the count, and an archive may lie. */
  #asOurs(record: Row): Row {
    const { org_id } = this.#context.scope;
    switch (record.type) {
      case 'working':
        return { type: 'working', row: { ...record.row, org_id, token_count: this.#tokensOf(record.row) } };
      case 'longterm':
        return { type: 'longterm', row: { ...record.row, org_id, token_count: this.#tokensOf(record.row) } };
      case 'revision': {
        const before = 'org_id' in record.row.before ? { ...record.row.before, org_id } : record.row.before;
        return { type: 'revision', row: { ...record.row, org_id, before } };
      }
      case 'link':
        return { type: 'link', row: { ...record.row, org_id } };
      default:
        return assertNever(record);
    }
  }

  #tokensOf(row: { content: { text: string } }): number {
    return this.#context.countTokens(row.content.text);
  }

  /** An archive may be given to another user when it holds just one. */
  async #prepareRenaming(header: ArchiveHeader): Promise<void> {
    const { user_id } = this.#context;
    if (user_id === null) return;
    const held = header.scope.kind === 'user' ? [header.scope.user_id] : await this.#usersInArchive();
    if (held.length > 1) {
      throw new ImportStop(
        `The archive holds several users (${held.join(', ')}, …): import it without a user, each keeps their own.`,
        { resumable: false },
      );
    }
    const [only] = held;
    if (only !== undefined) this.#renameFrom(only);
  }

  #renameFrom(user_id: string): void {
    this.#renamedFrom = user_id;
    if (this.#context.user_id !== null && user_id !== this.#context.user_id) {
      this.#renaming = new ArchiveRenaming(this.#context.user_id);
    }
  }

  /** The first users found, two at most. */
  async #usersInArchive(): Promise<string[]> {
    const users = new Set<string>();
    for await (const record of this.#context.allRecords()) {
      const user = userOf(record);
      if (user !== undefined) users.add(user);
      if (users.size > 1) break;
    }
    return [...users];
  }

  #refuseOtherUsers(record: ArchiveRecord): void {
    const scope = this.#header?.scope;
    const named = scope === undefined ? null : usersOfScope(scope);
    const expected = this.#renamedFrom === null ? named : [this.#renamedFrom];
    const user = userOf(record);
    if (expected === null || user === undefined || expected.includes(user)) return;
    const of = expected.length === 1 ? `user "${expected[0]}"` : `${expected.length} users`;
    throw new RecordProblem(`user_id: the archive is of ${of}, this record of "${user}"`);
  }
}

/** Whether records are an archive's: its first is the header. */
export function looksLikeArchive(records: readonly unknown[]): boolean {
  const [first] = records;
  return isFields(first) && field(first, 'type') === 'header' && field(first, 'format') === ARCHIVE_FORMAT;
}

/** @throws ImportStop when it is none, a newer one than we know, or a damaged one */
export function readHeader(value: unknown): ArchiveHeader {
  if (!looksLikeArchive([value])) throw notAnArchive();
  const version = isFields(value) ? field(value, 'version') : undefined;
  if (typeof version === 'number' && version > ARCHIVE_VERSION) {
    throw new ImportStop(
      `The archive has version ${version}; this Archon reads up to version ${ARCHIVE_VERSION}. Update Archon and import it again.`,
      { resumable: false },
    );
  }
  const parsed = archiveHeader.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ImportStop(`The header of the archive is damaged: ${issue?.path.join('.')}: ${issue?.message}.`, {
    resumable: false,
  });
}

export function readManifest(value: unknown): ArchiveTotals {
  const parsed = archiveTotals.safeParse(isFields(value) ? { counts: value.counts, sha256: value.sha256 } : value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RecordProblem(`the manifest is damaged: ${issue?.path.join('.')}: ${issue?.message}`);
}

function notAnArchive(): ImportStop {
  return new ImportStop('This is no Archon archive: its first line is not a header.', { resumable: false });
}

/** How an archive is not as it was written; undefined when it is. */
export function firstDifference(written: ArchiveTotals, read: ArchiveTotals): string | undefined {
  for (const type of RECORD_TYPES) {
    if (written.counts[type] !== read.counts[type]) {
      return `it was written with ${written.counts[type]} records of type ${type}, ${read.counts[type]} were read`;
    }
    if (written.sha256[type] !== read.sha256[type]) return `the checksum of its ${type} records differs`;
  }
  return undefined;
}

export function isRecordType(type: unknown): type is ArchiveRecordType {
  return RECORD_TYPES.some((known) => known === type);
}

/** Whose record it is; links and revisions do not say. */
function userOf(record: unknown): string | undefined {
  if (!isFields(record)) return undefined;
  for (const fields of [record, field(record, 'session'), field(record, 'row')]) {
    const user = isFields(fields) ? userId.safeParse(field(fields, 'user_id')) : undefined;
    if (user?.success) return user.data;
  }
  return undefined;
}
