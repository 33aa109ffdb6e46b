import { useId } from 'react';
import { Field, TextInput } from '../../../ui/fields.tsx';

export interface TimeZoneFieldProps {
  value: string;
  onChange(value: string): void;
  error?: string | undefined;
}

export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function TimeZoneField({ value, onChange, error }: TimeZoneFieldProps) {
  const zones = useId();
  return (
    <Field label="Time zone" error={error}>
      {(props) => (
        <>
          <TextInput
            {...props}
            list={zones}
            maxLength={100}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
          <datalist id={zones}>
            {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
