/**
 * Packs session messages and memories under a token budget.
 *
 * Each layer first gets its reserve; what is left goes to the session's messages, newest first and without gaps,
 * then to the best memories. Pure: it counts, it does not read.
 */
import type { Message } from '../../src-contract/index.ts';
import { countTokens } from './o200k.ts';
import { cutToTokens, MESSAGE_FRAMING_TOKENS } from './tokens.ts';

/** A message is cut to what is left rather than left out when at least this many tokens are. */
const LEAST_CUT_TOKENS = 64;
/** No memory takes more than this share of the budget: a longer one is cut. */
const LARGEST_MEMORY_SHARE = 0.25;

export type MemoryLayerName = 'working' | 'longterm';
export type Layer = 'session' | MemoryLayerName;

/** A memory offered to the budget: in the memory block its head stands before its text. */
export interface OfferedMemory {
  id: string;
  layer: MemoryLayerName;
  head: string;
  text: string;
  /** Tokens of the text, as they were counted when it was written. */
  text_tokens: number;
  /** The text lost its end already; `text_tokens` are those of the whole. */
  isBeginning: boolean;
}

export interface PackedMemory {
  id: string;
  layer: MemoryLayerName;
  line: string;
  /** Of the line and the break that joins it to the next. */
  token_count: number;
  truncated: boolean;
}

export interface PackedMessage {
  message: Message;
  truncated: boolean;
}

export interface PackRequest {
  max_tokens: number;
  reserves: Record<Layer, number>;
  enabled: Record<Layer, boolean>;
  /** Newest first. */
  messages: readonly Message[];
  /** Best first. */
  memories: readonly OfferedMemory[];
}

export interface Packed {
  /** Oldest first. */
  messages: PackedMessage[];
  memories: PackedMemory[];
  memory_block: string;
  total_tokens: number;
}

const HEADINGS: Record<MemoryLayerName, string> = {
  longterm: 'What is known (long-term memory):',
  working: 'What happened lately (working memory):',
};

/**
 * The lines of memories. What one costs is known before it is made, from the tokens counted when it was written; only
 * lines that get a place are counted and cut, and each once, however often a context is packed.
 */
export class MemoryLines {
  readonly #largest: number;
  readonly #costs = new Map<string, number>();
  readonly #lines = new Map<string, PackedMemory | undefined>();

  constructor(max_tokens: number) {
    this.#largest = Math.floor(max_tokens * LARGEST_MEMORY_SHARE);
  }

