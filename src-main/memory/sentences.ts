/** A cut at a sentence keeps at least this share of the text; else it falls at a word, else anywhere. */
const LEAST_KEPT = 0.5;
const SENTENCE_END = /[.!?。！？…]["'”’)\]]*(?=\s)|\n/gu;
const WORD_END = /\s/gu;

/** The beginning of a text up to its last complete sentence, or its last complete word. */
export function firstSentences(text: string): string {
  for (const pattern of [SENTENCE_END, WORD_END]) {
    let end = -1;
    for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
    if (end >= text.length * LEAST_KEPT) return text.slice(0, end).trimEnd();
  }
  return text.isWellFormed() ? text : text.slice(0, -1);
}
