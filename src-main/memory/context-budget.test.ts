import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src-contract/index.ts';
import { MemoryLines, type OfferedMemory, type PackRequest, packContext } from './context-budget.ts';
import { countTokens } from './o200k.ts';
import { CUT_MARKER, MESSAGE_FRAMING_TOKENS } from './tokens.ts';

const message = (id: string, content: string): Message => ({
  message_id: id,
  role: 'user',
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  token_count: countTokens(content),
});
const words = (count: number, word = 'word'): string => Array.from({ length: count }, () => word).join(' ');
const memory = (
  id: string,
  layer: OfferedMemory['layer'],
  text: string,
  given: Partial<OfferedMemory> = {},
): OfferedMemory => ({ id, layer, head: '- ', text, text_tokens: countTokens(text), isBeginning: false, ...given });
const request = (given: Partial<PackRequest> = {}): PackRequest => ({
  max_tokens: 2000,
  reserves: { session: 0.5, working: 0.2, longterm: 0.3 },
  enabled: { session: true, working: true, longterm: true },
  messages: [],
  memories: [],
  ...given,
});

describe('packing a context', () => {
  it('is empty when there is nothing to pack', () => {
    expect(packContext(request({}))).toEqual({ messages: [], memories: [], memory_block: '', total_tokens: 0 });
  });

  it('puts messages back in the order they were said, the newest being sure of a place', () => {
    const messages = Array.from({ length: 100 }, (_, index) => message(`m${index}`, words(50)));
    const { messages: packed } = packContext(request({ messages }));
    expect(packed.at(-1)?.message.message_id).toBe('m0');
    expect(packed.map(({ message: one }) => one.message_id)).toEqual(
      packed.map((_, index) => `m${packed.length - 1 - index}`),
    );
  });

  it('keeps room for memories beside a long conversation', () => {
    const messages = Array.from({ length: 500 }, (_, index) => message(`m${index}`, words(30)));
    const memories = [memory('l', 'longterm', 'a fact'), memory('w', 'working', 'a decision')];
    const packed = packContext(request({ messages, memories }));
    expect(packed.memories.map(({ id }) => id).sort()).toEqual(['l', 'w']);
  });

  it('gives the conversation what memories do not need', () => {
    const messages = Array.from({ length: 500 }, (_, index) => message(`m${index}`, words(30)));
    expect(packContext(request({ messages })).total_tokens).toBeGreaterThan(1900);
  });

  it('cuts a message larger than the budget instead of dropping it', () => {
    const long = `${'This is a sentence of the log. '.repeat(2000)}`;
    const packed = packContext(request({ messages: [message('m', long)] }));
    expect(packed.messages).toHaveLength(1);
    expect(packed.messages[0]?.truncated).toBe(true);
    expect(packed.messages[0]?.message.content.endsWith(`.${CUT_MARKER}`)).toBe(true);
    expect(packed.total_tokens).toBeLessThanOrEqual(2000);
    expect(packed.total_tokens).toBeGreaterThan(1800);
  });

  it('lets no single memory take more than a quarter', () => {
    const packed = packContext(request({ memories: [memory('l', 'longterm', words(5000))] }));
    expect(packed.memories[0]?.truncated).toBe(true);
    expect(packed.memories[0]?.token_count).toBeLessThanOrEqual(501);
  });

  it('marks a text that lost its end before it came here', () => {
    const packed = packContext(
      request({ memories: [memory('l', 'longterm', 'So it begins. It goes o', { isBeginning: true })] }),
    );
    expect(packed.memories[0]).toMatchObject({ line: `- So it begins.${CUT_MARKER}`, truncated: true });
  });

  it('looks only at the texts of memories that get a place, and once however often it is packed', () => {
    const looked: string[] = [];
    const memories = Array.from({ length: 40 }, (_, index) => {
      const one = memory(`m${index}`, 'working', 'a', { text_tokens: 125_000 });
      Object.defineProperty(one, 'text', {
        get: () => {
          looked.push(one.id);
          return 'a'.repeat(20_000);
        },
      });
      return one;
    });
    const given = request({ memories });
    const lines = new MemoryLines(given.max_tokens);
    const packed = packContext(given, lines);
    packContext(given, lines);
    expect(packed.memories.map(({ id }) => id)).toEqual(looked);
    expect(looked.length).toBeLessThanOrEqual(4);
  });

  it('leaves out a layer that is switched off', () => {
    const packed = packContext(
      request({
        enabled: { session: false, working: true, longterm: false },
        messages: [message('m', 'hello')],
        memories: [memory('l', 'longterm', 'a fact'), memory('w', 'working', 'a decision')],
      }),
    );
    expect(packed.messages).toEqual([]);
    expect(packed.memories.map(({ id }) => id)).toEqual(['w']);
  });

  it('tells long-term from working memory under headings', () => {
    const { memory_block } = packContext(
      request({ memories: [memory('w', 'working', 'a decision'), memory('l', 'longterm', 'a fact')] }),
    );
    expect(memory_block).toBe(
      'What is known (long-term memory):\n- a fact\n\nWhat happened lately (working memory):\n- a decision',
    );
  });

  it('never passes the budget and counts exactly, whatever it is given', { timeout: 120_000 }, () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }),
      fc.integer({ min: 1, max: 1500 }).map((count) => words(count, 'lorem')),
      fc.constantFrom(
        'a'.repeat(9000),
        '😀'.repeat(900),
        '\n'.repeat(5000),
        '<|endoftext|>'.repeat(300),
        '日本語'.repeat(700),
      ),
    );
    // What was counted when it was written may be wrong: the budget holds all the same.
    const miscount = fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined, freq: 5 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const requests = fc.record({
      max_tokens: fc.integer({ min: 2000, max: 6000 }),
      reserves: fc.record({ session: share, working: share, longterm: share }),
      enabled: fc.record({ session: fc.boolean(), working: fc.boolean(), longterm: fc.boolean() }),
      messages: fc.array(text, { maxLength: 12 }).map((texts) => texts.map((one, index) => message(`m${index}`, one))),
      memories: fc
        .array(fc.tuple(fc.constantFrom('working' as const, 'longterm' as const), text, miscount, fc.boolean()), {
          maxLength: 12,
        })
        .map((list) =>
          list.map(([layer, one, text_tokens = countTokens(one), isBeginning], index) =>
            memory(`x${index}`, layer, one, { text_tokens, isBeginning }),
          ),
        ),
    });
    fc.assert(
      fc.property(requests, (given) => {
        const packed = packContext(request(given));
        const block = packed.memory_block === '' ? 0 : countTokens(packed.memory_block) + MESSAGE_FRAMING_TOKENS;
        const spoken = packed.messages.reduce(
          (sum, { message: one }) => sum + countTokens(one.content) + MESSAGE_FRAMING_TOKENS,
          0,
        );
        expect(packed.total_tokens).toBe(block + spoken);
        expect(packed.total_tokens).toBeLessThanOrEqual(given.max_tokens);
      }),
      { numRuns: 100 },
    );
  });
});
