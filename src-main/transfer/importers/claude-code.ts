/**
 * Claude Code's session files: `~/.claude/projects/<folder>/<session>.jsonl`, one record per line.
 *
 * Anthropic documents no schema; this follows what the files hold. Used are `user`, `assistant` and `system` records,
 * those that name the session, and what a person typed while the agent was at work: since some 2.1.13x it stands in an
 * `attachment` of type `queued_command` and nowhere else. Every other type is bookkeeping of the program;
 * `queue-operation` too, which repeats what was typed, and what was taken back. Left out, so that no text is remembered
 * that nobody said, or that was said before:
 * - `isMeta`: text the program put into the conversation in the person's name;
 * - `isCompactSummary` and `isVisibleInTranscriptOnly`: a model's summary of the messages before it;
 * - `isSidechain`: a subagent's own conversation, begun by the agent; its result is in the main one as a tool's output;
 * - `isApiErrorMessage` and the model `<synthetic>`: notices of the program in the assistant's name;
 * - `thinking` blocks; reminders, hook and command output in tags (see claude-code-text.ts).
 *
 * A file is read once, in its order, so messages that were rewound later are kept too.
 */
import { createHash } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { z } from 'zod';
import type { JsonObject, Message } from '../../../src-contract/index.ts';
import {
  type Conversation,
  type ConversationItem,
  type ImportedMessage,
  tellingInput,
  toolLine,
} from '../conversations/conversation.ts';
import { parseTime } from '../conversations/message-times.ts';
import { stableId } from '../conversations/stable-ids.ts';
import { storableLabel } from '../conversations/storable-text.ts';
import { typedText } from './claude-code-text.ts';
import { blockText, hasWords } from './content-blocks.ts';
import { type Converter, conversationImporter, shareOf } from './conversation-sink.ts';
import type { ImportContext, RecordPlace } from './importer.ts';
import { type Fields, field, isFields, optionalText, RecordProblem, requireFields, typeName } from './json-fields.ts';

export const claudeCodeImporter = conversationImporter({
  kind: 'claude-code',
  title: 'Claude Code session (.jsonl)',
  sniff: (records) => shareOf(records, looksLikeClaudeCode),
  converter: (context, state) => new ClaudeCodeConverter(context, state),
});

/** Types that only Claude Code writes and that may fill the beginning of a file. */
const BOOKKEEPING = new Set([
  'summary',
  'file-history-snapshot',
  'queue-operation',
  'ai-title',
  'custom-title',
  'progress',
]);

function looksLikeClaudeCode(record: unknown): boolean {
  if (!isFields(record)) return false;
  const type = field(record, 'type');
  if (typeof type !== 'string') return false;
  if (BOOKKEEPING.has(type)) return true;
  return typeof field(record, 'sessionId') === 'string' && field(record, 'messages') === undefined;
}

/** Blocks of the same answer that may be repeated, and titles whose session is not known yet, kept at most. */
const MAX_RECENT = 64;
/** Titles of a session that a later one may take the place of. */
const MAX_TITLES = 8;

const savedState = z.object({
  session_id: z.string().nullable(),
  last_ms: z.number().nullable(),
  recent_blocks: z.array(z.string()),
  waiting_titles: z.array(z.tuple([z.string(), z.string()])),
  recent_records: z.array(z.tuple([z.string(), z.string()])),
  titles: z.array(z.tuple([z.string(), z.array(z.string())])),
});

type Draft = Omit<ImportedMessage, 'id' | 'global_id' | 'time_ms'>;

class ClaudeCodeConverter implements Converter {
  readonly #context: ImportContext;
  /** Session and time of the last record: for those that lack theirs. */
  #sessionId: string | null = null;
  #lastMs: number | null = null;
  /** Blocks of the newest answers: some versions write an answer again while it streams in. */
  readonly #recentBlocks: Recent<string>;
  /** Titles by the record they belong to (`leafUuid`): they may stand before it. */
  readonly #waitingTitles: Recent<string>;
  /** Session by record: or after it. */
  readonly #recentRecords: Recent<string>;
  /** By session, the titles the file gave it, newest last. */
  readonly #titles: Recent<readonly string[]>;

  constructor(context: ImportContext, state: JsonObject | undefined) {
    this.#context = context;
    const saved = savedState.safeParse(state).data;
    this.#sessionId = saved?.session_id ?? null;
    this.#lastMs = saved?.last_ms ?? null;
    this.#recentBlocks = new Recent(saved?.recent_blocks.map((key) => [key, '']));
    this.#waitingTitles = new Recent(saved?.waiting_titles);
    this.#recentRecords = new Recent(saved?.recent_records);
    this.#titles = new Recent(saved?.titles);
  }

  state(): JsonObject {
    return {
      session_id: this.#sessionId,
      last_ms: this.#lastMs,
      recent_blocks: this.#recentBlocks.entries().map(([key]) => key),
      waiting_titles: this.#waitingTitles.entries(),
      recent_records: this.#recentRecords.entries(),
      titles: this.#titles.entries().map(([session_id, titles]) => [session_id, [...titles]]),
    };
  }

