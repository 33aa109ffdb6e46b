/** Timing: medians over runs, ratios within one run. These are the only figures worth quoting on a noisy machine. */

/** Counted runs of every measure. */
export const RUNS = 5;

export interface Figures {
  p50_ms: number;
  p95_ms: number;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Milliseconds each of `count` calls took. */
async function timeEach(count: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await work(index);
    times.push(performance.now() - began);
  }
  return times;
}

/** Medians over {@link RUNS} runs, after one that is not counted, of each run's p50 and p95. */
export async function measure(count: number, work: (index: number) => Promise<unknown>): Promise<Figures> {
  await timeEach(Math.min(count, 50), work);
  const runs: number[][] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await timeEach(count, (index) => work(index + run * count)));
  return {
    p50_ms: median(runs.map((times) => percentile(times, 0.5))),
    p95_ms: median(runs.map((times) => percentile(times, 0.95))),
  };
}

/** Calls in a row of each side: a single call would find the caches of its database session cold. */
const BLOCK = 20;

/**
 * Measures work against a floor in blocks that take turns (floor, work, work, floor), so that both meet the same moods of
 * the machine, and neither is always the one that comes first.
 *
 * @param count calls of each side per run, a multiple of twice {@link BLOCK}
 * @returns figures of both, and the median of the ratios of the blocks that ran side by side
 */
export async function measureAgainst(
  count: number,
  work: (index: number) => Promise<unknown>,
  floor: (index: number) => Promise<unknown>,
): Promise<{ work: Figures; floor: Figures; ratio: number }> {
  const runs: { work: number[]; floor: number[] }[] = [];
  const ratios: number[] = [];
  for (let run = -1; run < RUNS; run += 1) {
    const times = { work: [] as number[], floor: [] as number[] };
    for (let pair = 0; pair * BLOCK < count; pair += 1) {
      const first = (run + 1) * count + pair * BLOCK;
      const sides = pair % 2 === 0 ? (['floor', 'work'] as const) : (['work', 'floor'] as const);
      const blocks = { work: [] as number[], floor: [] as number[] };
      for (const side of sides) {
        const call = side === 'work' ? work : floor;
        blocks[side] = await timeEach(BLOCK, (index) => call(first + index));
        times[side].push(...blocks[side]);
      }
      if (run >= 0) ratios.push(median(blocks.work) / median(blocks.floor));
    }
    if (run >= 0) runs.push(times);
  }
  const figures = (side: 'work' | 'floor'): Figures => ({
    p50_ms: median(runs.map((times) => percentile(times[side], 0.5))),
    p95_ms: median(runs.map((times) => percentile(times[side], 0.95))),
  });
  return { work: figures('work'), floor: figures('floor'), ratio: median(ratios) };
}

/** One line of the result: a measure on a store, with its floor where it has one. */
export interface Row {
  measure: string;
  store: string;
  p50?: number;
  p95?: number;
  floor_p50?: number;
  ratio?: number;
  unit: 'ms' | 'kB' | 'MB' | 'ratio' | '1/s';
}

export function printTable(rows: readonly Row[]): void {
  const number = (value: number | undefined) => (value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1));
  const cells = rows.map((row) => [
    row.measure,
    row.store,
    number(row.p50),
    number(row.p95),
    number(row.floor_p50),
    number(row.ratio),
    row.unit,
  ]);
  const heads = ['measure', 'store', 'p50', 'p95', 'floor p50', 'ratio', 'unit'];
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, column) => (column < 2 ? part.padEnd(widths[column] ?? 0) : part.padStart(widths[column] ?? 0)))
      .join('  ');
  console.log([line(heads), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n'));
}
