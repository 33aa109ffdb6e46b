/** What a file to import holds, from its beginning: its kind, its first conversations as they would be stored. */
import type { ImportKind, ImportPreview, RecordError, TransferCounts } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import { ArchonError, invalidField } from '../../errors.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { readHeader } from '../archive/archive-sink.ts';
import { shortened } from '../conversations/storable-text.ts';
import { MAX_ERROR_LENGTH } from '../import-run.ts';
import { type ImportContext, type Importer, ImportStop, type RecordSink } from '../importers/importer.ts';
import { RecordProblem } from '../importers/json-fields.ts';
import { supportedKinds } from '../importers/registry.ts';
import { Places } from '../places.ts';
import { chooseImporter } from '../recognise-source.ts';
import { ENDS_INSIDE } from '../records/json-element-splitter.ts';
import type { SourceFile } from '../records/source-file.ts';
import { NotShown, PreviewSessions, previewMemory } from './preview-stores.ts';
import { BEGINNING_BYTES, type Beginning, DAMAGED, readBeginning } from './source-beginning.ts';

const CONVERSATIONS = 3;
const MESSAGES = 4;
/** Errors that are told. */
const MAX_ERRORS = 20;
/** Each holds some 16 MiB of text. */
const AT_ONCE = 2;
/** A network drive that does not answer must not hold up those who wait. */
const LIMIT_MS = 20_000;
/** Records that an import looks at to know the kind of a file. */
const KIND_RECORDS = 50;
/** Messages without a time are given one before this, and so known from those that have one: none has one before 2000. */
const NO_TIME = '1990-01-01T00:00:00.000Z';

