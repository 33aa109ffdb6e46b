/** When a worker runs by itself: at an interval, by a cron expression, or only when asked to. */
import { type FormEvent, useId, useRef, useState } from 'react';
import type { Worker, WorkerSchedule } from '../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../app/use-leave-guard.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import type { WorkerSteering } from '../hooks/use-worker-steering.ts';
import { type FormErrors, formErrors, formOf, type ScheduleForm, scheduleOf } from '../schedule-form.ts';
import { cronWords, INTERVAL_UNITS, type IntervalUnit, scheduleWords } from '../schedule-words.ts';

const KINDS: readonly { value: WorkerSchedule['kind']; label: string }[] = [
  { value: 'interval', label: 'At an interval' },
  { value: 'cron', label: 'At certain times' },
  { value: 'manual', label: 'Only when asked' },
];

export interface ScheduleDialogProps {
  worker: Worker;
  steering: WorkerSteering;
  onClose(): void;
}

export function ScheduleDialog({ worker, steering, onClose }: ScheduleDialogProps) {
  const formId = useId();
  const [before] = useState(() => formOf(worker.schedule));
  const [form, setForm] = useState(before);
  const [errors, setErrors] = useState<FormErrors>({});
  const change = (patch: Partial<ScheduleForm>) => {
    setForm((now) => ({ ...now, ...patch }));
    setErrors({});
  };
  const isSending = useRef(false);
  const send = async (schedule: WorkerSchedule | null) => {
    // Enter pressed twice.
    if (isSending.current) return;
    isSending.current = true;
    try {
      await steering.setSchedule(schedule);
      onClose();
    } catch (error) {
      setErrors(formErrors(error, problemOf(error).message));
    } finally {
      isSending.current = false;
    }
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (blocked !== undefined) return;
    const checked = scheduleOf(form);
    if ('errors' in checked) setErrors(checked.errors);
    else void send(checked.schedule);
  };
  const isChanged = worker.schedule_source === 'operator';
  const busy = steering.busy === 'schedule';
  const blocked = steering.reason('schedule');
  const guard = useLeaveGuard({
    hasChanges: () => JSON.stringify(form) !== JSON.stringify(before),
    onLeave: onClose,
    member: 'worker',
  });
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !busy && guard.leave()}
        title={`Schedule of ${worker.title}`}
        description={`Now: ${scheduleWords(worker.schedule)}${isChanged ? '' : ', as the configuration says'}.`}
        footer={
          <>
            {isChanged && (
              <Button className="mr-auto min-w-0 shrink" busy={busy} blocked={blocked} onClick={() => void send(null)}>
                <span className="one-line">Back to the default: {scheduleWords(worker.default_schedule)}</span>
              </Button>
            )}
            <Button disabled={busy} onClick={guard.leave}>
              Cancel
            </Button>
            <Button look="primary" type="submit" form={formId} busy={busy} blocked={blocked}>
              Save
            </Button>
          </>
        }
      >
        <form id={formId} noValidate onSubmit={save} className="space-y-4">
          <Segmented label="When it runs" value={form.kind} options={KINDS} onChange={(kind) => change({ kind })} />
          {form.kind === 'interval' && <IntervalFields form={form} errors={errors} change={change} />}
          {form.kind === 'cron' && <CronFields form={form} errors={errors} change={change} />}
          {form.kind === 'manual' && (
            <p className="text-muted">It runs when somebody presses “Run now”, and at no other time.</p>
          )}
          {errors.form !== undefined && (
            <p role="alert" className="content-text text-bad">
              {errors.form}
            </p>
          )}
        </form>
      </Dialog>
      <LeaveQuestion guard={guard}>What you changed in this schedule is not saved yet.</LeaveQuestion>
    </>
  );
}

interface FieldsProps {
  form: ScheduleForm;
  errors: FormErrors;
  change(patch: Partial<ScheduleForm>): void;
}

function IntervalFields({ form, errors, change }: FieldsProps) {
  return (
    <div className="grid grid-cols-2 gap-4">
      <Field label="Every" error={errors.count} help="Counted from now, and then from each run.">
        {(props) => (
          <TextInput
            {...props}
            inputMode="numeric"
            value={form.count}
            onChange={(event) => change({ count: event.target.value })}
          />
        )}
      </Field>
      <Field label="Unit">
        {(props) => (
          <select
            {...props}
            value={form.unit}
            onChange={(event) => change({ unit: event.target.value as IntervalUnit })}
            className="h-8 w-full rounded-md border border-line bg-bg px-2"
          >
            {INTERVAL_UNITS.map((unit) => (
              <option key={unit} value={unit}>
                {unit}s
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function CronFields({ form, errors, change }: FieldsProps) {
  const zones = useId();
  const words = cronWords(form.expression);
  return (
    <div className="grid grid-cols-2 gap-4">
      <Field
        label="Cron expression"
        error={errors.expression}
        help={words ? `Runs ${words}.` : 'Minute, hour, day, month, day of week: 0 3 * * * is 03:00 every day.'}
      >
        {(props) => (
          <TextInput
            {...props}
            className="font-mono"
            value={form.expression}
            onChange={(event) => change({ expression: event.target.value })}
          />
        )}
      </Field>
      <Field label="Time zone" error={errors.time_zone} help="Such as Europe/Berlin.">
        {(props) => (
          <>
            <TextInput
              {...props}
              list={zones}
              value={form.time_zone}
              onChange={(event) => change({ time_zone: event.target.value })}
            />
            <datalist id={zones}>
              {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </div>
  );
}
