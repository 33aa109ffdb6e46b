/**
 * Finds the first place at which a text is no JSON, with words for the person who writes it. `JSON.parse` tells its own
 * words and, depending on the browser, no place.
 */

export interface JsonFault {
  message: string;
  /** In UTF-16 units from the beginning. */
  offset: number;
  /** From 1. */
  line: number;
  column: number;
}

/** Undefined when the text is JSON. */
export function jsonFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const before = text.slice(0, error.offset);
    const line = before.split('\n').length;
    return {
      message: error.message,
      offset: error.offset,
      line,
      column: error.offset - (before.lastIndexOf('\n') + 1) + 1,
    };
  }
}

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What may stand in a text as it is: anything but its end, an escape and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = ['true', 'false', 'null'];

/** RFC 8259, without keeping anything. What is open is kept in a list of its own: text of any depth must not end it. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    const open: ('{' | '[')[] = [];
    this.#take(SPACE);
    for (;;) {
      const opened = this.#value();
      this.#take(SPACE);
      if (opened !== undefined) {
        open.push(opened);
        if (this.#eat(closing(opened))) open.pop();
        else {
          if (opened === '{') this.#key();
          continue;
        }
        this.#take(SPACE);
      }
      if (!this.#afterValue(open)) return;
    }
  }

  /** Goes on to the next member. @returns false at the end of the document */
  #afterValue(open: ('{' | '[')[]): boolean {
    for (;;) {
      const inside = open.at(-1);
      if (inside === undefined) {
        if (this.#at < this.#text.length) this.#fail('There is more after the end of the JSON.');
        return false;
      }
      if (this.#eat(',')) {
        const comma = this.#at - 1;
        this.#take(SPACE);
        if (this.#peek() === closing(inside)) throw new Fault(comma, 'A comma stands before the end: take it away.');
        if (inside === '{') this.#key();
        return true;
      }
      if (!this.#eat(closing(inside))) this.#fail(`A comma or ${closing(inside)} is missing here.`);
      open.pop();
      this.#take(SPACE);
    }
  }

  /** @returns what was opened, if it is an object or a list */
  #value(): '{' | '[' | undefined {
    const next = this.#peek();
    if (next === '{' || next === '[') {
      this.#at += 1;
      return next;
    }
    if (next === '"') {
      this.#string();
      return undefined;
    }
    const word = WORDS.find((one) => this.#text.startsWith(one, this.#at));
    if (word !== undefined) {
      this.#at += word.length;
      return undefined;
    }
    if (next === undefined) this.#fail('A value is missing here: the text ends too early.');
    if (next === "'") this.#fail('Texts stand in double quotes.');
    if (!this.#take(NUMBER))
      this.#fail('This is no value: a text in double quotes, a number, true, false, null, { or [.');
    return undefined;
  }

  #key(): void {
    const next = this.#peek();
    if (next !== '"') {
      this.#fail(
        next === undefined ? 'The text ends inside of an object.' : 'The name of a member stands in double quotes.',
      );
    }
    this.#string();
    this.#take(SPACE);
    if (!this.#eat(':')) this.#fail('A colon is missing after the name.');
    this.#take(SPACE);
  }

  #string(): void {
    const begin = this.#at;
    this.#at += 1;
    for (;;) {
      this.#take(PLAIN);
      if (this.#eat('"')) return;
      const next = this.#peek();
      if (next === undefined) throw new Fault(begin, 'This text has no end: a double quote is missing.');
      if (next !== '\\')
        this.#fail(
          next === '\n'
            ? 'A text ends on its line: write \\n for a new one.'
            : 'A control character: write it as \\u and four digits.',
        );
      if (!this.#take(ESCAPE)) this.#fail('After \\ stands one of " \\ / b f n r t, or u and four digits.');
    }
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #eat(one: string): boolean {
    if (this.#peek() !== one) return false;
    this.#at += 1;
    return true;
  }

  /** @returns whether there was anything of it */
  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found !== '';
  }

  #fail(message: string): never {
    throw new Fault(this.#at, message);
  }
}

const closing = (open: '{' | '['): '}' | ']' => (open === '{' ? '}' : ']');
