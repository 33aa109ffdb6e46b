/** Every number of the last look, by monitor. */
import { useQuery } from '@tanstack/react-query';
import { useId, useRef } from 'react';
import type { OpsObservation } from '../../../../../src-contract/index.ts';
import { OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { api } from '../../../../rpc/client.ts';
import { Card } from '../../../../ui/Card.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { number, plural } from '../../../../ui/format.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { useLive } from '../../views/use-live.ts';
import { LabelChips } from '../../words/LabelChips.tsx';
import { labelWords } from '../../words/labels.ts';
import { signalValue } from '../../words/signal-value.ts';
import { type SignalGroup, signalGroups } from '../model/signal-groups.ts';

const EVERY_MS = 30_000;
const DETAIL_SHOWN = 200;
/** Of one monitor: hundreds of tables of a database would make the page crawl. */
const ROWS_SHOWN = 100;

export interface SignalsCardProps {
  find: string | undefined;
  onFind(find: string | undefined): void;
  /** What a monitor is called. */
  titleOf(monitor: SignalGroup['monitor']): string;
}

export function SignalsCard({ find, onFind, titleOf }: SignalsCardProps) {
  const query = useQuery(api.ops.signals.queryOptions(useLive(EVERY_MS)));
  const inputRef = useRef<HTMLInputElement>(null);
  const { data } = query;
  const groups = data === undefined ? [] : signalGroups(data.items, find ?? '');
  return (
    <Card
      aria-label="Signals"
      title={
        <>
          Signals
          {data?.at && (
            <span className="font-normal text-muted text-xs">
              {' '}
              · {plural(data.items.length, 'number')}, <Ago time={data.at} />
            </span>
          )}
        </>
      }
      actions={
        <div className="w-64 py-1">
          <FilterText
            label="Find signals"
            placeholder="Find by name, label or value"
            maxLength={200}
            value={find}
            onChange={onFind}
            inputRef={inputRef}
          />
        </div>
      }
    >
      {query.error && data && (
        <div className="p-2">
          <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {data === undefined ? (
        query.isPending ? (
          <SkeletonRows rows={4} />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : groups.length === 0 ? (
        <p className="p-3 text-muted">
          {data.items.length === 0 ? 'Nothing was observed yet.' : 'No signal has these words.'}
        </p>
      ) : (
        groups.map((group) => <Group key={group.monitor} group={group} title={titleOf(group.monitor)} />)
      )}
    </Card>
  );
}

function Group({ group: { observations }, title }: { group: SignalGroup; title: string }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-line border-b last:border-b-0">
      <h3 id={id} className="bg-raised px-3 py-1 font-medium text-[11px] text-muted">
        {title}
      </h3>
      <table className="w-full table-fixed text-left text-xs">
        <thead className="sr-only">
          <tr>
            <th scope="col">Signal</th>
            <th scope="col">Value</th>
            <th scope="col">Labels</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {observations.slice(0, ROWS_SHOWN).map((observation) => (
            <SignalRow key={`${observation.signal} ${labelWords(observation.labels)}`} observation={observation} />
          ))}
        </tbody>
      </table>
      {observations.length > ROWS_SHOWN && (
        <p className="px-3 py-1.5 text-muted text-xs">
          and {number(observations.length - ROWS_SHOWN)} more: find them by their name or labels
        </p>
      )}
    </section>
  );
}

function SignalRow({ observation: { signal, labels, value, detail } }: { observation: OpsObservation }) {
  const { title, description } = OPS_SIGNALS[signal];
  return (
    <tr className="border-line/60 border-t first:border-t-0">
      <th scope="row" title={`${signal}: ${description}`} className="w-[30%] px-3 py-1 align-top font-normal">
        {title}
      </th>
      <td className="w-[16%] px-3 py-1 text-right align-top font-medium tabular-nums">{signalValue(signal, value)}</td>
      <td className="w-[30%] px-3 py-1 align-top">
        <LabelChips labels={labels} />
      </td>
      <td className="px-3 py-1 align-top text-muted [overflow-wrap:anywhere]">
        {detail !== null && localTimes(excerpt(detail, DETAIL_SHOWN))}
      </td>
    </tr>
  );
}
