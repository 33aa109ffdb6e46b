/**
 * Claude.ai's data export: `conversations.json`, an array of conversations with their `chat_messages`.
 *
 * Anthropic documents no schema; this follows what exports hold. Left out: `thinking` blocks, which were not said to the
 * person, and branches that were abandoned by editing, where the export tells them (`parent_message_uuid`).
 */
import type { JsonObject, Message } from '../../../src-contract/index.ts';
import {
  type Conversation,
  type ConversationItem,
  type ImportedMessage,
  tellingInput,
  toolLine,
} from '../conversations/conversation.ts';
import { fillTimes, parseTime } from '../conversations/message-times.ts';
import { storableLabel } from '../conversations/storable-text.ts';
import { blockText } from './content-blocks.ts';
import { type Converter, conversationImporter, shareOf } from './conversation-sink.ts';
import type { ImportContext, RecordPlace } from './importer.ts';
import {
  type Fields,
  field,
  isFields,
  optionalList,
  optionalText,
  RecordProblem,
  requireFields,
  requireKnown,
  requireText,
  typeName,
} from './json-fields.ts';
import { pathTo, type TreeNode } from './message-tree.ts';

export const claudeAiImporter = conversationImporter({
  kind: 'claude-ai',
  title: 'Claude.ai export (conversations.json)',
  sniff: (records) => shareOf(records, (record) => isFields(record) && Array.isArray(field(record, 'chat_messages'))),
  converter: (context) => new ClaudeAiConverter(context),
});

const ROLES: ReadonlyMap<unknown, Message['role']> = new Map([
  ['human', 'user'],
  ['assistant', 'assistant'],
]);

type Draft = Omit<ImportedMessage, 'time_ms'>;

class ClaudeAiConverter implements Converter {
  readonly #context: ImportContext;

  constructor(context: ImportContext) {
    this.#context = context;
  }

  state(): JsonObject {
    return {};
  }

  *convert(value: unknown, place: RecordPlace): Iterable<ConversationItem> {
    const record = requireFields(value, 'the conversation');
    if (!Array.isArray(field(record, 'chat_messages'))) {
      const type = typeName(field(record, 'chat_messages'));
      throw new RecordProblem(`chat_messages must be an array, but is ${type}: this is no Claude.ai conversation`);
    }
    const conversation: Conversation = {
      id: requireText(record, 'uuid'),
      title: storableLabel(field(record, 'name')) ?? null,
      started_ms: parseTime(field(record, 'created_at')) ?? undefined,
      ended_ms: parseTime(field(record, 'updated_at')) ?? undefined,
    };
    const messages = lastSeenBranch(optionalList(record, 'chat_messages'));
    const fallback_ms = conversation.started_ms ?? this.#context.fallbackTime(place.record);
    const times = fillTimes(
      messages.map(({ value: raw }) => (isFields(raw) ? parseTime(field(raw, 'created_at')) : null)),
      fallback_ms,
      this.#context.now(),
    );
    for (const [at, { index, value: raw }] of messages.entries()) {
      const time_ms = times[at] ?? fallback_ms;
      try {
        for (const draft of readMessage(raw)) yield { type: 'message', conversation, message: { ...draft, time_ms } };
      } catch (error) {
        if (!(error instanceof RecordProblem)) throw error;
        yield { type: 'problem', message: `chat_messages[${index}]: ${error.message}` };
      }
    }
  }
}

interface Listed {
  index: number;
  value: unknown;
}

/** All messages, unless they branch: then the branch that ends in the newest. */
function lastSeenBranch(list: readonly unknown[]): Listed[] {
  const all = list.map((value, index) => ({ index, value }));
  const nodes = new Map<string, TreeNode<Listed>>();
  const children = new Map<string, number>();
  for (const listed of all) {
    if (!isFields(listed.value)) continue;
    const id = field(listed.value, 'uuid');
    const parent = field(listed.value, 'parent_message_uuid');
    if (typeof id !== 'string' || typeof parent !== 'string') return all;
    nodes.set(id, { id, parent, value: listed });
    children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  const branches = [...children.values()].some((count) => count > 1);
  // The first message's parent is not in the export; another missing one means a gap that no path leads across.
  const gaps = [...children.keys()].filter((parent) => !nodes.has(parent)).length > 1;
  const leaf = [...nodes.keys()].at(-1);
  if (!branches || gaps || leaf === undefined) return all;
  return pathTo(nodes, leaf).map(({ value }) => value);
}

/** A message, and what was attached to it and used in it as messages of their own. */
function* readMessage(raw: unknown): Iterable<Draft> {
  const message = requireFields(raw, 'the message');
  const id = requireText(message, 'uuid');
  const role = requireKnown(message, 'sender', ROLES);
  const blocks = optionalList(message, 'content');
  const text = saidText(message, blocks);
  if (text !== '') yield { id, role, text, remember: { kind: 'said' } };
  for (const [index, block] of blocks.entries()) {
    const draft = isFields(block) ? toolDraft(block, `${id}#${index}`) : undefined;
    if (draft) yield draft;
  }
  for (const [index, attachment] of optionalList(message, 'attachments').entries()) {
    const draft = isFields(attachment) ? attachmentDraft(attachment, `${id}#attachment-${index}`, role) : undefined;
    if (draft) yield draft;
  }
}

/** The text blocks; `text` only where there are none, for it repeats them and puts a notice in place of each tool use. */
function saidText(message: Fields, blocks: readonly unknown[]): string {
  const said = blocks.flatMap((block) => {
    if (!isFields(block) || field(block, 'type') !== 'text') return [];
    return optionalText(block, 'text', 'content.text') ?? [];
  });
  return said.length > 0 || blocks.length > 0 ? said.join('\n') : (optionalText(message, 'text') ?? '');
}

function toolDraft(block: Fields, id: string): Draft | undefined {
  const tool = storableLabel(field(block, 'name')) ?? 'tool';
  switch (field(block, 'type')) {
    case 'tool_use': {
      const line = toolLine(tool, tellingInput(field(block, 'input')));
      return { id, role: 'assistant', text: line, metadata: { tool }, remember: { kind: 'did', line } };
    }
    case 'tool_result':
      return {
        id,
        role: 'tool',
        text: blockText(field(block, 'content')),
        metadata: { tool },
        remember: { kind: 'nothing' },
      };
    default:
      return undefined;
  }
}

function attachmentDraft(attachment: Fields, id: string, role: Message['role']): Draft | undefined {
  const text = optionalText(attachment, 'extracted_content', 'attachments.extracted_content');
  if (text === undefined) return undefined;
  const file_name = storableLabel(field(attachment, 'file_name'));
  return {
    id,
    role,
    // A long text that was pasted is an attachment without a name.
    text: file_name ? `${file_name}:\n${text}` : text,
    metadata: file_name ? { attachment: file_name } : undefined,
    remember: { kind: 'said' },
  };
}
