/** What happened to an alert, the newest first. */
import type { OpsTimelineEntry } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { exactTime, momentOf } from '../../../../ui/moment.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import { TIMELINE } from '../model/alert-words.ts';

const MOST = 200;

export interface AlertTimelineProps {
  timeline: readonly OpsTimelineEntry[];
  onDelivery(id: string): void;
  onAction(id: string): void;
}

export function AlertTimeline({ timeline, onDelivery, onAction }: AlertTimelineProps) {
  if (timeline.length === 0) return <EmptyState title="Nothing is noted of it" />;
  return (
    <>
      <ol aria-label="What happened" className="relative ml-1 border-line border-l">
        {timeline.toReversed().map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two entries can be alike but for their place.
          <li key={`${entry.at} ${index}`} className="relative pb-3 pl-4">
            <span
              aria-hidden="true"
              className={cx('absolute top-1.5 -left-[4.5px] size-2 rounded-full', TIMELINE[entry.kind].dot)}
            />
            <p className="flex items-baseline gap-2 text-xs">
              <span className="font-medium">{TIMELINE[entry.kind].label}</span>
              {entry.by !== null && (
                <span dir="auto" className="one-line text-muted">
                  {visibleText(entry.by)}
                </span>
              )}
              <span className="flex-1" />
              <time
                dateTime={entry.at}
                title={exactTime(entry.at)}
                className="shrink-0 text-[11px] text-faint tabular-nums"
              >
                {momentOf(entry.at)}
              </time>
            </p>
            <p dir="auto" className="content-text text-muted">
              {visibleText(entry.text)}
            </p>
            <Reference entry={entry} onDelivery={onDelivery} onAction={onAction} />
          </li>
        ))}
      </ol>
      {timeline.length >= MOST && <p className="text-faint text-xs">Only the last {MOST} are kept.</p>}
    </>
  );
}

function Reference({
  entry: { kind, ref },
  onDelivery,
  onAction,
}: Pick<AlertTimelineProps, 'onDelivery' | 'onAction'> & { entry: OpsTimelineEntry }) {
  if (ref === null) return null;
  const look = 'text-accent-text text-xs underline underline-offset-2';
  if (kind === 'action') {
    return (
      <button type="button" className={look} onClick={() => onAction(ref)}>
        What was done
      </button>
    );
  }
  if (kind !== 'notified' && kind !== 'not_notified') return null;
  return (
    <button type="button" className={look} onClick={() => onDelivery(ref)}>
      Why, and what became of it
    </button>
  );
}
