import type { Finding } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import type { DoctorState } from '../use-doctor.ts';
import { FindingRow } from './FindingRow.tsx';

interface FindingListProps {
  label?: string;
  findings: readonly Finding[];
  doctor: DoctorState;
}

export function FindingList({ label, findings, doctor: { isRunning, mending, begin } }: FindingListProps) {
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {findings.map((finding) => (
        <FindingRow
          key={`${finding.check} ${visibleText(finding.detail)}`}
          finding={finding}
          isRunning={isRunning}
          isMending={mending !== undefined && finding.fix?.fix_id === mending}
          isBlocked={mending !== undefined}
          onFix={() => finding.fix && begin(finding.fix)}
        />
      ))}
    </ul>
  );
}
