/**
 * What a statement is about, when there can be one answer only: then a new one takes the place of the old one.
 *
 * It knows few forms on purpose: a change that is not seen leaves two memories, one that is seen wrongly hides a true
 * one. English alone; for other languages nothing is superseded by itself.
 */
export interface Fact {
  /** The same for statements about the same thing. */
  key: string;
  value: string;
}

/** What somebody or something has one of at a time. */
const ATTRIBUTES =
  'name|nickname|title|role|job|employer|manager|boss|lead|owner|email|phone|number|address|city|country|birthday|age|timezone|time zone|language|editor|framework|database|branch|region|host|port|version|model|budget|plan|deadline|due date|window|schedule|password hint|status page|favourite colour|favorite color';
const OWNED = new RegExp(
  `^((?:the|my|our|your|his|her|their|[\\p{L}\\p{N}_-]+['’]s)\\s+(?:[\\p{L}\\p{N}_-]+\\s+){0,4}?(?:${ATTRIBUTES}))\\s+(?:is|are|is now|are now|has changed to|changed to|was changed to|was moved to|has moved to|moved to)\\s+(.{1,80})$`,
  'iu',
);
const RELATION =
  /^((?:[\p{L}\p{N}_-]+\s+){1,3}?)(?:now\s+)?(lives? in|is based in|am based in|works? at|works? for|reports? to|is called|is named)\s+(.{1,60})$/iu;
const ALIKE: Record<string, string> = {
  'live in': 'lives in',
  'is based in': 'lives in',
  'am based in': 'lives in',
  'work at': 'works at',
  'works for': 'works at',
  'work for': 'works at',
  'report to': 'reports to',
  'is named': 'is called',
};

/** Undefined for everything it is not sure of. */
export function factOf(text: string): Fact | undefined {
  const sentence = text.trim().replace(/[.!]$/u, '');
  if (sentence.length > 200 || /[.!?;\n](\s|$)/u.test(sentence)) return undefined;
  const [, owned, is] = OWNED.exec(sentence) ?? [];
  if (owned !== undefined && is !== undefined) return { key: plain(owned), value: plain(is) };
  const [, who, verb, whom] = RELATION.exec(sentence) ?? [];
  if (who === undefined || verb === undefined || whom === undefined) return undefined;
  const relation = plain(verb);
  return { key: `${plain(who)} ${ALIKE[relation] ?? relation}`, value: plain(whom) };
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^now\s+/u, '')
    .replaceAll(/[\s’]+/gu, (match) => (match.includes('’') ? "'" : ' '))
    .trim();
