/** How a chart of lines is drawn, on the page and in a picture: the options of uPlot for it. */
import type uPlot from 'uplot';
import { type ChartColour, type ChartTheme, DASHES } from './chart-theme.ts';
import { tickWords } from './time-ticks.ts';

type Values = readonly (number | null)[];

export interface PlotLine {
  key: string;
  label: string;
  colour: ChartColour;
  values: Values;
  /** Drawn as a band behind the line. */
  range: { low: Values; high: Values } | null;
}

export interface Plot {
  /** Seconds since the epoch. */
  times: readonly number[];
  from: number;
  to: number;
  /** The last step with figures: what is told while nobody points. */
  latest: number;
  lines: readonly PlotLine[];
  /** Shaded: nothing was measured there. */
  gaps: readonly { from: number; to: number }[];
  /** A number of the scale in words. */
  words(value: number): string;
  /** Distances between the lines of the scale. */
  steps: number[];
  /** The scale ends here at least. */
  most?: number;
  /** Values are dots, and no line goes through them. */
  isDots?: boolean;
  /** Which values of a line no line leads to. */
  lone(values: Values): number[];
}

const FONT = '11px "Inter Variable", system-ui, sans-serif';
const HEADROOM = 1.08;
const SCALE_PX = 62;

/** The columns of each line among the data: the line itself, then the upper and the lower edge of its band. */
export function columnsOf(lines: readonly PlotLine[]): number[][] {
  let next = 1;
  return lines.map(({ range }) => {
    const first = next;
    next += range === null ? 1 : 3;
    return Array.from({ length: next - first }, (_, i) => first + i);
  });
}

export function plotData({ times, lines }: Plot): uPlot.AlignedData {
  const columns = lines.flatMap(({ values, range }) => (range === null ? [values] : [values, range.high, range.low]));
  return [[...times], ...columns.map((values) => [...values])];
}

/** @param plot asked anew at each drawing, so that a plot lives on when its figures change */
export function plotOptions(
  plot: () => Plot,
  theme: ChartTheme,
  size: { width: number; height: number },
  isShown: (key: string) => boolean,
): uPlot.Options {
  const { lines } = plot();
  const axis = { stroke: theme.axis, font: FONT, ticks: { show: false }, grid: { stroke: theme.grid, width: 1 } };
  return {
    ...size,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => [plot().from, plot().to] },
      y: { range: (_, __, high) => [0, scaleTop(high, plot())] },
    },
    axes: [
      { ...axis, size: 26, gap: 4, space: 70, values: (_, splits, __, ___, distance) => tickWords(splits, distance) },
      {
        ...axis,
        size: SCALE_PX,
        gap: 6,
        space: 34,
        incrs: plot().steps,
        values: (_, splits) => splits.map((value) => plot().words(value)),
      },
    ],
    series: [
      {},
      ...lines.flatMap(({ key, colour, range }, i) => {
        const show = isShown(key);
        const edge: uPlot.Series = { show, width: 0, points: { show: false } };
        const dash = DASHES[i % DASHES.length] ?? [];
        const line = plot().isDots
          ? dots(theme.lines[colour], show)
          : lineSeries(theme.lines[colour], dash, show, plot().lone);
        return range === null ? [line] : [line, edge, edge];
      }),
    ],
    bands: columnsOf(lines).flatMap(([, high, low], i) => {
      const colour = lines[i]?.colour;
      if (high === undefined || low === undefined || colour === undefined) return [];
      return [{ series: [high, low], fill: `color-mix(in srgb, ${theme.lines[colour]} 18%, transparent)` }];
    }),
    hooks: { drawClear: [(u) => shade(u, plot(), theme)] },
  };
}

function lineSeries(stroke: string, dash: readonly number[], show: boolean, lone: Plot['lone']): uPlot.Series {
  return {
    show,
    stroke,
    width: 1.5,
    dash: [...dash],
    spanGaps: false,
    points: {
      show: false,
      size: 4,
      fill: stroke,
      stroke,
      filter: (u, column) => lone((u.data[column] ?? []) as Values),
    },
  };
}

const dots = (stroke: string, show: boolean): uPlot.Series => ({
  show,
  stroke,
  width: 1,
  paths: () => null,
  points: { show: true, size: 5, fill: stroke, stroke },
});

function scaleTop(high: number | null, { most, steps }: Plot): number {
  if (most !== undefined) return most;
  return high === null || high <= 0 ? (steps.find((step) => step >= 1) ?? 1) : high * HEADROOM;
}

/** Behind everything: where nothing was measured. */
function shade({ ctx, bbox, valToPos }: uPlot, { gaps }: Plot, { gap }: ChartTheme): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = gap;
  for (const { from, to } of gaps) {
    const left = valToPos(from, 'x', true);
    ctx.fillRect(left, bbox.top, Math.max(1, valToPos(to, 'x', true) - left), bbox.height);
  }
  ctx.restore();
}
