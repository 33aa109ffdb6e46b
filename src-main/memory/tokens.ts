/** What text costs in a context, and how it is cut to fit. */
import { countTokens, decodeTokens, firstTokens } from './o200k.ts';
import { firstSentences } from './sentences.ts';

/** Tokens a chat format spends around each message, besides its content (OpenAI cookbook: 3, and 1 for the role). */
export const MESSAGE_FRAMING_TOKENS = 4;

/** Ends a text that was cut, so that the agent knows something is missing. */
export const CUT_MARKER = '\n[… cut to fit the context budget]';
const MARKER_TOKENS = countTokens(CUT_MARKER);

/** Characters of a token, by a low estimate: a long text is first looked at as far as its tokens should reach. */
const CHARACTERS_PER_TOKEN = 4;
/** The end of such a beginning, cut within a word, may make more tokens than the whole text does there. */
const SPARE_TOKENS = 16;

/**
 * Cuts a text to at most `max_tokens`, at the end of a sentence where there is one, and marks the cut. Only as much
 * of a long text is counted as is needed.
 *
 * @param isWhole false when the text lost its end already: then it is marked even if it fits
 * @returns undefined when not even the marker fits
 */
export function cutToTokens(
  text: string,
  max_tokens: number,
  isWhole = true,
): { text: string; token_count: number } | undefined {
  const tokens = beginning(text, max_tokens + 1);
  if (tokens.length <= max_tokens && isWhole) return { text, token_count: tokens.length };
  for (let room = Math.min(max_tokens - MARKER_TOKENS, tokens.length); room > 0; room = Math.floor(room * 0.9) - 1) {
    // The last token may end within a character: its replacement sign is not part of the text.
    const head = decodeTokens(tokens.slice(0, room)).replace(/\uFFFD+$/, '');
    const cut = firstSentences(head) + CUT_MARKER;
    const token_count = countTokens(cut);
    if (token_count <= max_tokens) return { text: cut, token_count };
  }
  return undefined;
}

/** At least the first `wanted` tokens, or all of a text that has fewer; of one long word not all is read. */
function beginning(text: string, wanted: number): number[] {
  for (let length = wanted * CHARACTERS_PER_TOKEN; ; length *= 2) {
    if (length >= text.length) return firstTokens(text, wanted);
    const tokens = firstTokens(text.slice(0, length), wanted + SPARE_TOKENS);
    if (tokens.length >= wanted + SPARE_TOKENS) return tokens;
  }
}
