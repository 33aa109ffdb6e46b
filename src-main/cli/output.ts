/** What commands print: tables and blocks for people, one JSON document for programs. */
import { stripVTControlCharacters, styleText } from 'node:util';

/** A stream that may be a terminal. */
export interface TerminalStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Style = Parameters<typeof styleText>[0];

export interface OutputOptions {
  stdout: TerminalStream;
  stderr: TerminalStream;
  json: boolean;
  /** False when the user asked for none (NO_COLOR); otherwise colour depends on the stream. */
  colour: boolean;
}

/** A column of a table. `right` aligns numbers; `flexible` gives way when the terminal is narrow. */
export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  right?: boolean;
  flexible?: boolean;
}

const MIN_FLEXIBLE_WIDTH = 20;

export class Output {
  readonly json: boolean;
  readonly #stdout: TerminalStream;
  readonly #stderr: TerminalStream;
  readonly #colour: boolean;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#colour = options.colour;
  }

  /** The answer of the command: the JSON document, or what `print` writes for people. */
  result(document: unknown, print: () => void): void {
    if (this.json) this.#stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    else print();
  }

  line(text = ''): void {
    this.#stdout.write(`${text}\n`);
  }

  /** Says something on stderr, where it does not mix with the answer. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  warning(text: string): void {
    this.#stderr.write(`${this.#paint(this.#stderr, 'yellow', 'warning:')} ${text}\n`);
  }

  error(text: string): void {
    this.#stderr.write(`${this.#paint(this.#stderr, 'red', 'error:')} ${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.#paint(this.#stdout, style, text);
  }

  /** Names and values under each other. */
  block(entries: readonly (readonly [name: string, value: string])[]): void {
    const width = Math.max(...entries.map(([name]) => name.length));
    for (const [name, value] of entries) this.line(`${this.style('dim', name.padEnd(width))}  ${value}`);
  }

  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    const cells = rows.map((row) => columns.map((column) => singleLine(column.value(row))));
    const widths = columns.map((column, index) =>
      Math.max(column.title.length, ...cells.map((row) => displayWidth(row[index] ?? ''))),
    );
    this.#shrink(columns, widths);
    const print = (row: readonly string[]) =>
      row
        .map((cell, index) => fitCell(cell, widths[index] ?? 0, columns[index]?.right ?? false))
        .join('  ')
        .trimEnd();
    this.line(this.style('bold', print(columns.map((column) => column.title))));
    for (const row of cells) this.line(print(row));
  }

  /** Takes from flexible columns what does not fit into the terminal; files and pipes get everything. */
  #shrink(columns: readonly Column<never>[] | readonly { flexible?: boolean }[], widths: number[]): void {
    const flexible = columns.findIndex((column) => column.flexible);
    if (!this.#stdout.isTTY || this.#stdout.columns === undefined || flexible < 0) return;
    const total = widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1);
    const excess = total - this.#stdout.columns;
    if (excess > 0) widths[flexible] = Math.max(MIN_FLEXIBLE_WIDTH, (widths[flexible] ?? 0) - excess);
  }

  #paint(stream: TerminalStream, style: Style, text: string): string {
    return this.#colour && stream.isTTY ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Text that came from outside, made harmless for a terminal: no escape sequence, no control character but new lines. */
export function safeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here.
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

const singleLine = (text: string): string => safeText(text).replaceAll(/\s+/g, ' ').trim();

/** Columns a text takes, East Asian wide characters and emoji counted twice. */
function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += isWide(segment) ? 2 : 1;
  return width;
}

const isWide = (segment: string): boolean =>
  /[\p{Extended_Pictographic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/u.test(
    segment,
  );

function fitCell(text: string, width: number, right: boolean): string {
  const missing = width - displayWidth(text);
  if (missing >= 0) return right ? ' '.repeat(missing) + text : text + ' '.repeat(missing);
  let cut = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = isWide(segment) ? 2 : 1;
    if (used + next > width - 1) break;
    cut += segment;
    used += next;
  }
  return `${cut}…${' '.repeat(Math.max(0, width - 1 - used))}`;
}
