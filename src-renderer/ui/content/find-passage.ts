/** How much of the text around a far place is shown. */
const AROUND = 800;

export interface Passage {
  from: number;
  to: number;
}

/** Where `find` first occurs in the text, without regard to case; -1 when it does not. */
export const firstPlace = (text: string, find: string): number => text.toLowerCase().indexOf(find.toLowerCase());

/** The part around the first place of `find`, when that lies behind what is shown; undefined when it is in sight. */
export function farPassage(text: string, find: string, shown_length: number): Passage | undefined {
  const at = firstPlace(text, find);
  if (at < 0 || at + find.length <= shown_length) return undefined;
  // Whole, even when it begins in what is shown: half of it would not be marked.
  return {
    from: Math.min(at, Math.max(shown_length, at - AROUND)),
    to: Math.min(text.length, at + find.length + AROUND),
  };
}
