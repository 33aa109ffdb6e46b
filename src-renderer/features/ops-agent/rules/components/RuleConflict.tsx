/** Two people changed the same rule: what is another in both, and which of them shall hold. */
import type { OpsRule, OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { differencesOf } from '../model/rule-facts.ts';
import { draftOfRule } from '../model/rule-form.ts';

export interface RuleConflictProps {
  mine: OpsRuleDraft;
  /** As it is now; undefined when it was removed. */
  theirs: OpsRule | undefined;
  isBusy: boolean;
  onMine(): void;
  onTheirs(): void;
  onClose(): void;
}

export function RuleConflict({ mine, theirs, isBusy, onMine, onTheirs, onClose }: RuleConflictProps) {
  const differences = theirs === undefined ? [] : differencesOf(mine, draftOfRule(theirs));
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={
        theirs === undefined ? 'This rule was removed meanwhile' : 'This rule was changed by somebody else meanwhile'
      }
      description="Nothing was saved. What you wrote stays until you choose."
      width="max-w-3xl"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button disabled={isBusy} onClick={onTheirs}>
            {theirs === undefined ? 'Let it go' : 'Take theirs'}
          </Button>
          <Button look="primary" busy={isBusy} onClick={onMine}>
            {theirs === undefined ? 'Keep mine as a new rule' : 'Keep mine'}
          </Button>
        </>
      }
    >
      {theirs !== undefined && (
        <>
          <p className="mb-3 text-muted text-xs">
            {theirs.updated_by !== null && `Changed by ${visibleText(theirs.updated_by)} `}
            {theirs.updated_at !== null && <Ago time={theirs.updated_at} />}
          </p>
          {differences.length === 0 ? (
            <p>Both say the same: there is nothing to choose.</p>
          ) : (
            <table className="w-full text-left text-xs">
              <thead className="text-faint">
                <tr>
                  <th className="w-32 py-1 pr-3 font-medium">What</th>
                  <th className="w-1/2 py-1 pr-3 font-medium">Mine</th>
                  <th className="py-1 font-medium">Theirs</th>
                </tr>
              </thead>
              <tbody>
                {differences.map((fact) => (
                  <tr key={fact.name} className="border-line border-t align-top">
                    <th scope="row" className="py-1.5 pr-3 font-medium text-muted">
                      {fact.name}
                    </th>
                    <td className="content-text py-1.5 pr-3">{visibleText(fact.mine)}</td>
                    <td className="content-text py-1.5">{visibleText(fact.theirs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </Dialog>
  );
}
