/** Content that is a text or a list of blocks, as the APIs of Anthropic and OpenAI have it. */
import { field, isFields } from './json-fields.ts';

/** Stands for a picture, so that a conversation about one can be followed. */
export const PICTURE = '[picture]';
/** Types whose `text` is what was said: Anthropic's and both of OpenAI's APIs. */
const TEXT_TYPES = new Set<unknown>(['text', 'input_text', 'output_text', undefined]);
const PICTURE_TYPES = new Set<unknown>(['image', 'image_url', 'input_image']);

/** All text of some content; pictures are named, other blocks passed over. */
export function blockText(content: unknown): string {
  if (typeof content === 'string') return content;
  const blocks = Array.isArray(content) ? content : [content];
  const texts: string[] = [];
  for (const block of blocks) {
    if (typeof block === 'string') texts.push(block);
    if (!isFields(block)) continue;
    const text = field(block, 'text');
    const refusal = field(block, 'refusal');
    if (PICTURE_TYPES.has(field(block, 'type'))) texts.push(PICTURE);
    else if (TEXT_TYPES.has(field(block, 'type')) && typeof text === 'string') texts.push(text);
    else if (field(block, 'type') === 'refusal' && typeof refusal === 'string') texts.push(refusal);
  }
  return texts.join('\n');
}

/** True when there is text besides pictures. */
export function hasWords(text: string): boolean {
  return text.replaceAll(PICTURE, '').trim() !== '';
}
