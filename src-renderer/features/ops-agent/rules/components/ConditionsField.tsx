/** When a rule fires: up to five conditions, all or any of them. */
import { Plus, X } from 'lucide-react';
import { OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { type Faults, faultAt } from '../../fields/faults.ts';
import { PairsField } from '../../fields/PairsField.tsx';
import {
  type ConditionForm,
  MOST_CONDITIONS,
  MOST_LABELS,
  newCondition,
  type RuleForm,
  withSignal,
} from '../model/rule-form.ts';
import { LimitField } from './LimitField.tsx';
import { SignalPicker } from './SignalPicker.tsx';

export interface RulePartProps {
  form: RuleForm;
  change(patch: Partial<RuleForm>): void;
  faults: Faults;
}

export function ConditionsField({ form, change, faults }: RulePartProps) {
  const { conditions, match } = form;
  const edit = (key: number, next: (condition: ConditionForm) => ConditionForm) =>
    change({ conditions: conditions.map((one) => (one.key === key ? next(one) : one)) });
  return (
    <section aria-label="Conditions" className="space-y-2">
      <div className="flex items-center gap-3">
        <h4 className="flex-1 font-semibold text-[13px]">It fires when</h4>
        {conditions.length > 1 && (
          <Segmented
            label="Of the conditions"
            value={match}
            options={[
              { value: 'all', label: 'all hold' },
              { value: 'any', label: 'any holds' },
            ]}
            onChange={(next) => change({ match: next })}
          />
        )}
      </div>
      <ol className="space-y-2">
        {conditions.map((condition, index) => (
          <li
            key={condition.key}
            aria-label={`Condition ${index + 1}`}
            className="relative space-y-3 rounded-lg border border-line bg-raised/40 p-3"
          >
            {conditions.length > 1 && (
              <IconButton
                label={`Remove condition ${index + 1}`}
                className="absolute top-1.5 right-1.5"
                icon={<X className="size-3.5" />}
                onClick={() => change({ conditions: conditions.filter(({ key }) => key !== condition.key) })}
              />
            )}
            <SignalPicker
              value={condition.signal}
              onChange={(signal) => edit(condition.key, (one) => withSignal(one, signal))}
            />
            <LimitField
              name={String(index + 1)}
              condition={condition}
              onChange={(patch) => edit(condition.key, (one) => ({ ...one, ...patch }))}
              error={faultAt(faults, `conditions[${index}].limit`)}
            />
            {OPS_SIGNALS[condition.signal].labels.length > 0 && (
              <PairsField
                label="Only where"
                none="Everywhere: each is an alert of its own."
                value={condition.labels}
                onChange={(labels) => edit(condition.key, (one) => ({ ...one, labels }))}
                names={OPS_SIGNALS[condition.signal].labels}
                most={MOST_LABELS}
                error={faultAt(faults, `conditions[${index}].labels`)}
              />
            )}
          </li>
        ))}
      </ol>
      {faults.conditions !== undefined && (
        <p role="alert" className="text-bad text-xs">
          {faults.conditions}
        </p>
      )}
      <Button
        size="small"
        icon={<Plus className="size-3.5" />}
        disabled={conditions.length >= MOST_CONDITIONS}
        onClick={() => change({ conditions: [...conditions, newCondition()] })}
      >
        Add a condition
      </Button>
    </section>
  );
}
