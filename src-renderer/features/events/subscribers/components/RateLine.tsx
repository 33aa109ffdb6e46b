import { linePoints } from '../model/rate-history.ts';

const [WIDTH, HEIGHT] = [56, 16];

/** How a figure went since the page was opened; the figure itself stands beside it. */
export function RateLine({ rates }: { rates: readonly number[] }) {
  return (
    <svg
      aria-hidden="true"
      viewBox={`-1 -1 ${WIDTH + 2} ${HEIGHT + 2}`}
      className="h-[18px] w-[58px] shrink-0 fill-none stroke-accent-text"
    >
      <polyline points={linePoints(rates, WIDTH, HEIGHT)} strokeWidth={1.2} strokeLinejoin="round" />
    </svg>
  );
}
