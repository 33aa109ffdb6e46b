/**
 * The tokens of o200k_base by their bytes: a hash table in flat arrays of a few MB, built in some 50 ms.
 *
 * Looking up part of a text takes constant time and makes no string: with the hashes of all prefixes of a text at hand,
 * the hash of any part of it is a subtraction (Rabin and Karp).
 */
import tokens from 'gpt-tokenizer/bpeRanks/o200k_base';

/** Stands for "no token"; above every rank. */
export const NO_TOKEN = 0x3ffff;

/** Odd, so that every bit of a byte stays in the hash (FNV's prime). */
const MULTIPLIER = 0x01000193;
/** Spreads hashes over the slots (2³² divided by the golden ratio). */
const SPREAD = 0x9e3779b1;
const SLOT_BITS = 19;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** The bytes of all tokens, one token after the other; token `t` lies from STARTS[t] to STARTS[t + 1]. */
const BYTES = new Uint8Array(tokens.reduce((sum, token) => sum + token.length * 3, 0));
const STARTS = new Int32Array(tokens.length + 1);
const HASHES = new Int32Array(tokens.length);
/** Token + 1 at the first free slot from that of its hash on; 0 is free. */
const SLOTS = new Int32Array(1 << SLOT_BITS);
let longest = 0;

tokens.forEach((token, rank) => {
  const start = STARTS[rank] as number;
  const end = typeof token === 'string' ? writeUtf8(token, 0, token.length, BYTES, start) : start + token.length;
  if (typeof token !== 'string') BYTES.set(token, start);
  let hash = 0;
  for (let at = start; at < end; at++) hash = extendHash(hash, BYTES[at] as number);
  let slot = slotOf(hash);
  while (SLOTS[slot] !== 0) slot = (slot + 1) & SLOT_MASK;
  SLOTS[slot] = rank + 1;
  HASHES[rank] = hash;
  STARTS[rank + 1] = end;
  longest = Math.max(longest, end - start);
});

/** MULTIPLIER to the power of each length a token can have. */
const POWERS = new Int32Array(longest + 1).fill(1);
for (let length = 1; length <= longest; length++) POWERS[length] = Math.imul(POWERS[length - 1] as number, MULTIPLIER);

/** The hash of a byte string that is one byte longer. That of the empty one is 0. */
export function extendHash(hash: number, byte: number): number {
  return (Math.imul(hash, MULTIPLIER) + byte + 1) | 0;
}

function slotOf(hash: number): number {
  return Math.imul(hash, SPREAD) >>> (32 - SLOT_BITS);
}

/**
 * The token made of bytes `from` to `to`, or NO_TOKEN.
 *
 * @param prefixHashes at each index the hash of the bytes before it
 */
export function tokenOf(bytes: Uint8Array, prefixHashes: Int32Array, from: number, to: number): number {
  const length = to - from;
  if (length > longest) return NO_TOKEN;
  const prefix = Math.imul(prefixHashes[from] as number, POWERS[length] as number);
  const hash = ((prefixHashes[to] as number) - prefix) | 0;
  for (let slot = slotOf(hash); ; slot = (slot + 1) & SLOT_MASK) {
    const token = (SLOTS[slot] as number) - 1;
    if (token < 0) return NO_TOKEN;
    if (HASHES[token] === hash && hasBytes(token, bytes, from, length)) return token;
  }
}

function hasBytes(token: number, bytes: Uint8Array, from: number, length: number): boolean {
  const start = STARTS[token] as number;
  if ((STARTS[token + 1] as number) - start !== length) return false;
  for (let at = 0; at < length; at++) if (BYTES[start + at] !== bytes[from + at]) return false;
  return true;
}

/**
 * The bytes of tokens, one after the other.
 *
 * @throws RangeError for a number that is not a token of ordinary text
 */
export function bytesOf(list: readonly number[]): Uint8Array {
  let length = 0;
  for (const token of list) {
    if (HASHES[token] === undefined) throw new RangeError(`${token} is not an o200k_base token of text.`);
    length += (STARTS[token + 1] as number) - (STARTS[token] as number);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const token of list) {
    const end = STARTS[token + 1] as number;
    for (let from = STARTS[token] as number; from < end; from++) bytes[at++] = BYTES[from] as number;
  }
  return bytes;
}

/**
 * Writes part of a text as UTF-8, a lone surrogate as U+FFFD. For a few characters faster than a TextEncoder.
 *
 * @returns the index after the last byte written
 */
export function writeUtf8(text: string, from: number, to: number, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let index = from; index < to; index++) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) {
      const pair = text.codePointAt(index) as number;
      code = pair > 0xffff ? pair : 0xfffd;
      if (pair > 0xffff) index++;
    }
    if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) {
        bytes[at++] = 0xe0 | (code >> 12);
      } else {
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
