/** The circuit breakers: a line for each service, with how its breaker is now. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import type { Setting } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { cx } from '../../../../ui/classes.ts';
import { BreakerBadge } from '../../../observability/health/components/BreakerBadge.tsx';
import { isForWebhooks, realBreakers, SERVICE_NAMES } from '../../../observability/health/model/service-words.ts';
import { rowId, type SettingsForm } from '../hooks/use-settings-form.ts';
import type { BreakerRow } from '../model/breaker-rows.ts';
import { shownTyped } from '../model/drafts.ts';
import { isChanged, stateOf, valueText } from '../model/setting-words.ts';
import { SettingControl } from './SettingControl.tsx';
import { RowButtons, SettingNotes } from './SettingRow.tsx';
import { StateDot } from './StateDot.tsx';

export interface BreakerTableProps {
  rows: readonly BreakerRow[];
  form: SettingsForm;
  /** The key that is gone to. */
  goal: string | undefined;
}

export function BreakerTable({ rows, form, goal }: BreakerTableProps) {
  return (
    <table className="w-full table-fixed border-collapse border-line border-b">
      <caption className="sr-only">Circuit breakers</caption>
      <thead>
        <tr className="border-line border-b text-left text-[11px] text-faint">
          <th className="w-[24%] px-4 py-1.5 font-medium">Service</th>
          <th className="w-[15%] px-2 py-1.5 font-medium">On</th>
          <th className="w-[37%] px-2 py-1.5 font-medium">Opens after failures in a row</th>
          <th className="px-2 py-1.5 pr-4 font-medium">Tried again after seconds</th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr key={row.service} className="align-top">
            <th scope="row" className="px-4 py-2 text-left font-medium">
              <span className="flex min-h-8 flex-wrap items-center gap-2">
                {SERVICE_NAMES[row.service]}
                <LiveState service={row.service} />
              </span>
            </th>
            <Cell setting={row.enabled} form={form} goal={goal} />
            <Cell setting={row.threshold} form={form} goal={goal} />
            <Cell setting={row.reset_seconds} form={form} goal={goal} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LiveState({ service }: { service: BreakerRow['service'] }) {
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  // The watch of the app reads it again and again.
  const { data, isError } = useQuery(api.resilience.list.queryOptions());
  const database = useQuery(api.app.status.queryOptions()).data?.database.kind;
  const breaker = data?.items.find(({ name }) => name === service);
  if (breaker === undefined || database === undefined) return null;
  if (!breaker.in_use || realBreakers([breaker], database === 'embedded').length === 0)
    return <Badge>not used here</Badge>;
  if (isForWebhooks(breaker)) return <Badge title="Each webhook has a breaker of its own.">one each</Badge>;
  return (
    <Link to="/observability" search={{ breaker: breaker.name }} aria-label={`Breaker of ${SERVICE_NAMES[service]}`}>
      <BreakerBadge breaker={breaker} isCurrent={isOnline && !isError} />
    </Link>
  );
}

function Cell({ setting, form, goal }: { setting: Setting; form: SettingsForm; goal: string | undefined }) {
  const id = useId();
  const noteId = useId();
  const draft = form.drafts.get(setting.key);
  const problem = form.problems.get(setting.key);
  const isQuiet = draft === undefined && setting.locked === null && !isChanged(setting);
  return (
    <td id={rowId(setting.key)} className={cx('px-2 py-2', goal === setting.key && 'bg-accent-soft/50')}>
      <label htmlFor={id} className="sr-only">
        {setting.title}
      </label>
      <div className="flex min-h-8 items-center gap-1.5">
        <StateDot state={stateOf(setting, draft, problem)} />
        <div className="min-w-0 flex-1">
          <SettingControl
            setting={setting}
            typed={shownTyped(setting, draft)}
            id={id}
            noteId={noteId}
            isCompact
            isInvalid={problem !== undefined}
            disabled={setting.locked !== null}
            suggestions={[]}
            onType={(typed) => form.type(setting, typed)}
            onForget={() => form.discard([setting])}
          />
        </div>
        {/* Its place is kept, so that nothing moves while somebody drags. */}
        <span className="w-7 shrink-0">
          <RowButtons setting={setting} form={form} />
        </span>
      </div>
      <div id={noteId} className="text-[11px] text-faint [overflow-wrap:anywhere]">
        {problem !== undefined && (
          <p role="alert" className="text-bad text-xs">
            {problem}
          </p>
        )}
        {isQuiet ? (
          <span className="sr-only">Default: {valueText(setting.kind, setting.default)}</span>
        ) : (
          <SettingNotes setting={setting} form={form} />
        )}
      </div>
    </td>
  );
}