  *convert(value: unknown, place: RecordPlace): Iterable<ConversationItem> {
    const record = requireFields(value, 'the record');
    const type = field(record, 'type');
    yield* this.#waitingTitle(record);
    switch (type) {
      case 'user':
      case 'assistant':
      case 'system':
        yield* this.#message(record, type, place);
        return;
      case 'attachment': {
        const content = queuedPrompt(record);
        if (content !== undefined) yield* this.#message({ ...record, message: { content } }, 'user', place);
        return;
      }
      case 'summary':
        yield* this.#summary(record);
        return;
      case 'ai-title':
        yield* this.#title(record, 'aiTitle', { chosen: false });
        return;
      case 'custom-title':
        yield* this.#title(record, 'customTitle', { chosen: true });
        return;
      default:
        if (typeof type !== 'string') throw new RecordProblem(`type must be a text, but is ${typeName(type)}`);
    }
  }

  *#message(record: Fields, type: 'user' | 'assistant' | 'system', place: RecordPlace): Iterable<ConversationItem> {
    const session_id = optionalText(record, 'sessionId') ?? this.#sessionId;
    if (session_id === null) throw new RecordProblem('sessionId must be a text, but is missing');
    const time_ms = this.#time(record, session_id, place);
    const uuid = optionalText(record, 'uuid');
    const conversation = conversationOf(record, session_id);
    const id = uuid ?? stableId('claude-code record', session_id, place.record);
    if (uuid !== undefined) this.#recentRecords.add(uuid, session_id);
    if (isInjected(record)) return;
    for (const [index, draft] of [...this.#drafts(record, type, session_id)].entries()) {
      const part = index === 0 ? id : `${id}#${index}`;
      // A session that is resumed or forked begins with the records of the old one, uuids and all: one memory each.
      const global_id = uuid !== undefined && isUuid(uuid) ? part : undefined;
      yield { type: 'message', conversation, message: { ...draft, id: part, global_id, time_ms } };
    }
  }

  /** The record's time; without one, just after the record before it. */
  #time(record: Fields, session_id: string, place: RecordPlace): number {
    const last = this.#sessionId === session_id ? this.#lastMs : null;
    const next = last === null ? this.#context.fallbackTime(place.record) : last + 1;
    const time_ms = Math.min(parseTime(field(record, 'timestamp')) ?? next, this.#context.now());
    this.#sessionId = session_id;
    this.#lastMs = time_ms;
    return time_ms;
  }

  *#drafts(record: Fields, type: 'user' | 'assistant' | 'system', session_id: string): Iterable<Draft> {
    if (type === 'system') {
      const text = typedText(optionalText(record, 'content') ?? '');
      if (text !== '') yield { role: 'system', text, remember: { kind: 'nothing' } };
      return;
    }
    const message = requireFields(field(record, 'message'), 'message');
    const content = field(message, 'content');
    const model = storableLabel(field(message, 'model'));
    const metadata = model ? { model } : undefined;
    if (typeof content === 'string') {
      const text = type === 'user' ? typedText(content) : content;
      if (text !== '') yield { role: type, text, metadata, remember: said(text) };
      return;
    }
    if (!Array.isArray(content)) {
      throw new RecordProblem(`message.content must be a text or an array, but is ${typeName(content)}`);
    }
    const answer_id = type === 'assistant' ? optionalText(message, 'id', 'message.id') : undefined;
    // A fork in the same file repeats the answers of the session it came from, and they are its own too.
    const answer = answer_id === undefined ? undefined : { session_id, answer_id };
    yield* this.#blocks(content, type, metadata, answer);
  }

  *#blocks(
    blocks: readonly unknown[],
    role: 'user' | 'assistant',
    metadata: JsonObject | undefined,
    answer: Answer | undefined,
  ): Iterable<Draft> {
    for (const [index, raw] of blocks.entries()) {
      const block = requireFields(raw, `message.content[${index}]`);
      if (answer !== undefined && this.#isRepeated(answer, block)) continue;
      switch (field(block, 'type')) {
        case 'text': {
          const written = optionalText(block, 'text', `message.content[${index}].text`) ?? '';
          const text = role === 'user' ? typedText(written) : written;
          if (text !== '') yield { role, text, metadata, remember: said(text) };
          break;
        }
        case 'image':
          yield { role, text: blockText(block), metadata, remember: { kind: 'nothing' } };
          break;
        case 'tool_use':
          yield toolUse(block);
          break;
        case 'tool_result':
          yield toolResult(block);
          break;
        default:
          break;
      }
    }
  }

  #isRepeated({ session_id, answer_id }: Answer, block: Fields): boolean {
    const type = field(block, 'type');
    const said = type === 'tool_use' ? field(block, 'id') : field(block, 'text');
    if (typeof said !== 'string') return false;
    const key = createHash('sha256')
      .update(JSON.stringify([session_id, answer_id, type, said]))
      .digest('base64url')
      .slice(0, 22);
    if (this.#recentBlocks.has(key)) return true;
    this.#recentBlocks.add(key, '');
    return false;
  }

  *#summary(record: Fields): Iterable<ConversationItem> {
    const title = storableLabel(field(record, 'summary'));
    const leaf = field(record, 'leafUuid');
    if (title === undefined || typeof leaf !== 'string') return;
    const conversation_id = this.#recentRecords.get(leaf);
    if (conversation_id === undefined) this.#waitingTitles.add(leaf, title);
    else yield* this.#give(conversation_id, title, { chosen: false });
  }

  /** The title that stood before this record and belongs to it, whatever kind of record it is. */
  *#waitingTitle(record: Fields): Iterable<ConversationItem> {
    const uuid = field(record, 'uuid');
    const session_id = field(record, 'sessionId') ?? this.#sessionId;
    if (typeof uuid !== 'string' || typeof session_id !== 'string') return;
    const title = this.#waitingTitles.take(uuid);
    if (title !== undefined) yield* this.#give(session_id, title, { chosen: false });
  }

  *#title(record: Fields, key: string, how: { chosen: boolean }): Iterable<ConversationItem> {
    const title = storableLabel(field(record, key));
    const conversation_id = optionalText(record, 'sessionId') ?? this.#sessionId;
    if (title !== undefined && conversation_id !== null) yield* this.#give(conversation_id, title, how);
  }

  /** Of titles a model made up the first counts; the last one a person chose takes the place of all. */
  *#give(conversation_id: string, title: string, { chosen }: { chosen: boolean }): Iterable<ConversationItem> {
    const replaces = this.#titles.get(conversation_id) ?? [];
    if (replaces.at(-1) === title || (replaces.length > 0 && !chosen)) return;
    this.#titles.add(conversation_id, [...replaces, title].slice(-MAX_TITLES));
    yield { type: 'title', conversation_id, title, replaces };
  }
}

