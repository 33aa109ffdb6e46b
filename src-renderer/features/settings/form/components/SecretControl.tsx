/** A secret: whether there is one, another in its place, or none. What it is, nobody is told. */
import { KeyRound } from 'lucide-react';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { TextInput } from '../../../../ui/fields.tsx';
import type { Described, SettingControlProps } from './SettingControl.tsx';

export function SecretControl({
  setting,
  typed,
  disabled,
  onType,
  onForget,
  describe,
}: SettingControlProps & { describe: Described }) {
  const isSet = setting.is_set || setting.source.kind !== 'default';
  if (typeof typed === 'string') {
    return (
      <div className="flex items-center gap-2">
        <TextInput
          {...describe}
          type="password"
          autoComplete="new-password"
          autoFocus
          value={typed}
          placeholder="The new secret"
          disabled={disabled}
          onChange={(event) => onType(event.target.value)}
        />
        <Button size="small" onClick={onForget}>
          Cancel
        </Button>
      </div>
    );
  }
  return (
    <div className="flex items-center gap-2">
      <span className={cx('flex flex-1 items-center gap-1.5', isSet ? 'text-text' : 'text-faint')}>
        <KeyRound aria-hidden="true" className="size-3.5" />
        {typed === null ? 'Will be removed' : isSet ? 'Set' : 'Not set'}
      </span>
      {!disabled && (
        <>
          <Button size="small" aria-label={`${isSet ? 'Replace' : 'Set'}: ${setting.title}`} onClick={() => onType('')}>
            {isSet ? 'Replace' : 'Set'}
          </Button>
          {setting.is_set && typed !== null && (
            <Button size="small" aria-label={`Remove: ${setting.title}`} onClick={() => onType(null)}>
              Remove
            </Button>
          )}
        </>
      )}
    </div>
  );
}
