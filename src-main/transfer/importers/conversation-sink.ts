/** The sink of every importer of conversations: the converter knows the format, the writer the stores. */
import { z } from 'zod';
import type { ImportKind, JsonObject } from '../../../src-contract/index.ts';
import { assertNever, invalidField } from '../../errors.ts';
import type { ConversationItem } from '../conversations/conversation.ts';
import { ConversationWriter } from '../conversations/conversation-writer.ts';
import { Turns } from '../turns.ts';
import type { ImportContext, Importer, RecordPlace, RecordSink } from './importer.ts';

/** Turns the records of one format into messages. It keeps no more than it needs to understand the next record. */
export interface Converter {
  /** Lazily, so that a long conversation is not held twice. @throws RecordProblem */
  convert(value: unknown, place: RecordPlace): Iterable<ConversationItem>;
  state(): JsonObject;
  /** True while records are kept back that `state` does not hold. */
  holdsBack?(): boolean;
  /** What was kept back, when no record comes any more. */
  end?(): Iterable<ConversationItem>;
}

/** A conversation importer's own part. */
export interface ConversationFormat {
  kind: ImportKind;
  title: string;
  sniff(records: readonly unknown[]): number;
  converter(context: ImportContext, state: JsonObject | undefined): Converter;
}

export function conversationImporter(format: ConversationFormat): Importer {
  return {
    kind: format.kind,
    title: format.title,
    needs_user: true,
    sniff: format.sniff,
    open(context, state) {
      // Asked for before the job starts; but whether a file is an archive is known for certain only now.
      if (context.user_id === null) throw userNeeded();
      const saved = savedState.safeParse(state).data;
      return new ConversationSink(
        context,
        format.converter(context, saved?.converter as JsonObject | undefined),
        new ConversationWriter(context, format.kind, context.user_id, saved?.writer),
      );
    },
  };
}

export function userNeeded() {
  return invalidField('user_id', 'is needed: only an Archon archive says whose memory it holds');
}

/** The share of records a test holds for; 0 when there are none. */
export function shareOf(records: readonly unknown[], test: (record: unknown) => boolean): number {
  return records.length === 0 ? 0 : records.filter(test).length / records.length;
}

const savedState = z.object({
  converter: z.record(z.string(), z.unknown()),
  writer: z.record(z.string(), z.unknown()),
});

class ConversationSink implements RecordSink {
  readonly #context: ImportContext;
  readonly #converter: Converter;
  readonly #writer: ConversationWriter;
  readonly #turns = new Turns();
  #lastPlace: RecordPlace | undefined;

  constructor(context: ImportContext, converter: Converter, writer: ConversationWriter) {
    this.#context = context;
    this.#converter = converter;
    this.#writer = writer;
  }

  beginsUnit(): boolean {
    return this.#converter.holdsBack?.() !== true;
  }

  async take(value: unknown, place: RecordPlace): Promise<void> {
    this.#lastPlace = place;
    await this.#turns.letOthersWork();
    await this.#takeItems(this.#converter.convert(value, place), place);
  }

  async #takeItems(items: Iterable<ConversationItem>, place: RecordPlace): Promise<void> {
    for (const item of items) {
      // A single record may hold 100,000 messages: others must have their turn, and a cancelled import must not go on.
      await this.#turns.letOthersWork();
      this.#context.signal.throwIfAborted();
      switch (item.type) {
        case 'message':
          await this.#writer.add(item.conversation, item.message, place);
          break;
        case 'title':
          await this.#writer.setTitle(item.conversation_id, item);
          break;
        case 'problem':
          this.#context.report.error(place, item.message);
          break;
        case 'warning':
          this.#context.report.warning();
          break;
        case 'pause':
          break;
        default:
          assertNever(item);
      }
    }
  }

  async flush(): Promise<void> {
    await this.#writer.flush();
  }

  async finish(): Promise<void> {
    const kept = this.#converter.end?.() ?? [];
    if (this.#lastPlace) await this.#takeItems(kept, this.#lastPlace);
    await this.#writer.flush();
  }

  state(): JsonObject {
    return { converter: this.#converter.state(), writer: this.#writer.state() };
  }
}
