/** What `archon doctor` finds, with a button for what Archon can mend by itself. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, RefreshCw } from 'lucide-react';
import type { Finding } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { SecretsPanel } from '../secrets/SecretsPanel.tsx';
import { ConfirmFix } from './components/ConfirmFix.tsx';
import { FindingList } from './components/FindingList.tsx';
import { FixResultNotice } from './components/FixResultNotice.tsx';
import { groupsOf, reportOf, STATUS_TITLES, summaryOf } from './model.ts';
import { type DoctorState, useDoctor } from './use-doctor.ts';

export function DoctorView() {
  const doctor = useDoctor();
  const { query, runAgain, result, forget } = doctor;
  const { data, error, isFetching } = query;
  return (
    <div className="relative min-h-0 flex-1 space-y-3 overflow-y-auto p-3">
      <Head findings={data?.findings} checked_at={data?.checked_at} isRunning={isFetching} onRun={runAgain} />
      {result && <FixResultNotice result={result} onClose={forget} />}
      {error !== null && data !== undefined && <StaleNotice error={error} onRetry={runAgain} />}
      {data === undefined && error === null && (
        <Card aria-label="Checks" title="Looking at everything …">
          <SkeletonRows rows={8} />
        </Card>
      )}
      {data === undefined && error !== null && (
        <Card aria-label="Checks">
          <ErrorState error={error} onRetry={runAgain} />
        </Card>
      )}
      {data && <Groups findings={data.findings} doctor={doctor} />}
      <SecretsPanel />
      <ConfirmFix doctor={doctor} />
    </div>
  );
}

interface HeadProps {
  findings: readonly Finding[] | undefined;
  checked_at: string | undefined;
  isRunning: boolean;
  onRun(): void;
}

function Head({ findings, checked_at, isRunning, onRun }: HeadProps) {
  const { data: app } = useQuery(api.app.status.queryOptions());
  return (
    <div className="flex flex-wrap items-center gap-2">
      <p role="status" className="min-w-60 flex-1">
        {findings === undefined ? 'Archon looks at everything it needs.' : summaryOf(findings)}
        {checked_at !== undefined && (
          <span className="text-muted text-xs">
            {' '}
            Checked <Ago time={checked_at} />.
          </span>
        )}
      </p>
      {findings && checked_at !== undefined && (
        <CopyButton label="Copy report" text={() => reportOf(findings, { checked_at, version: app?.version ?? '' })} />
      )}
      <Button
        size="small"
        icon={<RefreshCw aria-hidden="true" className="size-3.5" />}
        busy={isRunning}
        onClick={onRun}
      >
        {isRunning ? 'Checking …' : 'Check again'}
      </Button>
    </div>
  );
}

function Groups({ findings, doctor }: { findings: readonly Finding[]; doctor: DoctorState }) {
  const isFine = findings.every(({ status }) => status === 'ok');
  return (
    <>
      {isFine && !doctor.isRunning && (
        <div className="flex items-center gap-2 rounded-lg border border-ok/40 bg-ok/10 px-3 py-2.5">
          <CircleCheck aria-hidden="true" className="size-5 text-ok" />
          <p className="font-medium">All is well. There is nothing to do.</p>
        </div>
      )}
      {groupsOf(findings).map(({ status, findings: group }) => (
        <Card key={status} aria-label={STATUS_TITLES[status]} title={`${STATUS_TITLES[status]} (${group.length})`}>
          <FindingList findings={group} doctor={doctor} />
        </Card>
      ))}
    </>
  );
}
