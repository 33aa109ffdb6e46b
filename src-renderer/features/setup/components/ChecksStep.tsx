/** What the doctor finds, and what it can mend by itself. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import type { Finding } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { plural } from '../../../ui/format.ts';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';

export function ChecksStep() {
  const { data, error, isFetching, refetch } = useQuery(api.doctor.run.queryOptions({ staleTime: 0, retry: false }));
  if (data === undefined) {
    return error && !isFetching ? (
      <ErrorState error={error} onRetry={() => void refetch()} />
    ) : (
      <SkeletonRows rows={6} />
    );
  }
  const open = data.findings.filter(({ status }) => status !== 'ok').length;
  return (
    <>
      <div className="flex items-center gap-3">
        <p role="status" className="flex-1 text-muted">
          {open === 0 ? 'Everything Archon needs is there.' : `${plural(open, 'thing')} to look at.`}
        </p>
        <Button size="small" busy={isFetching} onClick={() => void refetch()}>
          Look again
        </Button>
      </div>
      <ul aria-label="Checks" className="divide-y divide-line rounded-xl border border-line bg-surface">
        {data.findings.map((finding) => (
          <FindingRow key={finding.check} finding={finding} />
        ))}
      </ul>
    </>
  );
}

const ICONS: Readonly<Record<Finding['status'], ReactNode>> = {
  ok: <CircleCheck role="img" aria-label="ok" className="size-4 text-ok" />,
  warning: <TriangleAlert role="img" aria-label="warning" className="size-4 text-warn" />,
  failed: <CircleAlert role="img" aria-label="failed" className="size-4 text-bad" />,
};

function FindingRow({ finding: { check, status, detail, advice, fix } }: { finding: Finding }) {
  return (
    <li className="flex items-start gap-3 px-4 py-2.5">
      <span className="mt-0.5 shrink-0">{ICONS[status]}</span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{visibleText(check)}</p>
        <p className="content-text text-muted text-xs">{visibleText(detail)}</p>
        {advice !== null && <p className="content-text text-xs">{visibleText(advice)}</p>}
      </div>
      {fix !== null && <FixButton fix={fix} />}
    </li>
  );
}

function FixButton({ fix: { fix_id, label, confirm } }: { fix: NonNullable<Finding['fix']> }) {
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const mend = async () => {
    setBusy(true);
    try {
      const { done } = await client.doctor.fix({ fix_id });
      toast.success(visibleText(done));
      setAsking(false);
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
    void queryClient.invalidateQueries({ queryKey: api.doctor.key() });
  };
  return (
    <>
      <Button size="small" busy={busy} onClick={() => (confirm === null ? void mend() : setAsking(true))}>
        {visibleText(label)}
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`${visibleText(label)}?`}
        action={visibleText(label)}
        busy={busy}
        onConfirm={() => void mend()}
      >
        {confirm === null ? null : visibleText(confirm)}
      </Confirm>
    </>
  );
}
