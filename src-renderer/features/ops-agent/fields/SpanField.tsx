import type { ReactNode } from 'react';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { SPAN_UNIT_NAMES, type SpanInput, type SpanUnit } from './duration-input.ts';
import { Select } from './Select.tsx';

export interface SpanFieldProps {
  label: string;
  value: SpanInput;
  onChange(value: SpanInput): void;
  help?: ReactNode;
  error?: string | undefined;
  disabled?: boolean;
}

/** How long: a number and its unit. */
export function SpanField({ label, value, onChange, help, error, disabled }: SpanFieldProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(props) => (
        <div className="flex gap-1.5">
          <TextInput
            {...props}
            inputMode="numeric"
            className="w-20!"
            disabled={disabled}
            value={value.count}
            onChange={({ target }) => onChange({ ...value, count: target.value })}
          />
          <Select<SpanUnit>
            aria-label={`Unit of: ${label}`}
            className="w-28!"
            disabled={disabled}
            value={value.unit}
            onChange={(unit) => onChange({ ...value, unit })}
          >
            {SPAN_UNIT_NAMES.map((unit) => (
              <option key={unit} value={unit}>
                {unit}
              </option>
            ))}
          </Select>
        </div>
      )}
    </Field>
  );
}
