/** What becomes of an alert that stays: step by step, how bad it is then, and who is told besides. */
import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { api } from '../../../../rpc/client.ts';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Checkbox, Field } from '../../../../ui/fields.tsx';
import { faultAt } from '../../fields/faults.ts';
import { Select } from '../../fields/Select.tsx';
import { SeveritySelect } from '../../fields/SeveritySelect.tsx';
import { SpanField } from '../../fields/SpanField.tsx';
import { MOST_STEPS, newStep, type StepForm } from '../model/rule-form.ts';
import type { RulePartProps } from './ConditionsField.tsx';

export function EscalationField({ form, change, faults }: RulePartProps) {
  const steps = form.escalation;
  const edit = (key: number, patch: Partial<StepForm>) =>
    change({ escalation: steps.map((step) => (step.key === key ? { ...step, ...patch } : step)) });
  const move = (index: number, by: -1 | 1) => {
    const next = [...steps];
    const [step] = next.splice(index, 1);
    if (step !== undefined) next.splice(index + by, 0, step);
    change({ escalation: next });
  };
  return (
    <section aria-label="Escalation" className="space-y-2">
      <h4 className="font-semibold text-[13px]">When it stays</h4>
      {steps.length === 0 && <p className="text-faint text-xs">It stays as bad as it is, and nobody else is told.</p>}
      <ol className="space-y-2">
        {steps.map((step, index) => (
          <li
            key={step.key}
            aria-label={`Step ${index + 1}`}
            className="space-y-3 rounded-lg border border-line bg-raised/40 p-3"
          >
            <div className="flex items-center gap-1">
              <p className="flex-1 font-medium text-muted text-xs">Step {index + 1}</p>
              <IconButton
                label={`Step ${index + 1} earlier`}
                icon={<ArrowUp className="size-3.5" />}
                disabled={index === 0}
                onClick={() => move(index, -1)}
              />
              <IconButton
                label={`Step ${index + 1} later`}
                icon={<ArrowDown className="size-3.5" />}
                disabled={index === steps.length - 1}
                onClick={() => move(index, 1)}
              />
              <IconButton
                label={`Remove step ${index + 1}`}
                icon={<X className="size-3.5" />}
                onClick={() => change({ escalation: steps.filter(({ key }) => key !== step.key) })}
              />
            </div>
            <div className="grid grid-cols-2 gap-3">
              <Field label="When" error={faults[`escalation[${index}].after`]}>
                {(props) => (
                  <Select<StepForm['after']>
                    {...props}
                    value={step.after}
                    onChange={(after) => edit(step.key, { after })}
                  >
                    <option value="seconds">it fires for so long</option>
                    <option value="attempts">the attempts are used up</option>
                  </Select>
                )}
              </Field>
              {step.after === 'seconds' ? (
                <SpanField
                  label="For how long"
                  value={step.span}
                  onChange={(span) => edit(step.key, { span })}
                  error={faultAt(faults, `escalation[${index}].after.seconds`)}
                />
              ) : (
                <span />
              )}
              <Field label="It is then" error={faultAt(faults, `escalation[${index}].severity`)}>
                {(props) => (
                  <SeveritySelect
                    {...props}
                    value={step.severity}
                    onChange={(severity) => edit(step.key, { severity })}
                  />
                )}
              </Field>
            </div>
            <StepChannels step={step} onChange={(channels) => edit(step.key, { channels })} />
          </li>
        ))}
      </ol>
      <Button
        size="small"
        icon={<Plus className="size-3.5" />}
        disabled={steps.length >= MOST_STEPS}
        onClick={() => change({ escalation: [...steps, newStep()] })}
      >
        Add a step
      </Button>
    </section>
  );
}

function StepChannels({ step, onChange }: { step: StepForm; onChange(channels: string[]): void }) {
  const { data } = useQuery(api.opsChannels.list.queryOptions());
  const known = data?.items ?? [];
  // Those that are gone can be taken away still.
  const gone = step.channels.filter((id) => data !== undefined && !known.some((channel) => channel.id === id));
  const options = [
    ...known.map(({ id, name }) => ({ id, name: visibleText(name) })),
    ...gone.map((id) => ({ id, name: `${visibleText(id)} (gone)` })),
  ];
  if (options.length === 0) return null;
  const toggle = (id: string, isOn: boolean) =>
    onChange(isOn ? [...step.channels, id] : step.channels.filter((one) => one !== id));
  return (
    <fieldset className="space-y-1">
      <legend className="text-muted text-xs">Told besides those that are told anyway</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {options.map(({ id, name }) => (
          <div key={id} className="flex min-w-0 items-center gap-2">
            <Checkbox label={name} checked={step.channels.includes(id)} onChange={(isOn) => toggle(id, isOn)} />
            <span aria-hidden="true" className="one-line max-w-48 text-xs">
              {name}
            </span>
          </div>
        ))}
      </div>
    </fieldset>
  );
}
