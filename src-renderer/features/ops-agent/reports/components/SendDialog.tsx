/** Through which channel a report is sent. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import type { OpsChannel, OpsReportEntry } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field } from '../../../../ui/fields.tsx';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import type { ReportSteering } from '../hooks/use-report-steering.ts';

export interface SendDialogProps {
  report: OpsReportEntry;
  steering: ReportSteering;
  onClose(): void;
}

const ALL = '';

export function SendDialog({ report, steering, onClose }: SendDialogProps) {
  const formId = useId();
  const query = useQuery(api.opsChannels.list.queryOptions({ staleTime: 0 }));
  const channels = query.data?.items.filter(({ enabled }) => enabled);
  const takers = channels?.filter(({ send_reports }) => send_reports) ?? [];
  const [chosen, setChosen] = useState<string>();
  // All of those that take reports; where there are none, the first there is.
  const channel = chosen ?? (takers.length > 0 ? ALL : (channels?.[0]?.id ?? ALL));
  const { blocked: offline } = steering;
  const isBusy = steering.busy === 'send';
  const blocked =
    offline ??
    (channels === undefined || channels.length === 0 ? 'There is no channel to send it through.' : undefined);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (blocked === undefined && (await steering.send(report.id, channel === ALL ? undefined : channel))) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && !isBusy && onClose()}
      title="Send the report"
      width="max-w-md"
      footer={
        <>
          <Button disabled={isBusy} onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit" form={formId} busy={isBusy} blocked={blocked}>
            Send
          </Button>
        </>
      }
    >
      {channels === undefined ? (
        query.isPending ? (
          <SkeletonRows rows={1} className="p-0" />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : channels.length === 0 ? (
        <p className="text-muted">
          No channel is switched on.{' '}
          <Link to="/ops-agent/channels" onClick={onClose} className="text-accent-text underline underline-offset-2">
            Set one up
          </Link>
          , such as mail or Slack.
        </p>
      ) : (
        <form id={formId} noValidate onSubmit={(event) => void submit(event)} className="space-y-3">
          <Field label="Through" help={helpOf(channels, channel)}>
            {(props) => (
              <select
                {...props}
                value={channel}
                onChange={({ target }) => setChosen(target.value)}
                className="h-8 w-full rounded-md border border-line bg-bg px-2"
              >
                {takers.length > 0 && <option value={ALL}>Every channel that takes reports ({takers.length})</option>}
                {channels.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {visibleText(name)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </form>
      )}
    </Dialog>
  );
}

function helpOf(channels: readonly OpsChannel[], chosen: string): string {
  const used = channels.filter(({ id, send_reports }) => (chosen === ALL ? send_reports : id === chosen));
  const troubles = used.filter(({ problem }) => problem !== null);
  if (troubles.length > 0) {
    return troubles
      .map(({ name, problem }) => `${visibleText(name)} cannot send now: ${visibleText(problem ?? '')}`)
      .join(' ');
  }
  if (chosen === ALL) return `${used.map(({ name }) => visibleText(name)).join(', ')}.`;
  return 'It is sent at once, and tried again if that fails.';
}
