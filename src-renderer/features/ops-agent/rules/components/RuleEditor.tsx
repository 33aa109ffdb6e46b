/** A rule as a form, with what it would have done beside it. For a new one, and one that is there. */
import { useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { toast } from 'sonner';
import type { OpsRule, OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { ConflictDialog } from '../../fields/ConflictDialog.tsx';
import { differences } from '../../fields/differences.ts';
import { type Faults, faultsOf } from '../../fields/faults.ts';
import { useRuleChanges } from '../hooks/use-rule-changes.ts';
import { useRules } from '../hooks/use-rules.ts';
import { ruleFacts } from '../model/rule-facts.ts';
import { draftOf, draftOfRule, type RuleForm, ruleForm } from '../model/rule-form.ts';
import { ConditionsField } from './ConditionsField.tsx';
import { EscalationField } from './EscalationField.tsx';
import { RemediationField } from './RemediationField.tsx';
import { RuleBadge } from './RuleBadge.tsx';
import { AlertFields, RuleTexts } from './RuleFields.tsx';
import { RulePreview } from './RulePreview.tsx';

export interface RuleEditorProps {
  /** The one to change, as it is now; without it a new one is made. */
  rule: OpsRule | undefined;
  /** What a new one begins with. */
  begin: OpsRuleDraft | undefined;
  onClose(): void;
}

export function RuleEditor({ rule, begin, onClose }: RuleEditorProps) {
  const state = useRuleForm(rule, begin);
  const { form, base, change, checked, faults, submit } = state;
  const { busy, blocked, save } = useRuleChanges();
  const queryClient = useQueryClient();
  const rules = useRules();
  const [isConflict, setConflict] = useState(false);
  const [problem, setProblem] = useState<string>();
  const isDone = useRef(false);
  const bodyRef = useRef<HTMLDivElement>(null);
  const leave = () => {
    // Closing changes the place, which would ask once more.
    isDone.current = true;
    onClose();
  };
  const guard = useLeaveGuard({
    hasChanges: () => !isDone.current && state.isDirty,
    onLeave: leave,
    member: ['rule', 'new', 'copy'],
  });
  const focusFault = () =>
    setTimeout(() => bodyRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());

  const saveOn = async (on: OpsRule | undefined) => {
    setProblem(undefined);
    const draft = submit();
    if (draft === undefined) {
      focusFault();
      return;
    }
    try {
      const saved = await save(on, draft);
      toast.success(on === undefined ? `${visibleText(saved.name)} is a rule now.` : 'Saved.');
      leave();
    } catch (error) {
      const { code, message } = problemOf(error);
      setConflict(false);
      if (on !== undefined && (code === 'CONFLICT' || code === 'NOT_FOUND')) {
        await queryClient.refetchQueries({ queryKey: api.opsRules.list.key() });
        setConflict(true);
        return;
      }
      if (state.refuse(faultsOf(error, 'draft'))) focusFault();
      setProblem(message);
    }
  };
  const onSubmit = useOneAtATime(async (_event?: FormEvent) => {
    if (blocked === undefined) await saveOn(base);
  });
  const now = rules.data?.items.find(({ id }) => id === base?.id);
  const isOvertaken = base !== undefined && rules.data !== undefined && now?.revision !== base.revision;
  const name = base === undefined ? 'New rule' : visibleText(base.name);
  return (
    <Drawer
      label="Rule"
      isWide
      onClose={guard.leave}
      heading={
        <>
          <h3 dir="auto" className="one-line font-semibold text-[14px]">
            {name}
          </h3>
          {base !== undefined && <RuleBadge rule={base} />}
          {base !== undefined && base.updated_by !== null && base.updated_at !== null && (
            <span className="one-line text-faint text-xs">
              changed by {visibleText(base.updated_by)}, <Ago time={base.updated_at} />
            </span>
          )}
        </>
      }
    >
      <form
        onSubmit={onSubmit}
        onKeyDown={(event) => {
          if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void onSubmit();
          }
        }}
        noValidate
        className="flex min-h-0 flex-1 flex-col"
      >
        <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_280px]">
          <div ref={bodyRef} className="relative min-h-0 space-y-6 overflow-y-auto p-4">
            {isOvertaken && !isConflict && (
              <p className="flex items-center gap-2 rounded-md border border-warn/40 bg-warn/15 px-3 py-1.5 text-xs">
                <TriangleAlert aria-hidden="true" className="size-4 shrink-0 text-warn" />
                <span role="status" className="flex-1">
                  {now === undefined ? 'This rule was removed meanwhile.' : 'Somebody changed this rule meanwhile.'}
                </span>
                <Button size="small" onClick={() => setConflict(true)}>
                  Look
                </Button>
              </p>
            )}
            <RuleTexts part="head" form={form} change={change} faults={faults} />
            <ConditionsField form={form} change={change} faults={faults} />
            <AlertFields form={form} change={change} faults={faults} />
            <RemediationField form={form} change={change} faults={faults} />
            <EscalationField form={form} change={change} faults={faults} />
            <RuleTexts part="advice" form={form} change={change} faults={faults} />
            {problem !== undefined && (
              <p role="alert" className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
                {visibleText(problem)}
              </p>
            )}
          </div>
          <div className="relative min-h-0 overflow-y-auto border-line border-l p-4">
            <RulePreview draft={previewOf(form)} signal={form.conditions[0]?.signal ?? 'dead_letters'} />
          </div>
        </div>
        <footer className="flex items-center gap-2 border-line border-t px-4 py-3">
          <span role="status" className="flex-1 text-muted text-xs">
            {state.isDirty && base !== undefined && 'Not saved yet.'}
          </span>
          <Button onClick={guard.leave}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy !== undefined}
            disabled={base !== undefined && !state.isDirty}
            blocked={blocked}
          >
            {base === undefined ? 'Add the rule' : 'Save'}
          </Button>
        </footer>
      </form>
      {isConflict && checked.kind === 'right' && (
        <ConflictDialog
          what="rule"
          found={now && differences(ruleFacts(checked.draft), ruleFacts(now))}
          by={byOf(now)}
          isBusy={busy !== undefined}
          onMine={() => void saveOn(now)}
          onTheirs={() => {
            setConflict(false);
            if (now === undefined) leave();
            else state.take(now);
          }}
          onClose={() => setConflict(false)}
        />
      )}
      <LeaveQuestion guard={guard}>What you wrote about this rule is not saved yet.</LeaveQuestion>
    </Drawer>
  );
}

