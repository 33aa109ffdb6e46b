import { fullTime } from '../../../../ui/format.ts';
import { useEngineNow } from '../hooks/use-engine-now.ts';
import { moment } from '../model/moment.ts';

/** When something began, and how long it has lasted, by the second. */
export function Since({ time }: { time: string }) {
  return (
    <time dateTime={time} title={fullTime(time)} className="tabular-nums">
      {moment(Date.parse(time), useEngineNow())}
    </time>
  );
}
