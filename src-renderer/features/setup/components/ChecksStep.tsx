/** What the doctor finds, and what it can mend by itself. */
import { Button } from '../../../ui/Button.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { ConfirmFix } from '../../settings/doctor/components/ConfirmFix.tsx';
import { FindingList } from '../../settings/doctor/components/FindingList.tsx';
import { FixResultNotice } from '../../settings/doctor/components/FixResultNotice.tsx';
import { groupsOf, summaryOf } from '../../settings/doctor/model.ts';
import { useDoctor } from '../../settings/doctor/use-doctor.ts';

export function ChecksStep() {
  const doctor = useDoctor();
  const { query, runAgain, result, forget } = doctor;
  const { data, error, isFetching } = query;
  if (data === undefined) {
    return error && !isFetching ? <ErrorState error={error} onRetry={runAgain} /> : <SkeletonRows rows={6} />;
  }
  const findings = groupsOf(data.findings).flatMap((group) => group.findings);
  return (
    <>
      <div className="flex items-center gap-3">
        <p role="status" className="flex-1 text-muted">
          {summaryOf(findings)}
        </p>
        <Button size="small" busy={isFetching} onClick={runAgain}>
          Look again
        </Button>
      </div>
      {result && <FixResultNotice result={result} onClose={forget} />}
      <div className="overflow-hidden rounded-xl border border-line bg-surface">
        <FindingList label="Checks" findings={findings} doctor={doctor} />
      </div>
      <ConfirmFix doctor={doctor} />
    </>
  );
}
