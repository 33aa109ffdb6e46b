/** Keeps alerts quiet: for a while, or in a window of every week. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { toast } from 'sonner';
import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, Switch, TextInput } from '../../../../ui/fields.tsx';
import { plural } from '../../../../ui/format.ts';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { type Faults, faultAt, faultsOf } from '../../fields/faults.ts';
import { PairsField } from '../../fields/PairsField.tsx';
import { LABEL_NAMES, matchersOfPairs, matcherWords } from '../../fields/pairs.ts';
import type { useAlertChanges } from '../hooks/use-alert-changes.ts';
import { NOW_STATES } from '../model/alert-filter.ts';
import { isMatched, MOST_MATCHERS, type SilenceForm, silenceForm, silenceOf } from '../model/silence-form.ts';
import { SilenceTimeFields } from './SilenceTimeFields.tsx';

const MATCHER_NAMES = ['rule', 'severity', ...LABEL_NAMES];
const MOST_READ = 500;

export interface SilenceDialogProps {
  /** The one that it shall be about. */
  alert?: OpsAlert | undefined;
  kind?: SilenceForm['kind'];
  changes: ReturnType<typeof useAlertChanges>;
  onClose(): void;
}

export function SilenceDialog({ alert, kind = 'once', changes, onClose }: SilenceDialogProps) {
  const formId = useId();
  const bodyRef = useRef<HTMLFormElement>(null);
  const [before] = useState(() => ({ ...silenceForm(alert, Date.now()), kind }));
  const [form, setForm] = useState(before);
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<string>();
  const isMade = useRef(false);
  const { isBusy, blocked } = changes;
  const change = (patch: Partial<SilenceForm>) => {
    setForm((now) => ({ ...now, ...patch }));
    setFaults({});
    setProblem(undefined);
  };
  const guard = useLeaveGuard({
    hasChanges: () => !isMade.current && JSON.stringify(form) !== JSON.stringify(before),
    onLeave: onClose,
    member: ['alert', 'view'],
  });
  const show = (found: Faults) => {
    setFaults(found);
    setTimeout(() => bodyRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  const make = useOneAtATime(async (_event?: FormEvent) => {
    if (blocked !== undefined) return;
    const checked = silenceOf(form, Date.now());
    if ('faults' in checked) {
      show(checked.faults);
      return;
    }
    try {
      const made = await changes.silence(checked.input);
      isMade.current = true;
      toast.success(
        made.status === 'holds'
          ? `It holds: ${plural(made.silenced, 'alert')} quiet now.`
          : 'It is kept, and waits for its time.',
      );
      onClose();
    } catch (error) {
      const found = faultsOf(error);
      if (Object.keys(found).length > 0) show(found);
      setProblem(problemOf(error).message);
    }
  });
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !isBusy && guard.leave()}
        title={form.kind === 'once' ? 'New silence' : 'New maintenance window'}
        description="Alerts that match are shown still, and sent to nobody while it holds."
        width="max-w-2xl"
        footer={
          <>
            <Matching form={form} />
            <Button disabled={isBusy} onClick={guard.leave}>
              Cancel
            </Button>
            <Button look="primary" type="submit" form={formId} busy={isBusy} blocked={blocked}>
              {form.kind === 'once' ? 'Silence' : 'Keep the window'}
            </Button>
          </>
        }
      >
        <form ref={bodyRef} id={formId} noValidate onSubmit={make} className="relative space-y-5">
          <PairsField
            label="Which alerts"
            none="Every alert. Add labels to keep only some of them quiet."
            value={form.matchers}
            onChange={(matchers) => change({ matchers })}
            names={MATCHER_NAMES}
            most={MOST_MATCHERS}
            error={faultAt(faults, 'matchers')}
          />
          <div className="space-y-2">
            <Segmented
              label="When it holds"
              value={form.kind}
              options={[
                { value: 'once', label: 'Once' },
                { value: 'weekly', label: 'Every week' },
              ]}
              onChange={(kind) => change({ kind })}
            />
            <SilenceTimeFields form={form} change={change} faults={faults} />
          </div>
          <Field label="Reason" error={faultAt(faults, 'reason')}>
            {(props) => (
              <TextInput
                {...props}
                dir="auto"
                maxLength={500}
                placeholder="Upgrade of the database"
                value={form.reason}
                onChange={({ target }) => change({ reason: target.value })}
              />
            )}
          </Field>
          <div className="flex items-center gap-3">
            <Switch
              label="Hold actions"
              labelledBy={`${formId}-hold`}
              checked={form.hold_actions}
              onChange={(hold_actions) => change({ hold_actions })}
            />
            <span id={`${formId}-hold`}>
              Hold actions{' '}
              <span className="text-muted">· the agent does nothing by itself about these alerts either</span>
            </span>
          </div>
          {problem !== undefined && (
            <p role="alert" className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
              {problem}
            </p>
          )}
        </form>
      </Dialog>
      <LeaveQuestion guard={guard}>What you wrote about this silence is not kept yet.</LeaveQuestion>
    </>
  );
}

/** How many alerts it would keep quiet now. */
function Matching({ form }: { form: SilenceForm }) {
  const { data } = useQuery(
    api.opsAlerts.list.queryOptions({ input: { states: [...NOW_STATES], limit: MOST_READ }, staleTime: 0 }),
  );
  const matchers = matchersOfPairs(form.matchers);
  const count = data?.items.filter((alert) => isMatched(alert, matchers)).length;
  return (
    <p className="mr-auto min-w-0 text-muted text-xs" title={matcherWords(matchers)}>
      {count !== undefined &&
        `Matches ${plural(count, 'alert')} of now${data?.next_cursor === null ? '' : ', or more'}.`}
    </p>
  );
}
