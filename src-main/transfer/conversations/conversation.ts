/** What a conversation importer makes of a file: messages, each with the conversation it belongs to. */
import type { JsonObject, Message } from '../../../src-contract/index.ts';

/** A conversation as its export tells of it. */
export interface Conversation {
  /** Names it among all conversations of its kind. */
  id: string;
  title: string | null;
  /** When it began and was last written, in milliseconds, where the export says so. */
  started_ms?: number | undefined;
  ended_ms?: number | undefined;
  /** Kept in the session's context. */
  project?: string | undefined;
  metadata?: JsonObject | undefined;
}

/**
 * What a message leaves in working memory.
 *
 * `said`: its text, as a `conversation`. `did`: a tool was used; one line, as an `action`. `nothing`: it is only part of
 * the session: tool output, system messages, pictures.
 */
export type Remember = { kind: 'said' } | { kind: 'did'; line: string } | { kind: 'nothing' };

export interface ImportedMessage {
  /** Names it in its conversation. */
  id: string;
  /** Names it among all conversations, where the export repeats messages in other files; default: the conversation and `id`. */
  global_id?: string | undefined;
  /** Other messages of the conversation may have this id too: what is said then tells them apart. */
  id_may_repeat?: boolean | undefined;
  role: Message['role'];
  text: string;
  time_ms: number;
  metadata?: JsonObject | undefined;
  remember: Remember;
}

export type ConversationItem =
  | { type: 'message'; conversation: Conversation; message: ImportedMessage }
  /** A title that stands apart from the messages, before, among or after them. */
  | ({ type: 'title'; conversation_id: string } & GivenTitle)
  /** Part of a record that could not be used; the rest is. */
  | { type: 'problem'; message: string }
  /** Something was mended or left out on purpose. */
  | { type: 'warning' }
  /** Nothing yet: a long conversation is being read, and others may have their turn. */
  | { type: 'pause' };

/** A title a file gives a conversation. */
export interface GivenTitle {
  title: string;
  /** Titles the file gave it before and that this one takes the place of. Any other was given in Archon, and stays. */
  replaces: readonly string[];
}

const MAX_LINE_LENGTH = 300;

/** How a tool use is told: `Bash: npm test`. */
export function toolLine(tool: string, input: string): string {
  const line = (input === '' ? tool : `${tool}: ${input}`).replace(/\s+/g, ' ').trim();
  return line.length <= MAX_LINE_LENGTH ? line : `${line.slice(0, MAX_LINE_LENGTH - 1).toWellFormed()}…`;
}

/** Inputs that say best what a tool did, most telling first. */
const TELLING_INPUTS = [
  'command',
  'file_path',
  'path',
  'notebook_path',
  'pattern',
  'query',
  'url',
  'skill',
  'description',
  'prompt',
  'code',
];

/** The most telling of a tool's inputs; all of them as JSON when none is known. */
export function tellingInput(input: unknown): string {
  if (typeof input === 'string') return input;
  if (typeof input !== 'object' || input === null) return '';
  for (const key of TELLING_INPUTS) {
    const value = Object.hasOwn(input, key) ? (input as Record<string, unknown>)[key] : undefined;
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  try {
    // V8's JSON.stringify recurses: an input nested thousands of levels deep is told without its content.
    return Object.keys(input).length === 0 ? '' : JSON.stringify(input);
  } catch {
    return '';
  }
}
