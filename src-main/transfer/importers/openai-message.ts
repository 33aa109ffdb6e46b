/** One message in OpenAI's shape: what it says, which tools it calls, its id and time. */
import type { Message } from '../../../src-contract/index.ts';
import { type ImportedMessage, tellingInput, toolLine } from '../conversations/conversation.ts';
import { parseTime } from '../conversations/message-times.ts';
import { storableLabel } from '../conversations/storable-text.ts';
import { blockText, hasWords } from './content-blocks.ts';
import {
  type Fields,
  field,
  isFields,
  optionalList,
  optionalText,
  RecordProblem,
  requireKnown,
  typeName,
} from './json-fields.ts';

export const ROLES: ReadonlyMap<unknown, Message['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

/** One of these a message has. */
export const SAYING_KEYS = ['content', 'tool_calls', 'function_call'];
const TIME_KEYS = ['timestamp', 'created_at', 'created', 'create_time'];

export type Draft = Omit<ImportedMessage, 'time_ms' | 'id' | 'id_may_repeat'> & { part: string };

/** A message and its tool calls. */
export function* readMessage(message: Fields): Iterable<Draft> {
  const role = requireKnown(message, 'role', ROLES);
  const content = field(message, 'content');
  if (typeof content !== 'string' && !Array.isArray(content) && content !== null && content !== undefined) {
    throw new RecordProblem(`content must be a text or an array, but is ${typeName(content)}`);
  }
  const calls = optionalList(message, 'tool_calls').map((call, index) => ({ part: `#${index}`, call }));
  // As it was before `tool_calls`.
  const legacy = field(message, 'function_call');
  if (legacy !== undefined && legacy !== null) calls.push({ part: '#function', call: legacy });
  const text = saidText(message, content);
  if (content === undefined && text === '' && calls.length === 0) {
    throw new RecordProblem('content must be a text, but is missing');
  }
  const spoken = (role === 'user' || role === 'assistant') && hasWords(text);
  const name = storableLabel(field(message, 'name'));
  if (text !== '') {
    yield {
      part: '',
      role,
      text,
      metadata: name ? { name } : undefined,
      remember: { kind: spoken ? 'said' : 'nothing' },
    };
  }
  for (const { part, call } of calls) {
    const { tool, line } = calledTool(call);
    yield { part, role, text: line, metadata: { tool }, remember: { kind: 'did', line } };
  }
}

/** The content, and what stands in its place: a refusal, or the words of a spoken answer. */
function saidText(message: Fields, content: unknown): string {
  const audio = field(message, 'audio');
  const others = [field(message, 'refusal'), isFields(audio) ? field(audio, 'transcript') : undefined];
  return [blockText(content), ...others].filter((text) => typeof text === 'string' && text !== '').join('\n');
}

/** A call of any type: `function` has its arguments as JSON in a text, `custom` an input of free text. */
function calledTool(call: unknown): { tool: string; line: string } {
  const fields = isFields(call) ? call : {};
  const definition = [field(fields, 'function'), field(fields, 'custom')].find(isFields) ?? fields;
  const name = storableLabel(field(definition, 'name'));
  const tool = name ?? storableLabel(field(fields, 'type')) ?? 'tool';
  const input = field(definition, 'arguments') ?? field(definition, 'input') ?? (name === undefined ? call : undefined);
  return { tool, line: toolLine(tool, tellingInput(parsedArguments(input))) };
}

/** Arguments are JSON in a text. */
function parsedArguments(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** An id as a text; many programs write numbers. */
export function firstId(fields: Fields, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = field(fields, key);
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    const text = optionalText(fields, key);
    if (text !== undefined) return text;
  }
  return undefined;
}

export function firstTime(fields: Fields): number | null {
  for (const key of TIME_KEYS) {
    const ms = parseTime(field(fields, key));
    if (ms !== null) return ms;
  }
  return null;
}
