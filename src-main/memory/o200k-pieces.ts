/**
 * Splits a text where o200k_base does, into pieces whose tokens do not depend on each other.
 *
 * By hand, since the pattern, run as a regular expression, overflows the stack on some millions of letters in a row:
 *
 *       [^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]* [\p{Ll}\p{Lm}\p{Lo}\p{M}]+ (?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *     | [^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+ [\p{Ll}\p{Lm}\p{Lo}\p{M}]* (?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *     | \p{N}{1,3} | [ ]?[^\s\p{L}\p{N}]+[\r\n/]* | \s*[\r\n]+ | \s+(?!\S) | \s+
 *
 * From https://github.com/openai/tiktoken/blob/main/tiktoken_ext/openai_public.py. Its `\s` is Unicode's White_Space,
 * which has U+0085 and lacks U+FEFF, other than JavaScript's.
 */

/** The classes of characters in the pattern, a bit each. */
const UPPER = 1;
const LOWER = 2;
const PREFIX = 4;
const DIGIT = 8;
const SYMBOL = 16;
const SYMBOL_TAIL = 32;
const SPACE = 64;
const NEWLINE = 128;
const CLASSES: readonly (readonly [bit: number, members: RegExp])[] = [
  [UPPER, /[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u],
  [LOWER, /[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u],
  [PREFIX, /[^\r\n\p{L}\p{N}]/u],
  [DIGIT, /\p{N}/u],
  [SYMBOL, /[^\p{White_Space}\p{L}\p{N}]/u],
  [SYMBOL_TAIL, /[\r\n/]/u],
  [SPACE, /\p{White_Space}/u],
  [NEWLINE, /[\r\n]/u],
];
const CONTRACTION = /'(?:s|t|re|ve|m|ll|d)/iuy;
const APOSTROPHE = 0x27;
const BLANK = 0x20;
/** The classes of each code point, found when first asked for; every code point has at least one. */
const KNOWN_CLASSES = new Uint8Array(0x110000);

/** Classes of the code point at an index, 0 at the end of the text. */
function classesAt(text: string, at: number): number {
  const code = text.codePointAt(at);
  if (code === undefined) return 0;
  return (KNOWN_CLASSES[code] as number) || learnClasses(code);
}

function learnClasses(code: number): number {
  const character = String.fromCodePoint(code);
  const classes = CLASSES.reduce((bits, [bit, members]) => (members.test(character) ? bits | bit : bits), 0);
  KNOWN_CLASSES[code] = classes;
  return classes;
}

/** Index after the character at an index. */
function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** Where a run of one class that starts at an index ends, after at most `most` characters. */
function runEnd(text: string, at: number, bit: number, most = Number.POSITIVE_INFINITY): number {
  for (let left = most; left > 0 && classesAt(text, at) & bit; left--) at = after(text, at);
  return at;
}

/** Where the piece that starts at an index ends: the first alternative of the pattern that matches. */
export function pieceEnd(text: string, from: number): number {
  const first = classesAt(text, from);
  const word = wordEnd(text, from, first);
  if (word > from) {
    if (text.charCodeAt(word) !== APOSTROPHE) return word;
    CONTRACTION.lastIndex = word;
    return CONTRACTION.test(text) ? CONTRACTION.lastIndex : word;
  }
  if (first & DIGIT) return runEnd(text, from, DIGIT, 3);
  const symbols = text.charCodeAt(from) === BLANK ? from + 1 : from;
  const symbolsEnd = runEnd(text, symbols, SYMBOL);
  if (symbolsEnd > symbols) return runEnd(text, symbolsEnd, SYMBOL_TAIL);
  return spaceEnd(text, from);
}

/** End of the word at an index, without a contraction; the index itself when there is none. */
function wordEnd(text: string, from: number, first: number): number {
  const letters = first & PREFIX ? after(text, from) : from;
  const end = lowerEnd(text, letters);
  if (end > letters) return end;
  // A combining mark is no prefix then, but a letter.
  if (letters > from && first & LOWER) return lowerEnd(text, from);
  const capitalsEnd = runEnd(text, letters, UPPER);
  return capitalsEnd > letters ? capitalsEnd : from;
}

/** End of UPPER* LOWER+ at an index; the index itself when that does not match. */
function lowerEnd(text: string, from: number): number {
  let at = from;
  let lastLower = from;
  for (let classes = classesAt(text, at); classes & UPPER; classes = classesAt(text, at)) {
    at = after(text, at);
    if (classes & LOWER) lastLower = at;
  }
  const end = runEnd(text, at, LOWER);
  return end > at ? end : lastLower;
}

/** End of white space: after its last line break, else before its last character, which goes with what follows. */
function spaceEnd(text: string, from: number): number {
  let at = from;
  let lastBreak = from;
  for (let classes = classesAt(text, at); classes & SPACE; classes = classesAt(text, at)) {
    at++; // No white space lies beyond U+FFFF.
    if (classes & NEWLINE) lastBreak = at;
  }
  if (lastBreak > from) return lastBreak;
  return at < text.length && at - 1 > from ? at - 1 : at;
}
