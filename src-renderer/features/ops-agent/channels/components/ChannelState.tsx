import type { OpsChannel } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { number } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { isFailing, standingOf } from '../model/channel-words.ts';

/** How a channel does: what is in its way, when it sent last, what waits. */
export function ChannelState({ channel }: { channel: OpsChannel }) {
  const { problem, last_sent_at, last_failure, sent_last_hour, most_per_hour, waiting } = channel;
  const standing = standingOf(channel);
  const isUsed = standing !== 'not_set_up' || last_sent_at !== null || waiting > 0;
  return (
    <div className="space-y-0.5 text-xs">
      {problem !== null && (
        <p className={`content-text ${standing === 'broken' ? 'text-warn' : 'text-muted'}`}>{visibleText(problem)}</p>
      )}
      {last_failure !== null && (
        <p className={`content-text ${isFailing(channel) ? 'text-bad' : 'text-muted'}`}>
          Failed <Ago time={last_failure.at} />: {visibleText(last_failure.error)}
        </p>
      )}
      {isUsed && (
        <p className="flex flex-wrap gap-x-3 text-muted tabular-nums">
          <span>
            {last_sent_at === null ? (
              'nothing sent yet'
            ) : (
              <>
                sent last <Ago time={last_sent_at} />
              </>
            )}
          </span>
          <span>
            {number(sent_last_hour)} of {number(most_per_hour)} in the last hour
          </span>
          {waiting > 0 && <span>{number(waiting)} waiting</span>}
        </p>
      )}
    </div>
  );
}
