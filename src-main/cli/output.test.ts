import { describe, expect, it } from 'vitest';
import { Output, safeText, type TerminalStream } from './output.ts';

function stream(terminal: Partial<TerminalStream> = {}): TerminalStream & { text: string } {
  return {
    text: '',
    ...terminal,
    write(text: string) {
      this.text += text;
      return true;
    },
  };
}

const outputOn = (stdout: TerminalStream, json = false, colour = true) =>
  new Output({ stdout, stderr: stream(), json, colour });

const COLUMNS = [
  { title: 'name', value: (row: { name: string; count: number }) => row.name, flexible: true },
  { title: 'count', value: (row: { name: string; count: number }) => String(row.count), right: true },
];

describe('what commands print', () => {
  it('is one JSON document when asked, and nothing else', () => {
    const stdout = stream();
    outputOn(stdout, true).result({ a: 1 }, () => {
      throw new Error('not for programs');
    });
    expect(JSON.parse(stdout.text)).toEqual({ a: 1 });
  });

  it('aligns a table by what people see', () => {
    const stdout = stream();
    outputOn(stdout).table(
      [
        { name: 'short', count: 7 },
        { name: '日本語', count: 1234 },
        { name: 'e\u0301a', count: 1 },
      ],
      COLUMNS,
    );
    expect(stdout.text).toBe('name    count\nshort       7\n日本語   1234\ne\u0301a          1\n');
  });

  it('cuts the flexible column of a narrow terminal, and nothing in a pipe', () => {
    const long = { name: 'x'.repeat(100), count: 1 };
    const terminal = stream({ isTTY: true, columns: 40 });
    outputOn(terminal, false, false).table([long], COLUMNS);
    for (const line of terminal.text.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(terminal.text).toContain('…');
    const pipe = stream();
    outputOn(pipe).table([long], COLUMNS);
    expect(pipe.text).toContain(long.name);
  });

  it('colours terminals only, and not those of people who want none', () => {
    const styled = (terminal: Partial<TerminalStream>, colour: boolean) =>
      outputOn(stream(terminal), false, colour).style('red', 'x');
    expect(styled({ isTTY: true }, true)).toBe('\u001b[31mx\u001b[39m');
    expect(styled({ isTTY: true }, false)).toBe('x');
    expect(styled({}, true)).toBe('x');
  });
});

describe('text from outside', () => {
  it('cannot steer the terminal', () => {
    expect(safeText('a\u001b[31mred\u001b[0m\u001b]0;title\u0007b\u0000\u0008\u009b2Jc\rd')).not.toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be left.
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/,
    );
    expect(safeText('two\nlines\tand a tab')).toBe('two\nlines\tand a tab');
  });
});
