/** A connection as a URL: what is written is understood at once, and stands in the fields. */
import { useState } from 'react';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import type { Read } from '../model/connection-url.ts';

export interface UrlInputProps<T> {
  label: string;
  /** What the fields say, as a URL. */
  url: string;
  /** A password is kept that the URL does not show. */
  hidesPassword: boolean;
  placeholder: string;
  read(text: string): Read<T>;
  onRead(address: T): void;
  /** What is not understood as it stands; empty as soon as it is. */
  onUnread(text: string): void;
}

export function UrlInput<T>({ label, url, hidesPassword, placeholder, read, onRead, onUnread }: UrlInputProps<T>) {
  /** What is written, as long as it is not understood or not written by the fields. */
  const [typed, setTyped] = useState<string>();
  const answer = typed === undefined || typed.trim() === '' ? undefined : read(typed);
  const problem = answer !== undefined && 'problem' in answer ? answer.problem : undefined;
  return (
    <Field
      label={label}
      error={problem}
      help={
        hidesPassword
          ? 'The password that is kept is not shown; without one in the URL it stays.'
          : 'Characters such as @ or # in a password need not be escaped.'
      }
    >
      {(props) => (
        <TextInput
          {...props}
          dir="ltr"
          className="font-mono text-xs"
          placeholder={placeholder}
          value={typed ?? url}
          // As Archon understood it.
          onBlur={() => problem === undefined && setTyped(undefined)}
          onChange={(event) => {
            const text = event.target.value;
            setTyped(text);
            const understood = read(text);
            onUnread('address' in understood ? '' : text.trim());
            if ('address' in understood) onRead(understood.address);
          }}
        />
      )}
    </Field>
  );
}
