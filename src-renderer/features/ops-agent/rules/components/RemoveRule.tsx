import type { OpsRule } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { plural } from '../../../../ui/format.ts';
import { kindOf } from '../model/condition-words.ts';

export interface RemoveRuleProps {
  rule: OpsRule;
  isBusy: boolean;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before a rule is deleted, or goes back to what it was. */
export function RemoveRule({ rule, isBusy, onConfirm, onClose }: RemoveRuleProps) {
  const name = visibleText(rule.name);
  const isCustom = kindOf(rule) === 'custom';
  return (
    <Confirm
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={isCustom ? `Delete ${name}?` : `Take back what was changed in ${name}?`}
      action={isCustom ? 'Delete' : 'Take it back'}
      busy={isBusy}
      onConfirm={onConfirm}
    >
      {isCustom
        ? `${rule.firing > 0 ? `Its ${plural(rule.firing, 'alert')} that ${rule.firing === 1 ? 'fires is' : 'fire are'} resolved. ` : ''}What it found stays in the history.`
        : 'It is again as it came with Archon, and follows the settings where it did.'}
    </Confirm>
  );
}
