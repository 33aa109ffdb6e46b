/**
 * Exact o200k_base tokens in O(n log n) time, whatever the text. Special tokens are plain text.
 *
 * The tokenizers on npm take quadratic time for a long piece without a split ("aaaa…", base64, spaces): one message of
 * 1 MB holds the thread for minutes. So only their vocabulary is used. The measure of exactness is OpenAI's tiktoken.
 * gpt-tokenizer 4.0.0 differs from it in two characters: it does not find the tokens with a byte order mark (U+FEFF),
 * and splits at JavaScript's white space (see o200k-pieces.ts).
 */
import { pieceEnd } from './o200k-pieces.ts';
import { bytesOf, extendHash, NO_TOKEN, tokenOf, writeUtf8 } from './o200k-vocabulary.ts';

export function countTokens(text: string): number {
  let count = 0;
  for (let from = 0; from < text.length; ) {
    const to = pieceEnd(text, from);
    count += mergerFor(text, from, to).merge(text, from, to);
    from = to;
  }
  return count;
}

/** The first `wanted` tokens of the text, or all when it has fewer. Reads no further than the piece the last is in. */
export function firstTokens(text: string, wanted: number): number[] {
  const tokens: number[] = [];
  for (let from = 0; from < text.length && tokens.length < wanted; ) {
    const to = pieceEnd(text, from);
    const merger = mergerFor(text, from, to);
    merger.merge(text, from, to);
    merger.appendTo(tokens, wanted);
    from = to;
  }
  return tokens;
}

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The text of tokens. Bytes that are no whole character, as at a cut between tokens, become U+FFFD.
 *
 * @throws RangeError for a number that is not a token of ordinary text
 */
export function decodeTokens(tokens: readonly number[]): string {
  return DECODER.decode(bytesOf(tokens));
}

/** Keys in the heap: token × POSITIONS + position. No text has as many bytes. */
const POSITIONS = 2 ** 31;

/**
 * Byte pair encoding of one piece: of all neighbours whose bytes together are a token, those of the lowest rank, and of
 * these the leftmost, become one part, until no two neighbours make a token.
 *
 * Parts are a linked list over the bytes of the piece, each known by the index of its first byte. The pairs that could
 * be next wait in a binary heap: those that go before both pairs they share a part with. One that has changed since
 * stays there and is passed over when its turn comes.
 */
class Merger {
  readonly #bytes: Uint8Array;
  /** At each index the hash of the bytes before it. */
  readonly #prefixHashes: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** For each part the token it makes with the next. */
  readonly #pairs: Int32Array;
  readonly #heap: number[] = [];
  #heapSize = 0;
  #length = 0;

  constructor(capacity_bytes: number) {
    this.#bytes = new Uint8Array(capacity_bytes);
    this.#prefixHashes = new Int32Array(capacity_bytes + 1);
    this.#next = new Int32Array(capacity_bytes + 1);
    this.#previous = new Int32Array(capacity_bytes + 1);
    this.#pairs = new Int32Array(capacity_bytes + 1);
  }

  /** @returns the number of tokens of the piece */
  merge(text: string, from: number, to: number): number {
    this.#read(text, from, to);
    if (tokenOf(this.#bytes, this.#prefixHashes, 0, this.#length) !== NO_TOKEN) {
      this.#next[0] = this.#length;
      return 1;
    }
    for (let at = 0; at <= this.#length; at++) {
      this.#next[at] = at + 1;
      this.#previous[at] = at - 1;
    }
    for (let at = 0; at <= this.#length; at++) this.#findPair(at);
    for (let at = 0; at < this.#length; at++) this.#queue(at);
    let count = this.#length;
    while (this.#heapSize > 0) {
      const key = this.#takeLowest();
      const token = Math.floor(key / POSITIONS);
      const left = key - token * POSITIONS;
      if (this.#pairs[left] !== token) continue;
      this.#join(left);
      count--;
    }
    return count;
  }

  /** Adds the tokens of the piece merged last, up to a number of tokens in all. */
  appendTo(tokens: number[], most: number): void {
    for (let at = 0; at < this.#length && tokens.length < most; at = this.#next[at] as number) {
      tokens.push(tokenOf(this.#bytes, this.#prefixHashes, at, this.#next[at] as number));
    }
  }

  #read(text: string, from: number, to: number): void {
    this.#length = writeUtf8(text, from, to, this.#bytes, 0);
    for (let at = 0, hash = 0; at < this.#length; at++) {
      hash = extendHash(hash, this.#bytes[at] as number);
      this.#prefixHashes[at + 1] = hash;
    }
  }

  /** Makes one part of a part and the next, and looks again at all pairs that this changes or gives a new neighbour. */
  #join(left: number): void {
    const right = this.#next[left] as number;
    const end = this.#next[right] as number;
    this.#next[left] = end;
    this.#previous[end] = left;
    this.#pairs[right] = NO_TOKEN;
    this.#findPair(left);
    const before = this.#previous[left] as number;
    if (before >= 0) {
      this.#findPair(before);
      this.#queue(before);
      this.#queue(this.#previous[before] as number);
    }
    this.#queue(left);
    this.#queue(end);
  }

  #findPair(left: number): void {
    const right = this.#next[left] as number;
    this.#pairs[left] =
      right < this.#length ? tokenOf(this.#bytes, this.#prefixHashes, left, this.#next[right] as number) : NO_TOKEN;
  }

  /** Puts a pair into the heap if it goes before the pair on either side. */
  #queue(left: number): void {
    if (left < 0) return;
    const token = this.#pairs[left] as number;
    if (token === NO_TOKEN || (this.#pairs[this.#next[left] as number] as number) < token) return;
    const before = this.#previous[left] as number;
    if (before >= 0 && (this.#pairs[before] as number) <= token) return;
    this.#put(token * POSITIONS + left);
  }

  #put(key: number): void {
    let at = this.#heapSize++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as number;
      if (above <= key) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = key;
  }

  #takeLowest(): number {
    const lowest = this.#heap[0] as number;
    const key = this.#heap[--this.#heapSize] as number;
    let at = 0;
    for (let child = 1; child < this.#heapSize; child = 2 * at + 1) {
      const sibling = child + 1;
      if (sibling < this.#heapSize && (this.#heap[sibling] as number) < (this.#heap[child] as number)) child = sibling;
      const below = this.#heap[child] as number;
      if (below >= key) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = key;
    return lowest;
  }
}

/** The longest piece, in UTF-16 units, that is ordinary; each takes at most three bytes. */
const ORDINARY_LENGTH = 1024;
const ordinaryMerger = new Merger(ORDINARY_LENGTH * 3);

/** One merger serves all ordinary pieces. A longer one gets its own, which is freed after: some 20 times the piece. */
function mergerFor(text: string, from: number, to: number): Merger {
  return to - from <= ORDINARY_LENGTH ? ordinaryMerger : new Merger(Buffer.byteLength(text.slice(from, to)));
}
