/** How the states of a breaker look: on the page, and in a picture. */
import type { BreakerStateName } from '../../../../../src-contract/resilience.ts';
import { type ImageWords, picture, write } from '../../../../ui/charts/chart-image.ts';
import { type ChartColour, readTheme } from '../../../../ui/charts/chart-theme.ts';
import { roundTimes, tickWords } from '../../../../ui/charts/time-ticks.ts';
import type { Frame, Stretch } from '../model/chart-data.ts';
import { STATE_WORDS, shortName, type TimelineRow } from '../model/timeline.ts';

export const SEGMENT_LOOKS: Readonly<Record<BreakerStateName, { className: string; colour: ChartColour }>> = {
  closed: { className: 'bg-ok/20 text-ok', colour: 'ok' },
  half_open: { className: 'border border-warn border-dashed bg-warn/20 text-warn !leading-3.5', colour: 'warn' },
  open: { className: 'bg-bad-fill text-white', colour: 'bad' },
  isolated: {
    className:
      'border border-muted bg-[repeating-linear-gradient(135deg,var(--hover)_0_4px,var(--surface)_4px_8px)] text-text !leading-3.5',
    colour: 'muted',
  },
};

const ROW = 30;
const NAME_PX = 110;
const AXIS_PX = 24;
const LEFT = 24;

export async function timelineImage(
  words: ImageWords,
  { from, to }: Frame,
  rows: readonly TimelineRow[],
  gaps: readonly Stretch[],
): Promise<Blob> {
  return await picture(words, rows.length * ROW + AXIS_PX, readTheme(), (ctx, theme, top, width) => {
    const track = width - NAME_PX;
    const x = (time: number) => LEFT + NAME_PX + ((time - from) / (to - from)) * track;
    ctx.fillStyle = theme.gap;
    for (const gap of gaps) ctx.fillRect(x(gap.from), top, x(gap.to) - x(gap.from), rows.length * ROW);
    rows.forEach(({ name, segments }, i) => {
      const y = top + i * ROW;
      write(ctx, shortName(name), LEFT, y + 20, 12, theme.text);
      for (const segment of segments) {
        const wide = Math.max(1, x(segment.to) - x(segment.from));
        const colour = theme.lines[SEGMENT_LOOKS[segment.state].colour];
        ctx.globalAlpha = segment.state === 'closed' ? 0.25 : 0.85;
        ctx.fillStyle = colour;
        ctx.fillRect(x(segment.from), y + 6, wide, ROW - 12);
        ctx.globalAlpha = 1;
        const label = STATE_WORDS[segment.state];
        const isDark = segment.state !== 'closed';
        ctx.font = '11px sans-serif';
        if (ctx.measureText(label).width + 8 < wide) {
          write(ctx, label, x(segment.from) + 4, y + 19, 11, isDark ? theme.background : theme.text);
        }
      }
    });
    const { times, distance } = roundTimes(from, to, 10);
    tickWords(times, distance).forEach((tick, i) => {
      write(ctx, tick, x(times[i] ?? from) - 14, top + rows.length * ROW + 18, 11, theme.axis);
    });
  });
}
