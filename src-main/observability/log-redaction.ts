/**
 * Keeps secrets and the contents of memories out of the log. Every entry passes here before anything else sees it: the
 * terminal, the files, the buffer of the newest, and so the API and the diagnostics. It goes by the name of a member, by
 * the form of a value, and by the secrets of the configuration themselves.
 */
import type { JsonObject, JsonValue } from '../../src-contract/index.ts';

const REMOVED = '[redacted]';
const CONTENT = '[left out]';

/** Longest text of a member, in UTF-16 units. */
const MAX_TEXT = 16 * 1024;
/** More of a text is not looked at: it could take long, and would not be kept. */
const MAX_LOOKED_AT = 64 * 1024;
/** Dropped from the end of what was looked at: a secret may have been cut in two there. */
const MAX_SECRET = 2 * 1024;
/** Of an entry: how deep, and how many members of one object or list. */
const ENTRY_LIMITS: Limits = { depth: 8, members: 200, content: false };
/** Of a document of diagnostics: it is made to be read, and holds no content. */
const DOCUMENT_LIMITS: Limits = { depth: 32, members: 20_000, content: true };

interface Limits {
  depth: number;
  members: number;
  /** Members whose name says content are shown. */
  content: boolean;
}

const SECRET_NAME =
  /(pass(word|wd|phrase)?|pwd|secret([_-]?(key|box))?|token|authorization|cookie|credentials?|api[_-]?key|private[_-]?key|connection[_-]?string|signature)s?$/i;
/** Numbers under such names are counts of language model tokens. */
const COUNT_NAME = /tokens$/i;
/**
 * What agents and people wrote, or what holds it: PostgreSQL quotes rows in `detail`, `where` and `internalQuery`.
 * https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
const CONTENT_NAMES: ReadonlySet<string> = new Set([
  'content',
  'payload',
  'body',
  'messages',
  'detail',
  'where',
  'internalQuery',
  'parameters',
  'params',
  'input',
  'query',
  'text',
  'config',
]);

/** Secrets by their form. In this order: what follows a scheme such as Bearer is gone before its name is looked at. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[^\s"',\\]+/gi, `$1 ${REMOVED}`],
  // Names of tables have no capital letters; a token without one would be a wonder.
  [/\barchon_(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43}/g, REMOVED],
  [/\bwhsec_[\w+/=-]+/g, REMOVED],
  [/\b(sk|pk|rk|xox[a-z]|gh[a-z]|glpat)[-_][\w-]{16,}/g, REMOVED],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REMOVED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?/g, REMOVED],
  [/([?&#](?:password|token|secret|api_?key|access_token|code|signature)=)[^&\s"']+/gi, `$1${REMOVED}`],
  [
    /((?:password|passwd|pwd|passphrase|token|secret|authorization|api_?key|cookie)\\?["']?\s*[=:]\s*)(\\?"(?:[^"\\]|\\.)*\\?"|'[^']*'|[^\s,;&"'})\]]+)/gi,
    `$1${REMOVED}`,
  ],
];

/** What none of the forms can be without: looked for first, as most texts hold none of it. */
const SUSPICIOUS =
  /:\/\/|bearer|basic|archon_|whsec_|(sk|pk|rk|xox[a-z]|gh[a-z]|glpat)[-_]|eyJ|private key|pass|pwd|token|secret|authorization|key|cookie|code=|signature/i;
/** Names of members that were looked at; there are few, and each comes again and again. */
const MAX_NAMES = 2000;

export class LogRedaction {
  readonly #known: readonly string[];
  readonly #names = new Map<string, { shown: string; isSecret: boolean }>();

  /** @param secrets values that must not be in the log wherever they stand; short ones are left to the other rules */
  constructor(secrets: readonly string[] = []) {
    const forms = secrets
      .filter((secret) => secret.length >= 6)
      .flatMap((secret) => [secret, encodeURIComponent(secret)]);
    // The longest first: one may be part of another.
    this.#known = [...new Set(forms)].sort((a, b) => b.length - a.length);
  }

  /** A copy that may be kept and shown. */
  entry(value: JsonObject): JsonObject {
    return this.#object(value, ENTRY_LIMITS, 0);
  }

  /** A copy without secrets of what was asked for diagnostics: as long as it is, its names as they are. */
  document(value: unknown): JsonValue {
    return this.#value(value, DOCUMENT_LIMITS, 0);
  }

  text(text: string): string {
    const isLong = text.length > MAX_LOOKED_AT;
    let shown = isLong ? text.slice(0, MAX_LOOKED_AT) : text;
    for (const secret of this.#known) if (shown.includes(secret)) shown = shown.replaceAll(secret, REMOVED);
    if (SUSPICIOUS.test(shown)) {
      shown = withoutCredentials(shown);
      for (const [form, instead] of FORMS) shown = shown.replace(form, instead);
    }
    if (isLong) shown = shown.slice(0, Math.max(0, shown.length - MAX_SECRET));
    return isLong || shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT).toWellFormed()}… [cut off]` : shown;
  }

  #object(value: object, limits: Limits, depth: number): JsonObject {
    const shown: JsonObject = {};
    for (const [index, [name, member]] of Object.entries(value).entries()) {
      if (index >= limits.members) {
        shown['…'] = '[cut off]';
        break;
      }
      shown[this.#name(name).shown] = this.#member(name, member, limits, depth);
    }
    return shown;
  }

  #member(name: string, member: unknown, limits: Limits, depth: number): JsonValue {
    if (member === null || member === undefined || typeof member === 'boolean') return member ?? null;
    if (this.#name(name).isSecret && !(typeof member === 'number' && COUNT_NAME.test(name))) return REMOVED;
    if (!limits.content && CONTENT_NAMES.has(name)) return CONTENT;
    return this.#value(member, limits, depth + 1);
  }

  #name(name: string): { shown: string; isSecret: boolean } {
    const known = this.#names.get(name);
    if (known) return known;
    const looked_at = { shown: this.text(name), isSecret: SECRET_NAME.test(name) };
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    this.#names.set(name, looked_at);
    return looked_at;
  }

  #value(value: unknown, limits: Limits, depth: number): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null) return null;
    if (depth > limits.depth) return '[cut off]';
    if (!Array.isArray(value)) return this.#object(value, limits, depth);
    return value.slice(0, limits.members).map((item) => this.#value(item, limits, depth + 1));
  }
}

/** Of URLs: all between the scheme and the last `@` of the word, as a password may hold any character but a space. */
function withoutCredentials(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/\S+/g, (word) => {
    const scheme = word.indexOf('://');
    const at = word.lastIndexOf('@');
    return scheme < 0 || at < scheme ? word : `${word.slice(0, scheme + 3)}${REMOVED}${word.slice(at)}`;
  });
}
