import { sparkBars } from './spark-bars.ts';

export interface SparkPoint {
  key: string;
  /** Null: there is nothing to measure. */
  value: number | null;
  tone: 'ok' | 'bad' | 'quiet';
  /** In words, for who points at it. */
  title: string;
}

export interface SparklineProps {
  points: readonly SparkPoint[];
  /** What it shows, in words: for those who do not see it. */
  label: string;
  /** Places for bars; the newest stands at the right. */
  slots: number;
}

const WIDTH = 240;
const HEIGHT = 28;
const FILL = { ok: 'fill-accent-text', bad: 'fill-bad', quiet: 'fill-line-strong' } as const;

/** A row of small bars. What failed differs in colour and by a mark over it. */
export function Sparkline({ points, label, slots }: SparklineProps) {
  const bars = sparkBars(
    points.map(({ value }) => value),
    { width: WIDTH, height: HEIGHT, slots },
  );
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 -6 ${WIDTH} ${HEIGHT + 6}`}
      preserveAspectRatio="none"
      className="block h-9 w-full"
    >
      {points.map(({ key, tone, title }, index) => {
        const bar = bars[index];
        if (bar === undefined) return null;
        return (
          <g key={key} className={FILL[tone]}>
            <title>{title}</title>
            {/* The whole column can be pointed at, however low its bar is. */}
            <rect x={bar.x} y={-6} width={bar.width} height={HEIGHT + 6} fill="transparent" />
            <rect {...bar} rx={1} />
            {tone === 'bad' && <rect x={bar.x} y={bar.y - 5} width={bar.width} height={3} />}
          </g>
        );
      })}
      <rect x={0} y={HEIGHT - 0.5} width={WIDTH} height={0.5} className="fill-line-strong" />
    </svg>
  );
}
