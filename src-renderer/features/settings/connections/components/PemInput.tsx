/** A certificate or key in PEM: pasted, or read from a file. */
import { type ReactNode, useRef, useState } from 'react';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field, TextArea } from '../../../../ui/fields.tsx';

/** A file that is larger is no certificate. */
const MAX_BYTES = 200_000;

export interface PemInputProps {
  label: string;
  value: string;
  fault?: string | undefined;
  help?: string | undefined;
  isKey?: boolean;
  onChange(text: string): void;
  /** More that can be done. */
  children?: ReactNode;
}

export function PemInput({ label, value, fault, help, isKey, onChange, children }: PemInputProps) {
  const inputRef = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    setProblem(undefined);
    if (file.size > MAX_BYTES) {
      setProblem(`${visibleText(file.name)} is too large for a ${isKey ? 'key' : 'certificate'}.`);
      return;
    }
    try {
      const text = await file.text();
      if (!text.includes('-----BEGIN ')) setProblem(`${visibleText(file.name)} is not in PEM. Convert it first.`);
      else onChange(text);
    } catch {
      setProblem(`${visibleText(file.name)} cannot be read.`);
    }
  };
  return (
    <div className="space-y-1.5">
      <Field label={label} error={problem ?? fault} help={help}>
        {(props) => (
          <TextArea
            {...props}
            dir="ltr"
            rows={3}
            spellCheck={false}
            autoComplete="off"
            placeholder={isKey ? '-----BEGIN PRIVATE KEY-----' : '-----BEGIN CERTIFICATE-----'}
            value={value}
            onChange={(event) => {
              setProblem(undefined);
              onChange(event.target.value);
            }}
            className="min-h-16 font-mono text-[11px]"
          />
        )}
      </Field>
      <div className="flex gap-2">
        <Button size="small" onClick={() => inputRef.current?.click()}>
          Choose a file
        </Button>
        {children}
        <input
          ref={inputRef}
          type="file"
          aria-label={`File of: ${label}`}
          className="sr-only"
          tabIndex={-1}
          accept=".pem,.crt,.cer,.key,application/x-pem-file"
          onChange={(event) => {
            void read(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
    </div>
  );
}
