/** Settings by words: in the title, the help, the key, the environment variable or the section. Pure. */
import type { Setting } from '../../../../../src-contract/index.ts';
import { SECTION_TITLES } from './sections.ts';

/** Every word is somewhere in it. A whole key finds that setting alone; what has the words in its title comes first. */
export function findSettings(settings: readonly Setting[], text: string): Setting[] {
  const typed = text.trim().toLowerCase();
  if (typed === '') return [...settings];
  const exact = settings.filter(({ key, env }) => key === typed || env.toLowerCase() === typed);
  if (exact.length > 0) return exact;
  const words = typed.split(/\s+/);
  const hasAll = (where: string) => words.every((word) => where.toLowerCase().includes(word));
  const found = settings.filter(({ title, help, key, env, section }) =>
    hasAll(`${title} ${help} ${key} ${env} ${SECTION_TITLES[section]}`),
  );
  const [named, others] = [found.filter(({ title }) => hasAll(title)), found.filter(({ title }) => !hasAll(title))];
  return [...named, ...others];
}
