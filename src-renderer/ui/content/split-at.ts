/** More marks than this are not drawn: nobody counts them, and each costs. */
const MAX_MARKS = 500;

/** The text cut around what is found: every second part is a place where it occurs. */
export function splitAt(text: string, find: string): string[] {
  const lower = text.toLowerCase();
  // Lower case can be longer or shorter than what it comes from; then places must be found in the text as it is.
  if (lower.length !== text.length) return splitByPattern(text, find);
  const wanted = find.toLowerCase();
  const parts: string[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0 && parts.length < MAX_MARKS * 2; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + find.length));
    from = at + find.length;
  }
  parts.push(text.slice(from));
  return parts;
}

function splitByPattern(text: string, find: string): string[] {
  const pattern = new RegExp(find.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: place } of text.matchAll(pattern)) {
    if (parts.length >= MAX_MARKS * 2) break;
    parts.push(text.slice(from, index), place);
    from = index + place.length;
  }
  parts.push(text.slice(from));
  return parts;
}
