import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src-contract/index.ts';
import type { PackRequest } from './context-budget.ts';
import { packWithoutRepeats, type RepeatableMemory } from './context-repeats.ts';
import { countTokens } from './o200k.ts';

const words = (count: number, word: string): string => Array.from({ length: count }, () => word).join(' ');
const message = (id: string, content: string): Message => ({
  message_id: id,
  role: 'user',
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  token_count: countTokens(content),
});
const memory = (id: string, layer: RepeatableMemory['layer'], text: string, message_id?: string): RepeatableMemory => ({
  id,
  layer,
  head: '- ',
  text,
  text_tokens: countTokens(text),
  isBeginning: false,
  message_id,
});

type Request = PackRequest & { memories: RepeatableMemory[] };
const request = (given: Partial<Request>): Request => ({
  max_tokens: 2000,
  reserves: { session: 0.5, working: 0.2, longterm: 0.3 },
  enabled: { session: true, working: true, longterm: true },
  messages: [],
  memories: [],
  ...given,
});

/** What a memory left out as a repetition repeats must itself be in the context, or compete for a place as a better memory. */
function expectTold({ packed, unique, repeated }: ReturnType<typeof packWithoutRepeats<RepeatableMemory>>): void {
  const said = packed.messages.filter(({ truncated }) => !truncated).map((one) => one.message);
  for (const { text, message_id, id } of repeated) {
    const told =
      said.some((one) => one.message_id === message_id || one.content === text) ||
      unique.some((better) => better.text === text);
    expect(told, `memory ${id}`).toBe(true);
  }
}

describe('packing without repetitions', () => {
  it('leaves out what a message or a better memory says already, but for case and white space', () => {
    const { packed, repeated } = packWithoutRepeats(
      request({
        messages: [message('m', 'Good morning')],
        memories: [
          memory('said', 'working', 'good  MORNING'),
          memory('remembered', 'working', 'summary of it', 'm'),
          memory('new', 'longterm', 'Likes tea'),
          memory('again', 'working', 'likes TEA'),
        ],
      }),
    );
    expect(packed.memories.map(({ id }) => id)).toEqual(['new']);
    expect(repeated.map(({ id }) => id)).toEqual(['said', 'remembered', 'again']);
  });

  it('tells long texts apart by their beginning and their number of tokens', () => {
    const long = words(2000, 'lorem');
    const { repeated } = packWithoutRepeats(
      request({
        memories: [
          memory('a', 'working', long),
          memory('same', 'longterm', long),
          memory('longer', 'longterm', `${long} and more`),
          memory('other', 'longterm', `Ipsum ${long}`),
        ],
      }),
    );
    expect(repeated.map(({ id }) => id)).toEqual(['same']);
  });

  it('keeps a memory of a message that loses its place when other repetitions make room for something larger', () => {
    // Packed first, `repeats-newest` leaves no room for `large` in the reserve of long-term memory, and `oldest` has a
    // place. Packed without it, `large` takes the place of `oldest`: what remembers that must be told again.
    const newest = words(290, 'newest');
    const oldest = words(400, 'oldest');
    const result = packWithoutRepeats(
      request({
        messages: [message('newest', newest), message('middle', words(900, 'middle')), message('oldest', oldest)],
        memories: [
          memory('repeats-newest', 'longterm', newest, 'newest'),
          memory('large', 'longterm', words(450, 'large')),
          memory('repeats-oldest', 'working', 'The oldest message, in short.', 'oldest'),
        ],
      }),
    );
    expectTold(result);
    expect(result.packed.messages.map((one) => [one.message.message_id, one.truncated])).not.toContainEqual([
      'oldest',
      false,
    ]);
    expect(result.packed.memories.map(({ id }) => id)).toContain('repeats-oldest');
  });

  it('never drops what nobody tells, whatever it is given', () => {
    const said = fc.integer({ min: 1, max: 900 }).map((count) => words(count, 'lorem'));
    const plan = fc.record({
      max_tokens: fc.integer({ min: 2000, max: 4000 }),
      texts: fc.array(said, { minLength: 1, maxLength: 8 }),
      memories: fc.array(
        fc.record({
          layer: fc.constantFrom('working' as const, 'longterm' as const),
          of: fc.nat({ max: 7 }),
          own: fc.option(said, { nil: undefined }),
        }),
        { maxLength: 10 },
      ),
    });
    fc.assert(
      fc.property(plan, ({ max_tokens, texts, memories }) => {
        const messages = texts.map((text, index) => message(`m${index}`, `${text} ${index}`));
        const offered = memories.map(({ layer, of, own }, index) => {
          const repeats = messages[of];
          if (own !== undefined || repeats === undefined)
            return memory(`x${index}`, layer, `${own ?? 'else'} x${index}`);
          return memory(`x${index}`, layer, repeats.content, layer === 'working' ? repeats.message_id : undefined);
        });
        expectTold(packWithoutRepeats(request({ max_tokens, messages, memories: offered })));
      }),
      { numRuns: 300 },
    );
  });
});
