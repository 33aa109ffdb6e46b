/** Two people changed the same thing: what is another in both, and which of them shall hold. */
import { Button } from '../../../ui/Button.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Ago } from '../../../ui/Time.tsx';
import type { Difference } from './differences.ts';

export interface ConflictDialogProps {
  /** Such as "rule". */
  what: string;
  /** Undefined when it was removed. */
  found: readonly Difference[] | undefined;
  by?: { name: string; at: string } | undefined;
  isBusy: boolean;
  onMine(): void;
  onTheirs(): void;
  onClose(): void;
}

export function ConflictDialog({ what, found, by, isBusy, onMine, onTheirs, onClose }: ConflictDialogProps) {
  const isGone = found === undefined;
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={isGone ? `This ${what} was removed meanwhile` : `This ${what} was changed by somebody else meanwhile`}
      description="Nothing was saved. What you wrote stays until you choose."
      width="max-w-3xl"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button disabled={isBusy} onClick={onTheirs}>
            {isGone ? 'Let it go' : 'Take theirs'}
          </Button>
          <Button look="primary" busy={isBusy} onClick={onMine}>
            {isGone ? `Keep mine as a new ${what}` : 'Keep mine'}
          </Button>
        </>
      }
    >
      {by !== undefined && (
        <p className="mb-3 text-muted text-xs">
          Changed by {visibleText(by.name)}, <Ago time={by.at} />
        </p>
      )}
      {isGone ? (
        <p>It can be added anew with what you wrote.</p>
      ) : found.length === 0 ? (
        <p>Both say the same: there is nothing to choose.</p>
      ) : (
        <table className="w-full table-fixed text-left text-xs">
          <thead className="text-faint">
            <tr>
              <th className="w-32 py-1 pr-3 font-medium">What</th>
              <th className="py-1 pr-3 font-medium">Mine</th>
              <th className="py-1 font-medium">Theirs</th>
            </tr>
          </thead>
          <tbody>
            {found.map((fact) => (
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
    </Dialog>
  );
}
