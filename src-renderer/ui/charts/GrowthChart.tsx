import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { UserStats } from '../../../src-contract/index.ts';
import { plural } from '../format.ts';

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayName = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));

/**
 * Takes the chart's layers out of the order of the Tab key. recharts draws into them through React's portals, whose
 * listeners for focus make a stop of every such `<g>` in Chromium.
 */
function skipLayers(chart: HTMLElement | null) {
  if (chart === null) return;
  const mark = () => {
    for (const layer of chart.querySelectorAll('g[class^="recharts-zIndex"]')) layer.setAttribute('tabindex', '-1');
  };
  const observer = new MutationObserver(mark);
  observer.observe(chart, { childList: true, subtree: true });
  mark();
  return () => observer.disconnect();
}

/** Memories written per day, by layer. */
export function GrowthChart({ growth }: { growth: UserStats['growth'] }) {
  const total = growth.reduce((sum, { working, longterm }) => sum + working + longterm, 0);
  return (
    <div
      role="img"
      aria-label={`${plural(total, 'memory', 'memories')} written in ${plural(growth.length, 'day')}`}
      className="h-36"
      ref={skipLayers}
    >
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={growth}
          margin={{ top: 4, right: 0, bottom: 0, left: 0 }}
          barCategoryGap="18%"
          accessibilityLayer={false}
        >
          <XAxis
            dataKey="day"
            height={18}
            tickFormatter={dayName}
            interval="preserveStartEnd"
            minTickGap={40}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            tick={{ fill: 'var(--faint)', fontSize: 10 }}
          />
          <YAxis
            width={32}
            allowDecimals={false}
            tickLine={false}
            axisLine={false}
            tick={{ fill: 'var(--faint)', fontSize: 10 }}
          />
          <Tooltip
            cursor={{ fill: 'var(--hover)' }}
            labelFormatter={(day) => dayName(String(day))}
            contentStyle={{
              background: 'var(--raised)',
              border: '1px solid var(--line-strong)',
              borderRadius: 6,
              fontSize: 12,
              color: 'var(--text)',
            }}
          />
          <Bar dataKey="longterm" name="Long-term" stackId="a" fill="var(--longterm)" isAnimationActive={false} />
          <Bar dataKey="working" name="Working" stackId="a" fill="var(--working)" isAnimationActive={false} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
