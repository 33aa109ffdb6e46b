/** The limit of a condition: a number in a unit of its signal, or what a setting says. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { OPS_OPERATORS } from '../../../../../src-contract/ops-rules.ts';
import { OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { api } from '../../../../rpc/client.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { valueText } from '../../../settings/form/model/setting-words.ts';
import { Select } from '../../fields/Select.tsx';
import { unitValue } from '../../words/signal-value.ts';
import { OPERATORS } from '../model/condition-words.ts';
import { type ConditionForm, type LimitSetting, SCALES, settingsFor } from '../model/rule-form.ts';

export interface LimitFieldProps {
  /** What it is called among the others, such as "1". */
  name: string;
  condition: ConditionForm;
  onChange(patch: Partial<ConditionForm>): void;
  error: string | undefined;
}

export function LimitField({ name, condition, onChange, error }: LimitFieldProps) {
  const offered = settingsFor(condition.signal);
  return (
    <div className="space-y-2">
      {offered.length > 0 && (
        <Segmented
          label={`Limit of condition ${name}`}
          value={condition.limit}
          options={[
            { value: 'number', label: 'A number' },
            { value: 'setting', label: 'As a setting says' },
          ]}
          onChange={(limit) => onChange({ limit, setting: condition.setting ?? offered[0] })}
        />
      )}
      <div className="grid grid-cols-[9rem_minmax(0,1fr)] gap-3">
        <Field label="Is">
          {(props) => (
            <Select<ConditionForm['operator']>
              {...props}
              value={condition.operator}
              onChange={(operator) => onChange({ operator })}
            >
              {OPS_OPERATORS.map((operator) => (
                <option key={operator} value={operator}>
                  {OPERATORS[operator]} ({operator})
                </option>
              ))}
            </Select>
          )}
        </Field>
        {condition.limit === 'number' ? (
          <NumberLimit condition={condition} onChange={onChange} error={error} />
        ) : (
          <SettingLimit condition={condition} offered={offered} onChange={onChange} error={error} />
        )}
      </div>
    </div>
  );
}

type PartProps = Omit<LimitFieldProps, 'name'>;

const LEVELS = [0, 1, 2] as const;

function NumberLimit({ condition, onChange, error }: PartProps) {
  const { unit } = OPS_SIGNALS[condition.signal];
  const scales = SCALES[unit];
  if (unit === 'level') {
    return (
      <Field label="Limit" error={error}>
        {(props) => (
          <Select {...props} value={condition.value} onChange={(value) => onChange({ value })}>
            {LEVELS.map((level) => (
              <option key={level} value={String(level)}>
                {unitValue('level', level)}
              </option>
            ))}
          </Select>
        )}
      </Field>
    );
  }
  return (
    <Field label="Limit" error={error}>
      {(props) => (
        <div className="flex items-center gap-1.5">
          <TextInput
            {...props}
            inputMode="decimal"
            className="w-28!"
            value={condition.value}
            onChange={({ target }) => onChange({ value: target.value })}
          />
          {scales.length > 1 ? (
            <Select
              aria-label="Unit of the limit"
              className="w-28!"
              value={String(condition.factor)}
              onChange={(factor) => onChange({ factor: Number(factor) })}
            >
              {scales.map(({ name, factor }) => (
                <option key={name} value={String(factor)}>
                  {name}
                </option>
              ))}
            </Select>
          ) : (
            <span className="text-muted">{scales[0]?.name}</span>
          )}
        </div>
      )}
    </Field>
  );
}

function SettingLimit({ condition, offered, onChange, error }: PartProps & { offered: readonly LimitSetting[] }) {
  const { data } = useQuery(api.settings.list.queryOptions({ input: {} }));
  const settingOf = (key: string) => data?.items.find((setting) => setting.key === key);
  const chosen = condition.setting ?? offered[0];
  const setting = chosen === undefined ? undefined : settingOf(chosen);
  return (
    <Field
      label="Setting"
      error={error}
      help={
        chosen !== undefined && (
          <>
            {setting !== undefined && `It says ${visibleText(valueText(setting.kind, setting.value))}. `}
            <Link to="/settings" search={{ setting: chosen }} className="text-accent-text underline underline-offset-2">
              Change the setting
            </Link>
          </>
        )
      }
    >
      {(props) => (
        <Select<LimitSetting | ''>
          {...props}
          value={chosen ?? ''}
          onChange={(key) => key !== '' && onChange({ setting: key })}
        >
          {offered.map((key) => (
            <option key={key} value={key}>
              {settingOf(key)?.title ?? key}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