/** The answer of the model a block belongs to. */
interface Answer {
  session_id: string;
  answer_id: string;
}

/** What a person typed while the agent was at work; undefined for other attachments, and for what the program queued. */
function queuedPrompt(record: Fields): unknown {
  const attachment = field(record, 'attachment');
  if (!isFields(attachment) || field(attachment, 'type') !== 'queued_command') return undefined;
  const mode = field(attachment, 'commandMode') ?? 'prompt';
  const origin = field(attachment, 'origin');
  const kind = (isFields(origin) ? field(origin, 'kind') : undefined) ?? 'human';
  if (mode !== 'prompt' || kind !== 'human' || field(attachment, 'isMeta') === true) return undefined;
  const prompt = field(attachment, 'prompt');
  if (typeof prompt === 'string' || Array.isArray(prompt)) return prompt;
  throw new RecordProblem(`attachment.prompt must be a text or an array, but is ${typeName(prompt)}`);
}

function said(text: string): ImportedMessage['remember'] {
  return hasWords(text) ? { kind: 'said' } : { kind: 'nothing' };
}

function isInjected(record: Fields): boolean {
  const message = field(record, 'message');
  return (
    ['isMeta', 'isCompactSummary', 'isVisibleInTranscriptOnly', 'isSidechain', 'isApiErrorMessage'].some(
      (flag) => field(record, flag) === true,
    ) ||
    (isFields(message) && field(message, 'model') === '<synthetic>')
  );
}

function conversationOf(record: Fields, session_id: string): Conversation {
  const cwd = storableLabel(field(record, 'cwd'));
  const git_branch = storableLabel(field(record, 'gitBranch'));
  const version = storableLabel(field(record, 'version'));
  return {
    id: session_id,
    title: null,
    project: cwd,
    metadata: {
      ...(cwd ? { cwd } : {}),
      ...(git_branch ? { git_branch } : {}),
      ...(version ? { claude_code_version: version } : {}),
    },
  };
}

function toolUse(block: Fields): Draft {
  const tool = storableLabel(field(block, 'name')) ?? 'tool';
  const tool_use_id = storableLabel(field(block, 'id'));
  const line = toolLine(tool, tellingInput(field(block, 'input')));
  return {
    role: 'assistant',
    text: line,
    metadata: { tool, ...(tool_use_id ? { tool_use_id } : {}) },
    remember: { kind: 'did', line },
  };
}

function toolResult(block: Fields): Draft {
  const tool_use_id = storableLabel(field(block, 'tool_use_id'));
  const role: Message['role'] = 'tool';
  return {
    role,
    text: blockText(field(block, 'content')),
    metadata: {
      ...(tool_use_id ? { tool_use_id } : {}),
      ...(field(block, 'is_error') === true ? { is_error: true } : {}),
    },
    remember: { kind: 'nothing' },
  };
}

/** The newest few entries of a map. */
class Recent<Value> {
  readonly #entries: Map<string, Value>;

  constructor(entries: readonly (readonly [string, Value])[] = []) {
    this.#entries = new Map(entries);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  take(key: string): Value | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  add(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= MAX_RECENT) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  entries(): [string, Value][] {
    return [...this.#entries];
  }
}
