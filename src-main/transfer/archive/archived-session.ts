/** One session of an archive on its way into the store, a batch of messages at a time. */
import type { Message } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { AppendOptions, SessionRecord } from '../../storage/sessions/session-store.ts';
import type { ImportContext, RecordPlace } from '../importers/importer.ts';
import { isRefusal, withRetries } from '../retry.ts';
import type { ArchiveRecord } from './archive-format.ts';

type ArchivedFields = Extract<ArchiveRecord, { type: 'session' }>['session'];

export class ArchivedSession {
  readonly session_id: string;
  readonly #context: ImportContext;
  readonly #record: SessionRecord;
  readonly #place: RecordPlace;
  /** By id: a hostile archive may repeat one. */
  #messages = new Map<string, Message>();
  #state: 'new' | 'begun' | 'refused' = 'new';

  /** A session that has expired begins its life once more, so that nothing of an archive is lost; others keep their times. */
  constructor(context: ImportContext, archived: ArchivedFields, place: RecordPlace) {
    const { org_id: _org, message_count: _messages, token_count: _tokens, ...record } = archived;
    const now_ms = context.moment();
    const expired = Date.parse(record.expires_at) <= now_ms;
    this.session_id = record.session_id;
    this.#context = context;
    this.#record = expired ? { ...record, expires_at: isoTime(now_ms + record.ttl_seconds * 1000) } : record;
    this.#place = place;
  }

  get pending(): number {
    return this.#messages.size;
  }

  add(message: Message): void {
    this.#messages.set(message.message_id, message);
  }

  async flush(): Promise<void> {
    const messages = [...this.#messages.values()];
    this.#messages.clear();
    if (this.#state === 'refused' || (this.#state === 'begun' && messages.length === 0)) return;
    try {
      await withRetries(() => this.#store(messages), this.#context.retry_delays_ms, this.#context.signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  async #store(messages: Message[]): Promise<void> {
    const { scope, sessions, report } = this.#context;
    if (this.#state === 'begun') {
      await this.#append(messages);
      return;
    }
    const { session, created } = await sessions.create(
      scope,
      this.#record,
      messages,
      this.#context.moment(),
      undefined,
      'session',
    );
    if (session.user_id !== this.#record.user_id) {
      this.#refuse('another user has a session with this id');
      return;
    }
    this.#state = 'begun';
    if (created) {
      report.added.sessions += 1;
      report.added.messages += messages.length;
    } else {
      report.already_there.sessions += 1;
      await this.#append(messages);
    }
  }

  async #append(messages: Message[]): Promise<void> {
    const { scope, sessions, report } = this.#context;
    const options: AppendOptions = { begin: this.#record, touch: false, detail: 'session' };
    const result = await sessions.append(scope, this.#record.session_id, messages, this.#context.moment(), options);
    report.added.messages += result?.added ?? 0;
    report.already_there.messages += messages.length - (result?.added ?? 0);
  }

  #refuse(why: string): void {
    this.#state = 'refused';
    this.#context.report.error(this.#place, `session "${this.#record.session_id}" was left out: ${why}`);
  }
}
