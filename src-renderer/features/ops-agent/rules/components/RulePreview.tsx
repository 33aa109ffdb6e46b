/** What a rule would have done, by what was recorded: how often, when, how bad, and how it is now. */
import { useId, useState } from 'react';
import type { OpsRuleDraft, OpsRulePreview, OpsSignalName } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Spinner } from '../../../../ui/Button.tsx';
import { longDuration } from '../../../../ui/duration.ts';
import { number, plural } from '../../../../ui/format.ts';
import { exactTime, momentOf } from '../../../../ui/moment.ts';
import { ErrorState } from '../../../../ui/states.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { LabelChips } from '../../words/LabelChips.tsx';
import { signalValue } from '../../words/signal-value.ts';
import { useRulePreview } from '../hooks/use-rule-preview.ts';

const HOURS = ['24', '72', '168'] as const;
const HOURS_NAMES: Readonly<Record<(typeof HOURS)[number], string>> = { '24': '24 h', '72': '3 d', '168': '7 d' };
/** Series that are named one by one. */
const MOST_SERIES = 30;

export interface RulePreviewProps {
  /** Undefined while something in it is not right. */
  draft: OpsRuleDraft | undefined;
  /** Of the first condition, whose values are shown. */
  signal: OpsSignalName;
}

export function RulePreview({ draft, signal }: RulePreviewProps) {
  const heading = useId();
  const [hours, setHours] = useState<(typeof HOURS)[number]>('24');
  const { query, isBehind } = useRulePreview(draft, Number(hours));
  return (
    <section aria-labelledby={heading} className="space-y-3">
      <div className="flex flex-wrap items-center gap-2">
        <h4 id={heading} className="flex flex-1 items-center gap-2 font-semibold text-[13px]">
          Preview {draft !== undefined && isBehind && <Spinner className="text-faint" />}
        </h4>
        <Segmented<(typeof HOURS)[number]>
          label="Time of the preview"
          value={hours}
          options={HOURS.map((value) => ({ value, label: HOURS_NAMES[value] }))}
          onChange={setHours}
        />
      </div>
      {draft === undefined ? (
        <p className="text-faint text-xs">It is shown as soon as the rule is complete.</p>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} className="py-2" />
      ) : query.data === undefined ? (
        <p role="status" className="text-faint text-xs">
          Looking at what was recorded …
        </p>
      ) : (
        <div aria-busy={isBehind} className="space-y-3">
          <Told preview={query.data} signal={signal} />
        </div>
      )}
    </section>
  );
}

/** That of the answer, which may be older than what is chosen: `24 h`. */
function spanOf({ from, to }: OpsRulePreview): string {
  const hours = Math.round((Date.parse(to) - Date.parse(from)) / 3_600_000);
  return HOURS_NAMES[HOURS.find((each) => Number(each) === hours) ?? '24'];
}

function Told({ preview, signal }: { preview: OpsRulePreview; signal: OpsSignalName }) {
  const { rounds, firings, count, now } = preview;
  const hours = spanOf(preview);
  return (
    <>
      <p role="status">
        {rounds === 0 ? (
          'Nothing was recorded in this time: the agent has not looked.'
        ) : count === 0 ? (
          `It would not have fired in the last ${hours}.`
        ) : (
          <>
            It would have fired <strong>{plural(count, 'time')}</strong> in the last {hours}.
          </>
        )}
        <span className="block text-faint text-xs">By {plural(rounds, 'look')} that are recorded.</span>
      </p>
      {firings.length > 0 && (
        <section className="space-y-1">
          <h5 className="font-semibold text-muted text-xs">
            When{firings.length < count && `: the last ${number(firings.length)}`}
          </h5>
          <ol
            aria-label="When it would have fired"
            tabIndex={0}
            className="max-h-64 divide-y divide-line overflow-y-auto rounded-md border border-line text-xs"
          >
            {firings.toReversed().map(({ labels, started_at, ended_at, worst }) => (
              <li key={`${started_at} ${JSON.stringify(labels)}`} className="space-y-0.5 px-2 py-1.5">
                <p className="flex gap-2 tabular-nums">
                  <time dateTime={started_at} title={exactTime(started_at)} className="flex-1">
                    {momentOf(started_at)}
                  </time>
                  <span className="text-muted">
                    {ended_at === null ? 'still' : `for ${longDuration(Date.parse(ended_at) - Date.parse(started_at))}`}
                  </span>
                </p>
                <p className="flex items-center gap-2 text-muted">
                  worst {signalValue(signal, worst)} <LabelChips labels={labels} />
                </p>
              </li>
            ))}
          </ol>
        </section>
      )}
      <section className="space-y-1">
        <h5 className="font-semibold text-muted text-xs">Now, by the first condition</h5>
        {now.length === 0 ? (
          <p className="text-faint text-xs">Nothing is observed of it at the moment.</p>
        ) : (
          <ul aria-label="As it is now" className="max-h-64 space-y-1 overflow-y-auto text-xs" tabIndex={0}>
            {now.slice(0, MOST_SERIES).map(({ labels, value, holds }) => (
              <li key={JSON.stringify(labels)} className="flex items-center gap-2">
                <Badge tone={holds ? 'bad' : 'ok'} className="shrink-0">
                  {holds ? 'holds' : 'does not hold'}
                </Badge>
                <span className="shrink-0 tabular-nums">{signalValue(signal, value)}</span>
                <LabelChips labels={labels} />
              </li>
            ))}
            {now.length > MOST_SERIES && <li className="text-faint">and {number(now.length - MOST_SERIES)} more</li>}
          </ul>
        )}
      </section>
    </>
  );
}
