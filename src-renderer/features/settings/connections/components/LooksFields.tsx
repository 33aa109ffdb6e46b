/** What a connection is called, its colour, and what may be done over it. */
import { useId } from 'react';
import { PROFILE_COLORS, type ProfileColor } from '../../../../../src-contract/profiles.ts';
import { PROFILE_FILLS } from '../../../../app/profile/profile-colors.ts';
import { cx } from '../../../../ui/classes.ts';
import { Field, Switch, TextInput } from '../../../../ui/fields.tsx';
import type { ConnectionForm } from '../model/connection-form.ts';

type Looks = ConnectionForm['looks'];

export interface LooksFieldsProps {
  value: Looks;
  fault: string | undefined;
  onChange(value: Looks): void;
}

export function LooksFields({ value, fault, onChange }: LooksFieldsProps) {
  const set = (patch: Partial<Looks>) => onChange({ ...value, ...patch });
  return (
    <div className="space-y-3">
      <Field label="Name" error={fault}>
        {(props) => (
          <TextInput
            {...props}
            dir="auto"
            maxLength={500}
            placeholder="Production"
            value={value.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <div className="space-y-1.5">
        <p className="font-medium text-muted text-xs">Colour</p>
        <Swatches value={value.color} onChange={(color) => set({ color })} />
      </div>
      <Choice
        label="Read-only"
        help="Nothing can be changed: not by people, not by agents, not by workers."
        checked={value.read_only}
        onChange={(read_only) => set({ read_only })}
      />
      <Choice
        label="Agents may use it"
        help="While it is open, agents that call this computer are served from it."
        checked={value.agents}
        onChange={(agents) => set({ agents })}
      />
    </div>
  );
}

function Swatches({ value, onChange }: { value: ProfileColor; onChange(color: ProfileColor): void }) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label="Colour" className="flex gap-2">
      {PROFILE_COLORS.map((color) => (
        <label
          key={color}
          title={color}
          className="relative cursor-pointer rounded-full p-0.5 has-[:checked]:ring-2 has-[:checked]:ring-text has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text has-[:focus-visible]:outline-offset-2"
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            aria-label={color}
            checked={color === value}
            onChange={() => onChange(color)}
          />
          <span aria-hidden="true" className={cx('block size-5 rounded-full', PROFILE_FILLS[color])} />
        </label>
      ))}
    </div>
  );
}

export interface ChoiceProps {
  label: string;
  help: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

/** A switch with what it means beside it. */
export function Choice({ label, help, checked, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-3">
      <Switch label={label} labelledBy={id} checked={checked} onChange={onChange} />
      <div className="min-w-0">
        <p id={id} className="font-medium">
          {label}
        </p>
        <p className="text-faint text-xs">{help}</p>
      </div>
    </div>
  );
}
