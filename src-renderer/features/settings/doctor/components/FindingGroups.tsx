/** Findings by how bad they are, the worst first, each with what can be done about it. */
import { CircleCheck } from 'lucide-react';
import type { Finding } from '../../../../../src-contract/index.ts';
import { Card } from '../../../../ui/Card.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { groupsOf, STATUS_TITLES } from '../model.ts';
import type { Fix } from '../use-doctor.ts';
import { FindingRow } from './FindingRow.tsx';

interface FindingGroupsProps {
  findings: readonly Finding[];
  /** The checks are run again: what is shown is from before. */
  isRunning: boolean;
  /** Id of the fix that is under way. */
  mending: string | undefined;
  onFix(fix: Fix): void;
}

export function FindingGroups({ findings, isRunning, mending, onFix }: FindingGroupsProps) {
  const isFine = findings.every(({ status }) => status === 'ok');
  return (
    <>
      {isFine && !isRunning && (
        <div className="flex items-center gap-2 rounded-lg border border-ok/40 bg-ok/10 px-3 py-2.5">
          <CircleCheck aria-hidden="true" className="size-5 text-ok" />
          <p className="font-medium">All is well. There is nothing to do.</p>
        </div>
      )}
      {groupsOf(findings).map(({ status, findings: group }) => (
        <Card key={status} aria-label={STATUS_TITLES[status]} title={`${STATUS_TITLES[status]} (${group.length})`}>
          <ul className="divide-y divide-line">
            {group.map((finding) => (
              <FindingRow
                key={`${finding.check} ${visibleText(finding.detail)}`}
                finding={finding}
                isRunning={isRunning}
                isMending={mending !== undefined && finding.fix?.fix_id === mending}
                isBlocked={mending !== undefined}
                onFix={() => finding.fix && onFix(finding.fix)}
              />
            ))}
          </ul>
        </Card>
      ))}
    </>
  );
}