/** What it is called makes no difference to when it fires. */
function previewOf(form: RuleForm): OpsRuleDraft | undefined {
  const checked = draftOf({ ...form, name: 'preview' });
  return checked.kind === 'right' ? checked.draft : undefined;
}

const byOf = (rule: OpsRule | undefined) =>
  rule?.updated_by != null && rule.updated_at !== null ? { name: rule.updated_by, at: rule.updated_at } : undefined;

/** What is written, and on which version of the rule. */
function useRuleForm(rule: OpsRule | undefined, begin: OpsRuleDraft | undefined) {
  const [base, setBase] = useState(rule);
  const [before, setBefore] = useState(() => ruleForm(rule === undefined ? begin : draftOfRule(rule)));
  const [form, setForm] = useState(before);
  const [refused, setRefused] = useState<Faults>({});
  // What is there was right once: what is wrong in it now was written here.
  const [isShown, setShown] = useState(rule !== undefined);
  const isDirty = begin !== undefined || JSON.stringify(form) !== JSON.stringify(before);
  const checked = draftOf(form);
  const take = (theirs: OpsRule) => {
    const next = ruleForm(draftOfRule(theirs));
    setBase(theirs);
    setBefore(next);
    setForm(next);
    setRefused({});
  };
  return {
    base,
    form,
    isDirty,
    checked,
    faults: { ...(isShown && checked.kind === 'wrong' ? checked.faults : {}), ...refused },
    change: (patch: Partial<RuleForm>) => {
      setForm((now) => ({ ...now, ...patch }));
      setRefused({});
    },
    /** Shows what is wrong. @returns what it means when it is right */
    submit: () => {
      setShown(true);
      return checked.kind === 'right' ? checked.draft : undefined;
    },
    /** @returns whether there is something to be shown */
    refuse: (found: Faults) => {
      setRefused(found);
      return Object.keys(found).length > 0;
    },
    take,
  };
}
