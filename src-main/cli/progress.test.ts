import { describe, expect, it } from 'vitest';
import { formatBytes, formatSeconds } from '../units.ts';
import { Progress } from './progress.ts';

function recorder(isTTY: boolean) {
  const writes: string[] = [];
  return { writes, isTTY, columns: 200, write: (text: string) => writes.push(text) > 0 };
}

describe('progress', () => {
  it('draws a bar with share, rate and time left on a terminal, and takes it away at the end', () => {
    let now = 0;
    const stream = recorder(true);
    const progress = new Progress(stream, { now: () => now });
    now = 2000;
    progress.update({ label: 'importing a.json', done: 1_000_000, total: 4_000_000, records: 1234 });
    expect(stream.writes[0]).toContain(
      '[██████░░░░░░░░░░░░░░░░░░]  25 %  1.0 MB of 4.0 MB  1,234 records  500.0 kB/s  6 s left',
    );
    progress.finish();
    expect(stream.writes.at(-1)).toBe('\r\u001b[2K');
  });

  it('does not draw more often than anybody can see', () => {
    let now = 0;
    const stream = recorder(true);
    const progress = new Progress(stream, { now: () => now });
    for (; now < 1000; now += 1) progress.update({ label: 'x', done: now, total: 1000 });
    expect(stream.writes).toHaveLength(10);
  });

  it('writes a plain line now and then where no terminal is', () => {
    let now = 0;
    const stream = recorder(false);
    const progress = new Progress(stream, { now: () => now });
    for (; now < 11_000; now += 100) progress.update({ label: 'x', done: now, total: null });
    progress.finish();
    expect(stream.writes).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a log must hold none.
    expect(stream.writes.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('never claims more than everything', () => {
    const stream = recorder(false);
    new Progress(stream, { now: () => 0 }).update({ label: 'x', done: 20, total: 10 });
    expect(stream.writes[0]).toContain('100 %');
  });
});

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [5_250_000, '5.3 MB'],
    [7e13, '70.0 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [61, '1 min 1 s'],
    [3725, '1 h 2 min'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});
