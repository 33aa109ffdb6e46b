/** Stores that keep the beginning of what an import would write: so a preview is what the importer really makes of a file. */
import type { ImportPreview, Session } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { InsertedCounts, TransferBatch } from '../../memory/memory-transfer.ts';
import type { AppendResult, SessionPatch, SessionRecord } from '../../storage/sessions/session-store.ts';
import { shortened } from '../conversations/storable-text.ts';
import type { ImportContext } from '../importers/importer.ts';

/** UTF-16 units of a message that are shown. */
export const SHOWN_TEXT = 280;

/** Thrown at whoever brings messages that would not be shown: the rest of their record need not be read. */
export class NotShown extends Error {
  override readonly name = 'NotShown';
}

type Shown = ImportPreview['conversations'][number];

export class PreviewSessions {
  readonly #limits: { conversations: number; messages: number };
  readonly #onEnough: () => void;
  readonly #sessions = new Map<string, { record: SessionRecord; messages: Shown['messages'] }>();

  /** @param onEnough called once nothing more would be shown */
  constructor(limits: { conversations: number; messages: number }, onEnough: () => void) {
    this.#limits = limits;
    this.#onEnough = onEnough;
  }

  /** @param unknown_before times before this are made up */
  conversations(unknown_before: string): Shown[] {
    return [...this.#sessions.values()].map(({ record, messages }) => ({
      title: record.title,
      started_at: record.started_at < unknown_before ? null : record.started_at,
      messages,
    }));
  }

  readonly store: ImportContext['sessions'] = {
    create: async (scope, record, messages) => {
      this.#take(record, messages);
      return { session: toSession(scope, record), created: true };
    },
    append: async (scope, session_id, messages, _now_ms, options): Promise<AppendResult | undefined> => {
      const record = this.#sessions.get(session_id)?.record ?? options?.begin;
      if (record === undefined) return undefined;
      this.#take(record, messages);
      return { session: toSession(scope, record), messages: [...messages], added: messages.length };
    },
    get: async (scope, session_id) => {
      const found = this.#sessions.get(session_id);
      return found && toSession(scope, found.record);
    },
    update: async (scope, session_id, { title }: SessionPatch) => {
      const found = this.#sessions.get(session_id);
      if (found && title !== undefined) found.record = { ...found.record, title };
      return found && toSession(scope, found.record);
    },
  };

  /** @throws NotShown */
  #take(record: SessionRecord, messages: Parameters<ImportContext['sessions']['create']>[2]): void {
    let found = this.#sessions.get(record.session_id);
    if (found === undefined) {
      if (this.#sessions.size >= this.#limits.conversations) throw new NotShown();
      found = { record, messages: [] };
      this.#sessions.set(record.session_id, found);
    }
    const room = this.#limits.messages - found.messages.length;
    for (const { role, content } of messages.slice(0, room)) {
      found.messages.push({ role, text: shortened(content, SHOWN_TEXT) });
    }
    if (this.#isEnough()) this.#onEnough();
    if (messages.length > 0 && room === 0) throw new NotShown();
  }

  #isEnough(): boolean {
    const { conversations, messages } = this.#limits;
    const full = [...this.#sessions.values()].filter((session) => session.messages.length >= messages);
    return full.length >= conversations;
  }
}

function toSession({ org_id }: Scope, record: SessionRecord): Session {
  return { ...record, org_id, message_count: 0, token_count: 0 };
}

/** Takes everything and keeps nothing. */
export const previewMemory: ImportContext['memory'] = {
  insert: async (_scope: Scope, batch: TransferBatch): Promise<InsertedCounts> => ({
    working: batch.working?.length ?? 0,
    longterm: batch.longterm?.length ?? 0,
    revisions: batch.revisions?.length ?? 0,
    links: batch.links?.length ?? 0,
  }),
};
