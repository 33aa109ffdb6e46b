/**
 * When two short texts say the same.
 *
 * Lexical, careful, and the same on every database: `pg_trgm` is not on every server, and under row-level security no
 * index of it would be used. Whoever adds a word to a statement says the same; whoever puts another word in its place
 * does not, however long the rest: "on Tuesday" is not "on Thursday".
 */

/** Only so much of a text is compared. */
const MAX_COMPARED_LENGTH = 4000;
/** Share of the longer text's words that the shorter one must have. */
const LEAST_SHARED = 0.75;

/** Words that say nothing by themselves. Negations are not among them. */
const FILLERS = new Set(
  'a an the this that these those is are was were be been being am do does did has have had will would to of in on at for and or with by as it its really very also just now still again please i we you he she they'.split(
    ' ',
  ),
);
const NEGATIONS = new Set(
  'not no never none nobody nothing without cannot neither nor nicht kein keine nie pas jamais'.split(' '),
);

/** A text as it is compared. */
export interface Statement {
  text: string;
  /** Its telling words, in order, each once. */
  words: readonly string[];
  /** What must be the same on both sides: numbers, names with digits, negations. */
  decisive: string;
}

export function statementOf(text: string): Statement {
  const plain = text
    .slice(0, MAX_COMPARED_LENGTH)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/n['’]t\b/gu, ' not');
  const all = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = all.filter((word) => !FILLERS.has(word)).map(stem);
  const decisive = all.filter((word) => NEGATIONS.has(word) || /\p{N}/u.test(word));
  return { text, words: [...new Set(telling)], decisive: decisive.join(' ') };
}

export function saysTheSame(a: Statement, b: Statement): boolean {
  const [shorter, longer] = a.words.length <= b.words.length ? [a, b] : [b, a];
  if (shorter.words.length === 0 || shorter.decisive !== longer.decisive) return false;
  if (shorter.words.length / longer.words.length < LEAST_SHARED) return false;
  // In the same order too: who reports to whom matters.
  let at = 0;
  for (const word of longer.words) if (word === shorter.words[at]) at += 1;
  return at === shorter.words.length;
}

/** Plural, and the third person of English verbs. */
const stem = (word: string): string => (word.length > 3 ? word.replace(/(?<!s)s$/u, '') : word);
