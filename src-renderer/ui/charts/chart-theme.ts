/** Colours for a canvas, which knows no variables of CSS: read from the page in the theme that is shown. */

export const CHART_COLOURS = ['accent-text', 'session', 'warn', 'ok', 'bad', 'muted'] as const;
/** The name of a variable of the theme. */
export type ChartColour = (typeof CHART_COLOURS)[number];

export interface ChartTheme {
  lines: Readonly<Record<ChartColour, string>>;
  background: string;
  text: string;
  axis: string;
  grid: string;
  gap: string;
}

/** How lines are dashed, by their place: two of a chart differ without their colours. */
export const DASHES: readonly (readonly number[])[] = [[], [10, 3], [3, 3], [10, 3, 3, 3], [5, 5]];

export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    lines: {
      'accent-text': colour('accent-text'),
      session: colour('session'),
      warn: colour('warn'),
      ok: colour('ok'),
      bad: colour('bad'),
      muted: colour('muted'),
    },
    background: colour('surface'),
    text: colour('text'),
    axis: colour('faint'),
    grid: colour('line'),
    gap: colour('hover'),
  };
}