export class ImportPreviews {
  readonly #clock: Clock;
  readonly #places = new Places(AT_ONCE);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws ArchonError VALIDATION_FAILED for a file that cannot be imported; STORAGE_UNAVAILABLE when it cannot be read in time */
  async of(source: SourceFile, format: ImportKind | 'auto'): Promise<ImportPreview> {
    const timer = new AbortController();
    const late = Promise.withResolvers<never>();
    const timeout = setTimeout(() => {
      const error = new ArchonError('STORAGE_UNAVAILABLE', `${source.name} could not be read in time; try again.`);
      timer.abort(error);
      late.reject(error);
    }, LIMIT_MS);
    try {
      return await Promise.race([this.#inTurn(source, format, timer.signal), late.promise]);
    } catch (error) {
      throw error instanceof ImportStop ? invalidField('source', `cannot be imported: ${error.message}`) : error;
    } finally {
      clearTimeout(timeout);
    }
  }

  async #inTurn(source: SourceFile, format: ImportKind | 'auto', signal: AbortSignal): Promise<ImportPreview> {
    const giveBack = await this.#places.take(signal);
    try {
      const beginning = await readBeginning(source, signal);
      return await preview(source, format, beginning, { clock: this.#clock, signal });
    } finally {
      giveBack();
    }
  }
}

interface Work {
  clock: Clock;
  signal: AbortSignal;
}

async function preview(
  source: SourceFile,
  format: ImportKind | 'auto',
  beginning: Beginning,
  work: Work,
): Promise<ImportPreview> {
  const values = beginning.records.map(({ value }) => value);
  if (values.length === 0 && format === 'auto') throw unrecognised(source, beginning);
  const importer = chooseImporter(source.name, format, { records: values.slice(0, KIND_RECORDS) });
  const errors = new Errors(beginning.faults);
  const common = { name: source.name, bytes: source.size, format: importer.kind, needs_user: importer.needs_user };
  if (importer.kind === 'archon') {
    const { created_at, app_version, scope } = readHeader(values[0]);
    return { ...common, conversations: [], archive: { created_at, app_version, scope }, errors: errors.list };
  }
  const conversations = await firstConversations(importer, beginning, errors, work);
  return { ...common, conversations, archive: null, errors: errors.list };
}

function unrecognised(source: SourceFile, { faults, cut }: Beginning): ArchonError {
  if (cut && faults.length === 0) {
    const size = `${BEGINNING_BYTES / 1024 ** 2} MiB`;
    return invalidField(
      'source',
      `begins with a record of more than ${size}, so its kind cannot be told from its beginning: ${source.name}. Say which it is: ${supportedKinds()}.`,
    );
  }
  return invalidField('source', `${whatIsWrong(source, faults[0])} It imports: ${supportedKinds()}.`);
}

/** Characters that no text has: what was read is something else, or encrypted. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NO_TEXT = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/;

/** What V8 says of JSON that stops. */
const ENDS_EARLY = /Unterminated string|Unexpected end of JSON/;

/** Why a file has no record that could be read, and what to do about it. */
function whatIsWrong({ name, gzip }: SourceFile, fault: RecordError | undefined): string {
  if (fault === undefined) return `holds nothing to import: ${name} has no records in it. Export it again.`;
  if (fault.message === DAMAGED) return `is damaged or was cut off: ${name}. Download or copy it again.`;
  if (fault.message.includes(ENDS_INSIDE) || ENDS_EARLY.test(fault.message)) {
    return `was cut off: ${name} ends in the middle of its first record. Download or copy it again.`;
  }
  if (NO_TEXT.test(fault.message)) {
    const inside = gzip ? 'what is packed in it is' : 'it is a picture, an encrypted file or';
    return `is no text: ${name}; ${inside} something else. Choose the JSON file of the export.`;
  }
  return `is no JSON: ${name} (${fault.message}). Choose the JSON file of the export.`;
}

/** The importer's own work on the first records, until enough is there to be shown. */
async function firstConversations(
  importer: Importer,
  { records, cut }: Beginning,
  errors: Errors,
  { clock, signal }: Work,
): Promise<ImportPreview['conversations']> {
  const enough = new AbortController();
  const sessions = new PreviewSessions({ conversations: CONVERSATIONS, messages: MESSAGES }, () => enough.abort());
  const context = previewContext(sessions, records, errors, { clock, signal: enough.signal });
  let sink = importer.open(context, undefined);
  try {
    for (const record of records) {
      signal.throwIfAborted();
      const all = await takeRecord(sink, record, errors);
      // One that was left in the middle of a record still holds some of its messages.
      if (!all) sink = importer.open(context, sink.state());
    }
    if (!cut) await sink.finish();
  } catch (error) {
    if (!enough.signal.aborted && !(error instanceof NotShown)) throw error;
  }
  return sessions.conversations(NO_TIME);
}

/** @returns false when the rest of the record would not be shown */
async function takeRecord(
  sink: RecordSink,
  { value, place, characters }: Beginning['records'][number],
  errors: Errors,
): Promise<boolean> {
  try {
    await sink.take(value, place, characters);
    await sink.flush();
  } catch (error) {
    if (error instanceof NotShown) return false;
    if (!(error instanceof RecordProblem)) throw error;
    errors.add({ ...place, message: error.message });
  }
  return true;
}

function previewContext(
  sessions: PreviewSessions,
  records: Beginning['records'],
  errors: Errors,
  { clock, signal }: Work,
): ImportContext {
  const noCounts = (): TransferCounts => ({
    sessions: 0,
    messages: 0,
    working: 0,
    longterm: 0,
    revisions: 0,
    links: 0,
  });
  return {
    scope: { org_id: LOCAL_ORG_ID, actor: 'preview' },
    user_id: 'preview',
    sessions: sessions.store,
    memory: previewMemory,
    report: {
      added: noCounts(),
      already_there: noCounts(),
      error: (place, message) => errors.add({ line: place?.line ?? null, record: place?.record ?? null, message }),
      warning: () => {},
    },
    signal,
    language: 'simple',
    // Written at once, so that the work ends as soon as there is enough.
    batch: { messages: MESSAGES, characters: 64 * 1024 },
    retry_delays_ms: [],
    now: () => clock.now(),
    moment: () => clock.now(),
    countTokens: () => 0,
    fallbackTime: (record) => record,
    async *allRecords() {
      for (const { value } of records) yield value;
    },
  };
}

/** The first faults of the records looked at. */
class Errors {
  readonly list: RecordError[] = [];

  constructor(faults: readonly RecordError[]) {
    for (const fault of faults) this.add(fault);
  }

  add({ line, record, message }: RecordError): void {
    if (this.list.length < MAX_ERRORS) this.list.push({ line, record, message: shortened(message, MAX_ERROR_LENGTH) });
  }
}
