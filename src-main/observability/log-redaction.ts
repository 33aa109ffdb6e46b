/**
 * Keeps secrets and the contents of memories out of the log. Every entry passes here before anything else sees it: the
 * terminal, the files, the buffer of the newest, and so the API and the diagnostics. It goes by the name of a member, by
 * the form of a value, and by the secrets of the configuration themselves.
 */
import type { JsonObject, JsonValue } from '../../src-contract/index.ts';
import {
  CONTENT,
  isContentName,
  isCountName,
  isSecretName,
  REMOVED,
  waysToWrite,
  withoutForms,
} from './redaction-rules.ts';

/** Longest text of a member, in UTF-16 units. */
const MAX_TEXT = 16 * 1024;
/** More of a text is not looked at: it could take long, and would not be kept. */
const MAX_LOOKED_AT = 64 * 1024;
/** Dropped from the end of what was looked at: a secret may have been cut in two there. */
const MAX_SECRET = 2 * 1024;
/** Of an entry: how deep, how many members of one object or list, and how many UTF-16 units in all. */
const ENTRY_LIMITS: Limits = { depth: 8, members: 200, text: 20_000, content: false };
/** Of a document of diagnostics: it is made to be read, and holds no content. */
const DOCUMENT_LIMITS: Limits = { depth: 32, members: 20_000, text: Number.POSITIVE_INFINITY, content: true };

interface Limits {
  depth: number;
  members: number;
  /** Names and texts together: less a line would be too long to be read again. */
  text: number;
  /** Members whose name says content are shown. */
  content: boolean;
}

/** Limits, and what is left of them. */
interface Walk extends Limits {
  left: number;
}

const HEADER_NAME = /^[\w-]+$/;
/** Names of members that were looked at; there are few, and each comes again and again. */
const MAX_NAMES = 2000;

export class LogRedaction {
  #known: readonly string[] = [];
  readonly #names = new Map<string, { shown: string; isSecret: boolean; isContent: boolean }>();

  /** @param secrets values that must not be in the log wherever they stand; short ones are left to the other rules */
  constructor(secrets: readonly string[] = []) {
    this.addSecrets(secrets);
  }

  /** From now on these must not be in it either. */
  addSecrets(secrets: readonly string[]): void {
    const forms = secrets.filter((secret) => secret.length >= 6).flatMap(waysToWrite);
    // The longest first: one may be part of another.
    this.#known = [...new Set([...this.#known, ...forms])].sort((a, b) => b.length - a.length);
  }

  /** A copy that may be kept and shown. */
  entry({ component, msg, ...others }: JsonObject): JsonObject {
    const walk = { ...ENTRY_LIMITS, left: ENTRY_LIMITS.text };
    // What happened is said whatever else there is.
    const first = { ...(component === undefined ? {} : { component }), ...(msg === undefined ? {} : { msg }) };
    return { ...this.#object(first, walk, 0), ...this.#object(others, walk, 0) };
  }

  /** A copy without secrets of what was asked for diagnostics: as long as it is, its names as they are. */
  document(value: unknown): JsonValue {
    return this.#value(value, { ...DOCUMENT_LIMITS, left: DOCUMENT_LIMITS.text }, 0);
  }

  text(text: string): string {
    const isLong = text.length > MAX_LOOKED_AT;
    let shown = isLong ? text.slice(0, MAX_LOOKED_AT) : text;
    for (const secret of this.#known) if (shown.includes(secret)) shown = shown.replaceAll(secret, REMOVED);
    shown = withoutForms(shown);
    if (isLong) shown = shown.slice(0, Math.max(0, shown.length - MAX_SECRET));
    return isLong || shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT).toWellFormed()}… [cut off]` : shown;
  }

  #object(value: object, walk: Walk, depth: number): JsonObject {
    const shown: JsonObject = {};
    for (const [index, [name, member]] of Object.entries(value).entries()) {
      if (index >= walk.members || walk.left <= 0) {
        shown['…'] = '[cut off]';
        break;
      }
      const { shown: shownName } = this.#name(name);
      walk.left -= shownName.length;
      shown[shownName] = this.#member(name, member, walk, depth);
    }
    return shown;
  }

  #member(name: string, member: unknown, walk: Walk, depth: number): JsonValue {
    if (member === null || member === undefined || typeof member === 'boolean') return member ?? null;
    const { isSecret, isContent } = this.#name(name);
    if (isSecret && !(typeof member === 'number' && isCountName(name))) return REMOVED;
    // A number is how many of them there are.
    if (!walk.content && isContent && typeof member !== 'number') return CONTENT;
    return this.#value(member, walk, depth + 1);
  }

  #name(name: string): { shown: string; isSecret: boolean; isContent: boolean } {
    const known = this.#names.get(name);
    if (known) return known;
    const looked_at = { shown: this.text(name), isSecret: isSecretName(name), isContent: isContentName(name) };
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    this.#names.set(name, looked_at);
    return looked_at;
  }

  #value(value: unknown, walk: Walk, depth: number): JsonValue {
    if (typeof value === 'string') return this.#bounded(this.text(value), walk);
    if (typeof value === 'number' || typeof value === 'boolean') {
      walk.left -= 8;
      return value;
    }
    if (typeof value !== 'object' || value === null) return null;
    if (depth > walk.depth || walk.left <= 0) return '[cut off]';
    if (Array.isArray(value)) return this.#list(value, walk, depth);
    const bytes = bytesIn(value);
    return bytes === undefined ? this.#object(value, walk, depth) : `[${bytes} bytes]`;
  }

  #list(items: readonly unknown[], walk: Walk, depth: number): JsonValue[] {
    const shown: JsonValue[] = [];
    for (const [index, item] of items.slice(0, walk.members).entries()) {
      if (walk.left <= 0) {
        shown.push('[cut off]');
        break;
      }
      // Headers may come as a list of names and values.
      const before = items[index - 1];
      const isNamed = typeof item === 'string' && typeof before === 'string' && HEADER_NAME.test(before);
      shown.push(isNamed && isSecretName(before) ? REMOVED : this.#value(item, walk, depth + 1));
      walk.left -= 4;
    }
    return shown;
  }

  #bounded(text: string, walk: Walk): string {
    const shown = text.length > walk.left ? `${text.slice(0, walk.left).toWellFormed()}… [cut off]` : text;
    walk.left -= shown.length;
    return shown;
  }
}

/** How many bytes it holds when it is what JSON makes of a buffer, or of an array of bytes. */
function bytesIn(value: object): number | undefined {
  if ('type' in value && value.type === 'Buffer' && 'data' in value && Array.isArray(value.data)) {
    return value.data.length;
  }
  if (!('0' in value)) return undefined;
  const members = Object.entries(value);
  const isBytes = members.every(([name, member], index) => name === String(index) && typeof member === 'number');
  return isBytes ? members.length : undefined;
}
