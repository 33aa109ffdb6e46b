/**
 * ChatGPT's data export: `conversations.json`, an array of conversations, each a tree of messages in `mapping`.
 *
 * OpenAI documents no schema; this follows what exports hold. Of the tree, the branch that ends in `current_node` is
 * what the person last saw; abandoned edits and answers that were regenerated are left out. Left out as well:
 * - what ChatGPT itself recalled into the conversation (`user_editable_context`, `model_editable_context`): memories
 *   must not be remembered again as if they had been said;
 * - messages marked hidden, which are such context or prompts of ChatGPT's own;
 * - `thoughts` and `reasoning_recap`, which were not said to the person.
 */
import type { JsonObject, Message } from '../../../src-contract/index.ts';
import { type Conversation, type ConversationItem, type Remember, toolLine } from '../conversations/conversation.ts';
import { fillTimes, parseTime } from '../conversations/message-times.ts';
import { stableId } from '../conversations/stable-ids.ts';
import { storableLabel } from '../conversations/storable-text.ts';
import { hasWords, PICTURE } from './content-blocks.ts';
import { type Converter, conversationImporter, shareOf } from './conversation-sink.ts';
import type { ImportContext, RecordPlace } from './importer.ts';
import {
  type Fields,
  field,
  isFields,
  optionalText,
  RecordProblem,
  requireFields,
  requireKnown,
  typeName,
} from './json-fields.ts';
import { deepestNode, pathTo, type TreeNode } from './message-tree.ts';

export const chatgptImporter = conversationImporter({
  kind: 'chatgpt',
  title: 'ChatGPT export (conversations.json)',
  sniff: (records) => shareOf(records, (record) => isFields(record) && isFields(field(record, 'mapping'))),
  converter: (context) => new ChatGptConverter(context),
});

const ROLES: ReadonlyMap<unknown, Message['role']> = new Map([
  ['system', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
]);

/** Content that was not said in the conversation. */
const UNSAID = new Set<unknown>(['user_editable_context', 'model_editable_context', 'thoughts', 'reasoning_recap']);

/** A message as far as it is understood, before it has a time for certain. */
interface Reading {
  id: string;
  role: Message['role'];
  text: string;
  remember: Remember;
  time_ms: number | null;
  metadata?: JsonObject | undefined;
}

class ChatGptConverter implements Converter {
  readonly #context: ImportContext;

  constructor(context: ImportContext) {
    this.#context = context;
  }

  state(): JsonObject {
    return {};
  }

  *convert(value: unknown, place: RecordPlace): Iterable<ConversationItem> {
    const record = requireFields(value, 'the conversation');
    const mapping = field(record, 'mapping');
    if (!isFields(mapping)) {
      throw new RecordProblem(
        `mapping must be an object, but is ${typeName(mapping)}: this is no ChatGPT conversation`,
      );
    }
    const conversation = this.#conversation(record, mapping);
    const branch = lastSeenBranch(mapping, field(record, 'current_node'));
    const readings: Reading[] = [];
    for (const node of branch) {
      yield { type: 'pause' };
      try {
        const reading = readMessage(node);
        if (reading) readings.push(reading);
      } catch (error) {
        if (!(error instanceof RecordProblem)) throw error;
        yield { type: 'problem', message: `message "${storableLabel(node.id)}": ${error.message}` };
      }
    }
    const fallback_ms = conversation.started_ms ?? this.#context.fallbackTime(place.record);
    const times = fillTimes(
      readings.map(({ time_ms }) => time_ms),
      fallback_ms,
      this.#context.now(),
    );
    for (const [index, { time_ms: _read, ...message }] of readings.entries()) {
      yield { type: 'message', conversation, message: { ...message, time_ms: times[index] ?? fallback_ms } };
    }
  }

  #conversation(record: Fields, mapping: Fields): Conversation {
    const id = optionalText(record, 'conversation_id') ?? optionalText(record, 'id');
    const gizmo = storableLabel(field(record, 'gizmo_id'));
    const model = storableLabel(field(record, 'default_model_slug'));
    return {
      // Very old exports have no id; a conversation's nodes keep theirs from one export to the next.
      id: id ?? stableId('chatgpt conversation', Object.keys(mapping)[0] ?? ''),
      title: storableLabel(field(record, 'title')) ?? null,
      started_ms: parseTime(field(record, 'create_time')) ?? undefined,
      ended_ms: parseTime(field(record, 'update_time')) ?? undefined,
      metadata: { ...(model ? { model } : {}), ...(gizmo ? { gizmo_id: gizmo } : {}) },
    };
  }
}

