/** Tags as they are typed: several at once with commas between them, each once. */
export function parseTags(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}

/** As the contract bounds it. */
export const MAX_TAG_LENGTH = 100;
