import type { OpsStatus } from '../../../../../src-contract/index.ts';
import { Badge, type Tone } from '../../../../ui/Badge.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { cx } from '../../../../ui/classes.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { duration } from '../../../../ui/duration.ts';
import { number } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';

type Monitor = OpsStatus['monitors'][number];

const STATES: Readonly<Record<Monitor['state'], { label: string; tone: Tone }>> = {
  ok: { label: 'Answers', tone: 'ok' },
  failed: { label: 'Failed', tone: 'bad' },
  timed_out: { label: 'Too slow', tone: 'bad' },
  not_yet: { label: 'Not yet asked', tone: 'plain' },
};
const ERROR_SHOWN = 600;
const CELL = 'px-3 py-1.5 align-top';

/** What the agent sees with, and whether that sees. */
export function MonitorsTable({ monitors }: { monitors: readonly Monitor[] }) {
  return (
    <Card title="Monitors" aria-label="Monitors">
      {monitors.length === 0 ? (
        <p className="p-3 text-muted">None is asked in this process.</p>
      ) : (
        <table className="w-full table-fixed text-left text-xs">
          <thead className="text-[11px] text-faint">
            <tr className="border-line border-b">
              <th scope="col" className="px-3 py-1.5 font-normal">
                Monitor
              </th>
              <th scope="col" className="w-28 px-3 py-1.5 font-normal">
                State
              </th>
              <th scope="col" className="w-20 px-3 py-1.5 text-right font-normal">
                Took
              </th>
              <th scope="col" className="w-24 px-3 py-1.5 text-right font-normal">
                Observed
              </th>
              <th scope="col" className="w-24 px-3 py-1.5 text-right font-normal">
                Asked
              </th>
            </tr>
          </thead>
          {monitors.map((monitor) => (
            <MonitorRows key={monitor.monitor} monitor={monitor} />
          ))}
        </table>
      )}
    </Card>
  );
}

/** What went wrong with it stands under it, over the whole width. */
function MonitorRows({ monitor: { title, state, duration_ms, observations, at, error } }: { monitor: Monitor }) {
  const { label, tone } = STATES[state];
  return (
    <tbody className="border-line/60 border-b last:border-b-0">
      <tr>
        <th scope="row" className={cx(CELL, 'font-medium [overflow-wrap:anywhere]')}>
          {visibleText(title)}
        </th>
        <td className={CELL}>
          <Badge tone={tone}>{label}</Badge>
        </td>
        <td className={cx(CELL, 'text-right tabular-nums')}>{duration_ms === null ? '–' : duration(duration_ms)}</td>
        <td className={cx(CELL, 'text-right tabular-nums')}>{number(observations)}</td>
        <td className={cx(CELL, 'text-right')}>{at === null ? '–' : <Ago time={at} />}</td>
      </tr>
      {error !== null && (
        <tr>
          <td colSpan={5} className="px-3 pb-1.5 text-[11px] text-bad [overflow-wrap:anywhere]">
            {localTimes(excerpt(error, ERROR_SHOWN))}
          </td>
        </tr>
      )}
    </tbody>
  );
}
