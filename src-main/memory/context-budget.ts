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

/** A memory offered to the budget: `line` is how it stands in the memory block. */
export interface OfferedMemory {
  id: string;
  layer: MemoryLayerName;
  line: string;
}

export interface PackedMemory {
  id: string;
  layer: MemoryLayerName;
  line: string;
  token_count: number;
  truncated: boolean;
}

export interface PackedMessage {
  message: Message;
  truncated: boolean;
}

/** A memory whose line was counted, and cut where it was too long. One token more for the break that joins lines. */
export type MeasuredMemory = PackedMemory;

export interface PackRequest {
  max_tokens: number;
  reserves: Record<Layer, number>;
  enabled: Record<Layer, boolean>;
  /** Newest first. */
  messages: readonly Message[];
  /** Best first. */
  memories: readonly MeasuredMemory[];
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

/** Counts the lines of memories, best first, cutting those that would take too much of a budget. */
export function measureMemories(memories: readonly OfferedMemory[], max_tokens: number): MeasuredMemory[] {
  const largest = Math.floor(max_tokens * LARGEST_MEMORY_SHARE);
  return memories
    .map(({ id, layer, line }) => {
      const cut = cutToTokens(line, largest);
      return cut && { id, layer, line: cut.text, token_count: cut.token_count + 1, truncated: cut.text !== line };
    })
    .filter((memory) => memory !== undefined);
}

export function packContext(request: PackRequest): Packed {
  const packing = new Packing(request);
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
  readonly #lines: readonly PackedMemory[];
  #used = 0;
  #nextMessage = 0;
  #messagesEnded = false;

  constructor(request: PackRequest) {
    this.#request = request;
    this.#lines = request.memories.filter((memory) => request.enabled[memory.layer]);
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
    for (const line of this.#lines) {
      if (this.#memories.has(line.id) || (layer !== 'any' && line.layer !== layer)) continue;
      const cost = line.token_count + this.#overheadOf(line.layer);
      if (cost > Math.min(allowance - spent, this.#left)) continue;
      this.#memories.set(line.id, line);
      this.#used += cost;
      spent += cost;
    }
  }

  /** Counts the result exactly; joined text may count a little more than its parts, then the last is given back. */
  finish(): Packed {
    for (;;) {
      const chosen = this.#lines.filter((line) => this.#memories.has(line.id));
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
