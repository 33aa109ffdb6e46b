/** Small pieces of Markdown. */

/** Said on top of every generated page. */
export const GENERATED = '<!-- Written by scripts/generate-docs.ts from the source; change it there. -->';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const code = (text: string): string => `\`${text}\``;

export const page = (...parts: readonly string[]): string => `${parts.join('\n\n')}\n`;
