/** Between ranking and budget: what the budget is offered, and what the answer says of what it took and left. */
import type { AssembledContext, LeftOut, Message } from '../../src-contract/index.ts';
import type { Ranked } from '../retrieval/ranking.ts';
import { presentMemory } from '../retrieval/search.ts';
import type { Layer, Packed, PackedMemory } from './context-budget.ts';
import type { RepeatableMemory } from './context-repeats.ts';
import type { MemorySettings } from './memory-settings.ts';
import { BRIEF } from './memory-table.ts';

/** A ranked memory as the budget is offered it. */
export interface OfferedRanked extends RepeatableMemory {
  ranked: Ranked;
}

export function offer(ranked: Ranked): OfferedRanked {
  const { layer, row, shortened = false } = ranked.item;
  const day = (layer === 'longterm' ? row.valid_from : row.created_at).slice(0, 10);
  const { text, message_id } = row.content;
  return {
    ranked,
    id: row.id,
    layer,
    head: `- [${row.memory_type}, ${layer === 'longterm' ? `since ${day}` : day}] `,
    text,
    text_tokens: row.token_count,
    isBeginning: shortened && text.length >= BRIEF.text_length,
    message_id: layer === 'working' && typeof message_id === 'string' ? message_id : undefined,
  };
}

/** A memory that has a place, as the answer gives it: where its line was cut, with no more text than the line. */
export function tell(
  { ranked, head }: OfferedRanked,
  { line, token_count, truncated }: PackedMemory,
  now_ms: number,
  settings: MemorySettings,
): AssembledContext['memories'][number] {
  const { item, score, reason } = ranked;
  const memory = presentMemory(item, now_ms, settings);
  if (truncated) memory.content = { text: line.slice(head.length) };
  return { memory, score, reason, token_count, truncated: truncated || item.shortened === true };
}

/** What had no place, and why. */
export function listLeftOut(
  packed: Packed,
  messages: readonly Message[],
  unique: readonly Ranked[],
  repeated: readonly Ranked[],
  faded: readonly Ranked[],
): LeftOut[] {
  const usedMessages = packed.messages.length;
  const usedMemories = new Set(packed.memories.map(({ id }) => id));
  const memory = ({ item }: Ranked, reason: LeftOut['reason']): LeftOut => ({
    layer: item.layer as Layer,
    id: item.row.id,
    reason,
    token_count: item.row.token_count,
  });
  return [
    ...messages.slice(usedMessages).map(
      (message): LeftOut => ({
        layer: 'session',
        id: message.message_id,
        reason: 'budget',
        token_count: message.token_count,
      }),
    ),
    ...unique.filter(({ item }) => !usedMemories.has(item.row.id)).map((one) => memory(one, 'budget')),
    ...repeated.map((one) => memory(one, 'duplicate')),
    ...faded.map((one) => memory(one, 'unimportant')),
  ];
}