  /** Tokens a memory takes, by a high estimate: one that must be cut is taken to fill its share. */
  costOf(memory: OfferedMemory): number {
    const known = this.#costs.get(memory.id);
    if (known !== undefined) return known;
    const cost = Math.min(this.#largest, countTokens(memory.head) + memory.text_tokens) + 1;
    this.#costs.set(memory.id, cost);
    return cost;
  }

  /** Undefined when not even its head fits. */
  lineOf(memory: OfferedMemory): PackedMemory | undefined {
    if (!this.#lines.has(memory.id)) this.#lines.set(memory.id, this.#make(memory));
    return this.#lines.get(memory.id);
  }

  #make({ id, layer, head, text, isBeginning }: OfferedMemory): PackedMemory | undefined {
    const whole = head + text;
    const cut = cutToTokens(whole, this.#largest, !isBeginning);
    return cut && { id, layer, line: cut.text, token_count: cut.token_count + 1, truncated: cut.text !== whole };
  }
}

export function packContext(request: PackRequest, lines = new MemoryLines(request.max_tokens)): Packed {
  const packing = new Packing(request, lines);
  const reserves = shareOut(request);
  packing.addMessages(reserves.session * request.max_tokens, { cut: false });
  packing.addMemories('longterm', reserves.longterm * request.max_tokens);
  packing.addMemories('working', reserves.working * request.max_tokens);
  packing.addMessages(Number.POSITIVE_INFINITY, { cut: true });
  packing.addMemories('any', Number.POSITIVE_INFINITY);
  return packing.finish();
}

/** Reserves of the layers in use, scaled down when together they pass the whole. */
function shareOut({ reserves, enabled }: PackRequest): Record<Layer, number> {
  const of = (layer: Layer) => (enabled[layer] ? Math.max(0, reserves[layer]) : 0);
  const scale = 1 / Math.max(1, of('session') + of('working') + of('longterm'));
  return { session: of('session') * scale, working: of('working') * scale, longterm: of('longterm') * scale };
}

class Packing {
  readonly #request: PackRequest;
  readonly #messages: PackedMessage[] = [];
  readonly #memories = new Map<string, PackedMemory>();
  readonly #lines: MemoryLines;
  readonly #offered: readonly OfferedMemory[];
  #used = 0;
  #nextMessage = 0;
  #messagesEnded = false;

  constructor(request: PackRequest, lines: MemoryLines) {
    this.#request = request;
    this.#lines = lines;
    this.#offered = request.memories.filter((memory) => request.enabled[memory.layer]);
  }

  get #left(): number {
    return this.#request.max_tokens - this.#used;
  }

  /** Adds messages, newest first, until `allowance` tokens are spent on them or the next does not fit. */
  addMessages(allowance: number, options: { cut: boolean }): void {
    if (!this.#request.enabled.session) return;
    let spent = 0;
    while (!this.#messagesEnded) {
      const message = this.#request.messages[this.#nextMessage];
      if (message === undefined) return;
      const cost = message.token_count + MESSAGE_FRAMING_TOKENS;
      const room = Math.min(allowance - spent, this.#left);
      if (cost > room) {
        if (options.cut) this.#cutMessage(message);
        return;
      }
      this.#messages.push({ message, truncated: false });
      this.#nextMessage += 1;
      this.#used += cost;
      spent += cost;
    }
  }

  addMemories(layer: MemoryLayerName | 'any', allowance: number): void {
    let spent = 0;
    for (const memory of this.#offered) {
      if (this.#memories.has(memory.id) || (layer !== 'any' && memory.layer !== layer)) continue;
      const room = Math.min(allowance - spent, this.#left) - this.#overheadOf(memory.layer);
      // Most are passed over here, when the room is used up: no text of theirs was looked at.
      if (this.#lines.costOf(memory) > room) continue;
      const line = this.#lines.lineOf(memory);
      if (line === undefined || line.token_count > room) continue;
      const cost = line.token_count + this.#overheadOf(memory.layer);
      this.#memories.set(memory.id, line);
      this.#used += cost;
      spent += cost;
    }
  }

  /** Counts the result exactly; joined text may count a little more than its parts, then the last is given back. */
  finish(): Packed {
    for (;;) {
      const chosen = this.#offered.flatMap(({ id }) => this.#memories.get(id) ?? []);
      const memory_block = renderBlock(chosen);
      const total_tokens =
        (memory_block === '' ? 0 : countTokens(memory_block) + MESSAGE_FRAMING_TOKENS) +
        this.#messages.reduce((sum, { message }) => sum + message.token_count + MESSAGE_FRAMING_TOKENS, 0);
      if (total_tokens <= this.#request.max_tokens) {
        return { messages: [...this.#messages].reverse(), memories: chosen, memory_block, total_tokens };
      }
      const worst = chosen.at(-1);
      if (worst !== undefined) this.#memories.delete(worst.id);
      else this.#messages.pop();
    }
  }

  /** A heading, and for the first memory of all the framing of the message that carries the block. */
  #overheadOf(layer: MemoryLayerName): number {
    const chosen = [...this.#memories.values()];
    const framing = chosen.length === 0 ? MESSAGE_FRAMING_TOKENS : 0;
    const heading = chosen.some((line) => line.layer === layer) ? 0 : countTokens(HEADINGS[layer]) + 2;
    return framing + heading;
  }

  #cutMessage(message: Message): void {
    this.#messagesEnded = true;
    const room = this.#left - MESSAGE_FRAMING_TOKENS;
    if (room < LEAST_CUT_TOKENS) return;
    const cut = cutToTokens(message.content, room);
    if (cut === undefined) return;
    this.#messages.push({
      message: { ...message, content: cut.text, token_count: cut.token_count },
      truncated: true,
    });
    this.#nextMessage += 1;
    this.#used += cut.token_count + MESSAGE_FRAMING_TOKENS;
  }
}

function renderBlock(lines: readonly PackedMemory[]): string {
  return (['longterm', 'working'] as const)
    .map((layer) => ({ layer, own: lines.filter((line) => line.layer === layer) }))
    .filter(({ own }) => own.length > 0)
    .map(({ layer, own }) => [HEADINGS[layer], ...own.map(({ line }) => line)].join('\n'))
    .join('\n\n');
}
