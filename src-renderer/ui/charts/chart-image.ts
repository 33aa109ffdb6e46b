/** A chart as a picture: with its title, its range and its legend, in the colours of the theme that is shown. */
import uPlot from 'uplot';
import { type ChartTheme, DASHES, readTheme } from './chart-theme.ts';
import { type Plot, plotData, plotOptions } from './line-plot.ts';

export interface ImageWords {
  title: string;
  /** Which time it is of. */
  subtitle: string;
}

const WIDTH = 1200;
const PLOT_HEIGHT = 420;
const MARGIN = 24;
const HEAD_PX = 64;
const ROW_PX = 26;
const FONT = '"Inter Variable", system-ui, sans-serif';

/** Draws into a picture `width` pixels of CSS wide; scaled to the screen's own already. */
type Draw = (ctx: CanvasRenderingContext2D, theme: ChartTheme, top: number, width: number) => void;

/** A picture of lines. What is hidden is not in it. */
export async function lineImage(words: ImageWords, plot: Plot, hidden: ReadonlySet<string>): Promise<Blob> {
  const lines = plot.lines.filter(({ key }) => !hidden.has(key));
  const theme = readTheme();
  const drawn = await drawnApart(plot, theme, hidden);
  // The dash of a line is that of its place among all of them.
  const dashes = new Map(plot.lines.map(({ key }, i) => [key, DASHES[i % DASHES.length] ?? []]));
  return await picture(words, PLOT_HEIGHT + ROW_PX, theme, (ctx, _, top, width) => {
    ctx.drawImage(drawn, MARGIN, top, width, PLOT_HEIGHT);
    let left = MARGIN;
    for (const { key, label, colour } of lines) {
      const middle = top + PLOT_HEIGHT + ROW_PX / 2;
      ctx.strokeStyle = theme.lines[colour];
      ctx.lineWidth = 2;
      ctx.setLineDash([...(dashes.get(key) ?? [])]);
      ctx.beginPath();
      ctx.moveTo(left, middle);
      ctx.lineTo(left + 24, middle);
      ctx.stroke();
      write(ctx, label, left + 32, middle + 4, 13, theme.text);
      left += 32 + ctx.measureText(label).width + 24;
    }
  });
}

/** A picture of anything. */
export async function picture(words: ImageWords, height: number, theme: ChartTheme, draw: Draw): Promise<Blob> {
  const ratio = devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * ratio;
  canvas.height = (HEAD_PX + height + MARGIN) * ratio;
  const ctx = canvas.getContext('2d');
  if (ctx === null) throw new Error('this browser draws no pictures');
  ctx.scale(ratio, ratio);
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, WIDTH, canvas.height);
  write(ctx, words.title, MARGIN, 32, 17, theme.text, 600);
  write(ctx, words.subtitle, MARGIN, 52, 12, theme.axis);
  draw(ctx, theme, HEAD_PX, WIDTH - 2 * MARGIN);
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('the picture could not be made')) : resolve(blob)));
  });
}

export function write(
  ctx: CanvasRenderingContext2D,
  text: string,
  left: number,
  bottom: number,
  size: number,
  colour: string,
  weight = 400,
): void {
  ctx.font = `${weight} ${size}px ${FONT}`;
  ctx.fillStyle = colour;
  ctx.fillText(text, left, bottom);
}

/** The same plot, as large as the picture wants it, out of sight. */
async function drawnApart(plot: Plot, theme: ChartTheme, hidden: ReadonlySet<string>): Promise<HTMLCanvasElement> {
  const size = { width: WIDTH - 2 * MARGIN, height: PLOT_HEIGHT };
  const options = plotOptions(
    () => plot,
    theme,
    size,
    (key) => !hidden.has(key),
  );
  return await new Promise((resolve) => {
    const made = new uPlot(
      { ...options, cursor: { show: false }, hooks: { ...options.hooks, draw: [(u) => resolve(copyOf(u))] } },
      plotData(plot),
      // Without a place in the page.
      document.createElement('div'),
    );
    const copyOf = ({ ctx: { canvas } }: uPlot): HTMLCanvasElement => {
      const copy = document.createElement('canvas');
      copy.width = canvas.width;
      copy.height = canvas.height;
      copy.getContext('2d')?.drawImage(canvas, 0, 0);
      queueMicrotask(() => made.destroy());
      return copy;
    };
  });
}
