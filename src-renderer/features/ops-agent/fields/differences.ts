/** What is another in two versions of the same thing. Pure. */

export interface Difference {
  name: string;
  mine: string;
  theirs: string;
}

/** What is another in two lists of the same facts. */
export function differences(
  mine: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): Difference[] {
  return Object.keys({ ...mine, ...theirs })
    .map((name) => ({ name, mine: mine[name] ?? '', theirs: theirs[name] ?? '' }))
    .filter((fact) => fact.mine !== fact.theirs);
}