function lastSeenBranch(mapping: Fields, current: unknown): TreeNode<Fields>[] {
  const nodes = new Map<string, TreeNode<Fields>>();
  for (const [id, value] of Object.entries(mapping)) {
    if (!isFields(value)) continue;
    const parent = field(value, 'parent');
    nodes.set(id, { id, parent: typeof parent === 'string' ? parent : undefined, value });
  }
  const leaf = typeof current === 'string' && nodes.has(current) ? current : deepestNode(nodes);
  return leaf === undefined ? [] : pathTo(nodes, leaf);
}

/** Undefined for what is no part of what was said. */
function readMessage(node: TreeNode<Fields>): Reading | undefined {
  const raw = field(node.value, 'message');
  // The root of every tree is a node without a message.
  if (raw === null || raw === undefined) return undefined;
  const message = requireFields(raw, 'message');
  const metadata = field(message, 'metadata');
  if (isFields(metadata) && field(metadata, 'is_visually_hidden_from_conversation') === true) return undefined;
  const author = requireFields(field(message, 'author'), 'author');
  const role = requireKnown(author, 'role', ROLES, 'author.role');
  const content = requireFields(field(message, 'content'), 'content');
  if (UNSAID.has(field(content, 'content_type'))) return undefined;
  const text = withoutMarkup(contentText(content));
  if (text.trim() === '') return undefined;
  const model = isFields(metadata) ? storableLabel(field(metadata, 'model_slug')) : undefined;
  return {
    id: optionalText(message, 'id') ?? node.id,
    role,
    text,
    remember: rememberOf(role, text, field(message, 'recipient')),
    time_ms: parseTime(field(message, 'create_time')),
    metadata: model ? { model } : undefined,
  };
}

/** What is sent to a tool ("python", "web", "bio") is an action; what is sent to all was said. */
function rememberOf(role: Message['role'], text: string, recipient: unknown): Remember {
  if (role !== 'user' && role !== 'assistant') return { kind: 'nothing' };
  if (role === 'assistant' && typeof recipient === 'string' && recipient !== 'all' && recipient !== '') {
    return { kind: 'did', line: toolLine(recipient, text) };
  }
  return hasWords(text) ? { kind: 'said' } : { kind: 'nothing' };
}

function contentText(content: Fields): string {
  const type = field(content, 'content_type');
  switch (type) {
    case 'text':
    case 'multimodal_text': {
      const parts = field(content, 'parts');
      if (!Array.isArray(parts)) throw new RecordProblem(`content.parts must be an array, but is ${typeName(parts)}`);
      return parts
        .map((part, index) => partText(part, index))
        .filter((text) => text !== '')
        .join('\n');
    }
    case 'code':
    case 'execution_output':
    case 'system_error':
      return optionalText(content, 'text', 'content.text') ?? '';
    case 'tether_quote':
      return [field(content, 'title'), field(content, 'url'), field(content, 'text')].filter(isText).join('\n');
    case 'tether_browsing_display':
      return [field(content, 'summary'), field(content, 'result')].filter(isText).join('\n');
    default: {
      if (typeof type !== 'string') {
        throw new RecordProblem(`content.content_type must be a text, but is ${typeName(type)}`);
      }
      // A type of later exports: whatever text it has where others have theirs.
      const parts = field(content, 'parts');
      return [field(content, 'text'), ...(Array.isArray(parts) ? parts : [])].filter(isText).join('\n');
    }
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function partText(part: unknown, index: number): string {
  if (typeof part === 'string') return part;
  if (!isFields(part)) {
    if (part === null) return '';
    throw new RecordProblem(`content.parts[${index}] must be a text or an object, but is ${typeName(part)}`);
  }
  switch (field(part, 'content_type')) {
    case 'audio_transcription':
      return optionalText(part, 'text', `content.parts[${index}].text`) ?? '';
    case 'image_asset_pointer':
      return PICTURE;
    default:
      return '';
  }
}

/** ChatGPT's references, such as "turn0search2", between private-use characters: only its own page can show them. */
const MARKUP = /\u{e200}([^\u{e200}\u{e201}]*)\u{e201}/gu;

function withoutMarkup(text: string): string {
  if (!text.includes('\u{e200}')) return text;
  return text.replace(MARKUP, (_all, inner: string) => {
    const [kind, title, address] = inner.split('\u{e202}');
    return kind === 'url' && title && address ? `[${title}](${address})` : '';
  });
}
