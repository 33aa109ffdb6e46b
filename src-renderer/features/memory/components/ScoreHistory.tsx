import { number } from '../../../ui/format.ts';
import type { MemoryHistory } from './MemoryDrawer.tsx';

interface Point {
  at_ms: number;
  score: number;
}

const WIDTH = 480;
const HEIGHT = 56;

/** How important or relevant a memory was over time, from its revisions. */
export function ScoreHistory({ history }: { history: MemoryHistory }) {
  const points = scorePoints(history);
  const isLongTerm = history.memory.layer === 'longterm';
  const name = isLongTerm ? 'Importance' : 'Relevance';
  const last = points.at(-1);
  if (last === undefined) return null;
  const first_ms = points[0]?.at_ms ?? 0;
  const span_ms = Math.max(1, last.at_ms - first_ms);
  const x = (at_ms: number) => ((at_ms - first_ms) / span_ms) * (WIDTH - 8) + 4;
  const y = (score: number) => HEIGHT - 4 - score * (HEIGHT - 8);
  // A score holds until it is changed: steps, not slopes. A working memory fades, so its last step is a slope.
  const path = points.reduce((line, point, index) => {
    const before = points[index - 1];
    if (before === undefined) return `M${x(point.at_ms)} ${y(point.score)}`;
    const isFading = !isLongTerm && index === points.length - 1;
    return isFading ? `${line} L${x(point.at_ms)} ${y(point.score)}` : `${line} H${x(point.at_ms)} V${y(point.score)}`;
  }, '');
  return (
    <section className="space-y-1">
      <h3 className="font-semibold text-muted text-xs">
        {name} {last.score.toFixed(2)}
      </h3>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${name} over time: ${points.map(({ score }) => score.toFixed(2)).join(', ')}`}
        className="h-14 w-full rounded-md border border-line bg-bg"
        preserveAspectRatio="none"
      >
        <path
          d={path}
          fill="none"
          vectorEffect="non-scaling-stroke"
          strokeWidth="2"
          className={isLongTerm ? 'stroke-longterm' : 'stroke-working'}
        />
      </svg>
      {points.length > 2 && <p className="text-[11px] text-faint">{number(points.length - 1)} changes</p>}
    </section>
  );
}

/** The score at each time it is known, oldest first: a revision tells what was before its change. */
function scorePoints({ memory, revisions }: MemoryHistory): Point[] {
  const name = memory.layer === 'longterm' ? 'importance_score' : 'relevance_score';
  const scoreNow = memory.layer === 'longterm' ? memory.importance_score : memory.relevance_score;
  const points: Point[] = [];
  let since_ms = Date.parse(memory.created_at);
  for (const { before, created_at } of revisions.toReversed()) {
    const score = before[name];
    if (typeof score === 'number' && score !== points.at(-1)?.score) points.push({ at_ms: since_ms, score });
    since_ms = Date.parse(created_at);
  }
  if (points.at(-1)?.score !== scoreNow || points.length === 0) points.push({ at_ms: since_ms, score: scoreNow });
  points.push({ at_ms: Date.now(), score: scoreNow });
  return points;
}
