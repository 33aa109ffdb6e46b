/** When the breakers of a service open and are tried again. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { Field, Switch, TextInput } from '../../../../ui/fields.tsx';
import type { BreakerSteering } from '../hooks/use-breaker-steering.ts';
import {
  formOf,
  patchOf,
  type SettingName,
  type SettingsErrors,
  type SettingsForm,
} from '../model/breaker-settings.ts';
import { SERVICE_NAMES } from '../model/service-words.ts';

export interface BreakerSettingsProps {
  breaker: Breaker;
  steering: BreakerSteering;
}

export function BreakerSettings({ breaker, steering }: BreakerSettingsProps) {
  const formId = useId();
  const switchId = useId();
  /** What was typed; what was not follows the engine. */
  const [typed, setTyped] = useState<Partial<SettingsForm>>({});
  const [errors, setErrors] = useState<SettingsErrors>({});
  const form = { ...formOf(breaker), ...typed };
  const isChanged = JSON.stringify(form) !== JSON.stringify(formOf(breaker));
  const busy = steering.busy === 'settings';
  const guard = useLeaveGuard({
    hasChanges: () => isChanged,
    onLeave: () => setTyped({}),
    member: ['breaker', 'view'],
  });
  const change = (patch: Partial<SettingsForm>) => {
    setTyped((before) => ({ ...before, ...patch }));
    setErrors({});
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const checked = patchOf(form, breaker);
    if ('errors' in checked) setErrors(checked.errors);
    else if (Object.keys(checked.patch).length === 0) setTyped({});
    else if (await steering.change(checked.patch)) setTyped({});
  };
  const back = async (name: SettingName) => {
    if (!(await steering.backToConfigured(name))) return;
    setTyped(({ [name]: _dropped, ...rest }) => rest);
    setErrors({});
  };
  const mark = (name: SettingName) =>
    breaker.changed.includes(name) && <Changed isBusy={busy} name={NAMES[name]} onBack={() => void back(name)} />;
  return (
    <>
      <form id={formId} noValidate onSubmit={(event) => void save(event)} className="space-y-4 p-4">
        <p className="text-muted text-xs">
          {breaker.service === 'webhook' ? 'For the breakers of all webhooks' : `For ${SERVICE_NAMES[breaker.service]}`}
          . What is changed holds at once, on this computer, and goes before the configuration.
        </p>
        <Setting mark={mark('enabled')}>
          <div className="flex items-center gap-2">
            <Switch
              label={NAMES.enabled}
              labelledBy={switchId}
              checked={form.enabled}
              onChange={(enabled) => change({ enabled })}
            />
            <span id={switchId}>{NAMES.enabled}</span>
          </div>
          {!form.enabled && (
            <p className="text-warn text-xs">It never opens then: every call of a service that is away waits for it.</p>
          )}
        </Setting>
        <Setting mark={mark('threshold')}>
          <Field label={NAMES.threshold} error={errors.threshold} help="1 to 10.">
            {(props) => (
              <TextInput
                {...props}
                inputMode="numeric"
                className="max-w-32"
                value={form.threshold}
                onChange={(event) => change({ threshold: event.target.value })}
              />
            )}
          </Field>
        </Setting>
        <Setting mark={mark('reset_seconds')}>
          <Field label={NAMES.reset_seconds} error={errors.reset_seconds} help="1 to 3,600; then it is tried again.">
            {(props) => (
              <TextInput
                {...props}
                inputMode="numeric"
                className="max-w-32"
                value={form.reset_seconds}
                onChange={(event) => change({ reset_seconds: event.target.value })}
              />
            )}
          </Field>
        </Setting>
        <div className="flex gap-2">
          <Button look="primary" type="submit" busy={busy} disabled={!isChanged}>
            Save
          </Button>
          <Button disabled={busy || !isChanged} onClick={() => setTyped({})}>
            Undo changes
          </Button>
        </div>
      </form>
      <LeaveQuestion guard={guard}>What you changed in these settings is not saved yet.</LeaveQuestion>
    </>
  );
}

const NAMES: Readonly<Record<SettingName, string>> = {
  enabled: 'Opens after failures',
  threshold: 'Failures in a row that open it',
  reset_seconds: 'Seconds it stays open',
};

function Setting({ mark, children }: { mark: ReactNode; children: ReactNode }) {
  return (
    <div className="flex items-start justify-between gap-3">
      <div className="min-w-0 space-y-1">{children}</div>
      {mark}
    </div>
  );
}

function Changed({ name, isBusy, onBack }: { name: string; isBusy: boolean; onBack(): void }) {
  return (
    <span className="flex shrink-0 items-center gap-1.5">
      <Badge tone="accent">changed</Badge>
      <Button size="small" disabled={isBusy} aria-label={`${name}: back to the configured`} onClick={onBack}>
        Back to the configured
      </Button>
    </span>
  );
}
