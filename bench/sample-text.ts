/** Text with the words of the demo conversations, as frequent as they are there; the same at every run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appRoot } from '../src-main/app-files.ts';

/** Every word of every message, in order: a random one is as frequent as in real conversations. */
const WORDS = readFileSync(join(appRoot, 'resources/demo/conversations.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .flatMap((line) => (JSON.parse(line) as { messages: { content: string }[] }).messages)
  .flatMap(({ content }) => content.match(/\p{L}{2,20}/gu) ?? []);

function words(random: () => number, count: number): string {
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
}

/** A sentence of 8–40 words. */
export function sentence(random: () => number): string {
  return `${words(random, 8 + Math.floor(random() * 33))}.`;
}

/** A query of 3–8 words, stop words among them. */
export function query(random: () => number): string {
  return words(random, 3 + Math.floor(random() * 6));
}
