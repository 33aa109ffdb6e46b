/** Control characters as pictures: terminal escapes in a memory are seen, and do nothing. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** Overrides of direction can make text look like another; isolates and marks that scripts need are left alone. */
const OVERRIDES = /[\u202a-\u202e]/g;

export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(CONTROLS, (control) =>
      control === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + control.charCodeAt(0)),
    )
    .replace(OVERRIDES, (control) => `‹U+${control.charCodeAt(0).toString(16).toUpperCase()}›`);
}

/** The beginning of a text on one line. A megabyte of it in every row would make a list crawl. */
export function excerpt(text: string, length: number): string {
  return visibleText(text.slice(0, length)).replaceAll(/\s+/g, ' ');
}
