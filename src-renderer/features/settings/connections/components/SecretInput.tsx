/** A secret of a connection. One that is kept is never shown: it stays, is replaced or is removed. */
import { Button } from '../../../../ui/Button.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import type { SecretField } from '../model/connection-form.ts';
import { PemInput } from './PemInput.tsx';

export interface SecretInputProps {
  label: string;
  value: SecretField;
  /** The profile has one that can be kept. */
  isThere: boolean;
  fault?: string | undefined;
  /** A key, of many lines, which may be chosen as a file. */
  isPem?: boolean;
  onChange(value: SecretField): void;
}

export function SecretInput({ label, value, isThere, fault, isPem, onChange }: SecretInputProps) {
  if (value.isKept) {
    return (
      <div role="group" aria-label={label} className="space-y-1">
        <p className="font-medium text-muted text-xs">{label}</p>
        <p className="flex h-8 items-center gap-2">
          <span className="flex-1 text-muted">Kept, and never shown.</span>
          <Button size="small" onClick={() => onChange({ isKept: false, text: '' })}>
            Replace or remove
          </Button>
        </p>
      </div>
    );
  }
  const write = (text: string) => onChange({ isKept: false, text });
  const back = isThere && (
    <Button size="small" look="ghost" onClick={() => onChange({ isKept: true, text: '' })}>
      Keep the one there is
    </Button>
  );
  const help = isThere ? 'Left empty, the one there is gets removed.' : undefined;
  if (isPem) {
    return (
      <PemInput label={label} value={value.text} fault={fault} help={help} isKey onChange={write}>
        {back}
      </PemInput>
    );
  }
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <Field label={label} error={fault} help={help}>
          {(props) => (
            <TextInput
              {...props}
              type="password"
              autoComplete="new-password"
              value={value.text}
              onChange={(event) => write(event.target.value)}
            />
          )}
        </Field>
      </div>
      {back && <div className="pt-[22px]">{back}</div>}
    </div>
  );
}
