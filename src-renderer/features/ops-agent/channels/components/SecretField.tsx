/** A secret that is written, and never shown again: it stays, is replaced, or that of the settings is taken. */
import { useId } from 'react';
import { Button } from '../../../../ui/Button.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import type { SecretForm } from '../model/channel-form.ts';
import { secretWords } from '../model/channel-words.ts';

export interface SecretFieldProps {
  label: string;
  value: SecretForm;
  onChange(value: SecretForm): void;
  /** The one that is there; undefined for a new channel. */
  kept: { set: boolean; hint: string | null; from_settings: boolean } | undefined;
  placeholder?: string;
  help?: string | undefined;
  error?: string | undefined;
}

export function SecretField({ label, value, onChange, kept, placeholder, help, error }: SecretFieldProps) {
  const note = useId();
  const isOwn = kept?.set === true && !kept.from_settings;
  if (value.how !== 'write') {
    return (
      <div role="group" aria-label={label} className="space-y-1">
        <p className="font-medium text-muted text-xs">{label}</p>
        <div className="flex min-h-8 flex-wrap items-center gap-2">
          <span className="min-w-0 flex-1 text-muted">{words(value, kept)}</span>
          <Button size="small" onClick={() => onChange({ how: 'write', text: '' })}>
            {value.how === 'keep' ? 'Replace' : 'Write one of its own'}
          </Button>
          {value.how === 'keep' && (
            <Button size="small" onClick={() => onChange({ how: 'settings' })}>
              Remove
            </Button>
          )}
          {value.how === 'settings' && isOwn && (
            <Button size="small" look="ghost" onClick={() => onChange({ how: 'keep' })}>
              Keep the one there is
            </Button>
          )}
        </div>
        {error !== undefined && (
          <p id={note} role="alert" className="text-bad text-xs">
            {error}
          </p>
        )}
      </div>
    );
  }
  const back: SecretForm | undefined = isOwn ? { how: 'keep' } : { how: 'settings' };
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <Field label={label} error={error} help={help}>
          {(props) => (
            <TextInput
              {...props}
              type="password"
              autoComplete="new-password"
              maxLength={4000}
              placeholder={placeholder}
              value={value.text}
              onChange={({ target }) => onChange({ how: 'write', text: target.value })}
            />
          )}
        </Field>
      </div>
      <div className="pt-[22px]">
        <Button size="small" look="ghost" onClick={() => onChange(back)}>
          {isOwn ? 'Keep the one there is' : 'Take that of the settings'}
        </Button>
      </div>
    </div>
  );
}

function words(value: SecretForm, kept: SecretFieldProps['kept']): string {
  if (value.how === 'keep') return kept === undefined ? 'Kept.' : `Kept: ${secretWords(kept)}`;
  if (kept?.from_settings === true) return sentence(secretWords(kept));
  return 'None of its own: that of the settings is taken, where there is one.';
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
