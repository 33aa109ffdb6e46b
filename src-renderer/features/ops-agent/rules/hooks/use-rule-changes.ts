/** Changes of rules, each with a word about what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { OpsRule, OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { useBlocked } from '../../views/use-blocked.ts';
import { draftOfRule } from '../model/rule-form.ts';

/** Long enough to think again. */
const UNDO_MS = 10_000;

export function useRuleChanges() {
  const queryClient = useQueryClient();
  const blocked = useBlocked();
  /** The rule that is being changed. */
  const [busy, setBusy] = useState<string>();
  const readAgain = () => queryClient.invalidateQueries({ queryKey: api.opsRules.list.key() });

  async function doing<T>(rule_id: string, work: () => Promise<T>): Promise<T> {
    setBusy(rule_id);
    try {
      return await work();
    } finally {
      setBusy(undefined);
      void readAgain();
    }
  }

  /** @throws what the call says */
  const save = (rule: OpsRule | undefined, draft: OpsRuleDraft): Promise<OpsRule> =>
    doing(rule?.id ?? '', () =>
      rule === undefined
        ? client.opsRules.create(draft)
        : client.opsRules.update({ rule: rule.id, revision: rule.revision, draft }),
    );

  const switchTo = async (rule: OpsRule, enabled: boolean): Promise<void> => {
    try {
      await save(rule, { ...draftOfRule(rule), enabled });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
  };

  /** One that comes with Archon is as it was; one of a person is gone. Both can be taken back for a moment. */
  const remove = async (rule: OpsRule): Promise<boolean> => {
    const draft = draftOfRule(rule);
    try {
      const { rule: now } = await doing(rule.id, () =>
        client.opsRules.remove({ rule: rule.id, revision: rule.revision }),
      );
      const name = visibleText(rule.name);
      toast.success(now === null ? `${name} was removed.` : `${name} is as it was.`, {
        duration: UNDO_MS,
        action: { label: 'Undo', onClick: () => void takeBack(now ?? undefined, draft) },
      });
      return true;
    } catch (error) {
      toast.error(problemOf(error).message);
      return false;
    }
  };

  const takeBack = async (now: OpsRule | undefined, draft: OpsRuleDraft): Promise<void> => {
    try {
      await save(now, draft);
      toast.success('Undone.');
    } catch (error) {
      toast.error(`It could not be undone: ${problemOf(error).message}`);
    }
  };

  return { busy, blocked, save, switchTo, remove };
}
