/** Where a person says why they do something that others see. */
import { labelText } from '../../src-contract/primitives.ts';
import { Field, TextInput } from './fields.tsx';

export interface ReasonFieldProps {
  label: string;
  help: string;
  placeholder?: string;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
}

/** What is wrong with a reason that was given. */
export const reasonFault = (reason: string): string | undefined =>
  reason === '' || labelText.safeParse(reason).success
    ? undefined
    : 'A reason has at most 500 characters, and none that cannot be stored.';

export function ReasonField({ label, help, placeholder, value, error, onChange }: ReasonFieldProps) {
  return (
    <Field label={label} error={error} help={help}>
      {(props) => (
        <TextInput
          {...props}
          dir="auto"
          autoFocus
          maxLength={500}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
