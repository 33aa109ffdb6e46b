/** Text of a message as prose and code, as Markdown fences tell them apart. Nothing else of Markdown is read. */

export type ContentPart =
  | { kind: 'text'; text: string }
  | { kind: 'code'; language: string; text: string; source: string };

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;

/** The parts in order; their texts (and `source` of code) make up the whole again. A fence without an end is text. */
export function fencedParts(text: string): ContentPart[] {
  const parts: ContentPart[] = [];
  const lines = text.split('\n');
  let prose: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const open = FENCE.exec(line);
    const end = open ? closingLine(lines, at + 1, open[1] ?? '') : -1;
    if (open === null || end < 0) {
      prose.push(line);
      continue;
    }
    if (prose.length > 0) parts.push({ kind: 'text', text: prose.join('\n') });
    prose = [];
    parts.push({
      kind: 'code',
      language: open[2] ?? '',
      text: lines.slice(at + 1, end).join('\n'),
      source: lines.slice(at, end + 1).join('\n'),
    });
    at = end;
  }
  if (prose.length > 0) parts.push({ kind: 'text', text: prose.join('\n') });
  return parts;
}

function closingLine(lines: readonly string[], from: number, fence: string): number {
  for (let at = from; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim();
    if (line.length >= fence.length && line === (fence[0] ?? '').repeat(line.length)) return at;
  }
  return -1;
}
