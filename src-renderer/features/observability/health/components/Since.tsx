import { fullTime } from '../../../../ui/format.ts';
import { useNow } from '../../../../ui/use-now.ts';
import { moment } from '../model/moment.ts';

/** When something began, and how long it has lasted, by the second. */
export function Since({ time }: { time: string }) {
  return (
    <time dateTime={time} title={fullTime(time)} className="tabular-nums">
      {moment(Date.parse(time), useNow())}
    </time>
  );
}
