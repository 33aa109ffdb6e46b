/** Labels with what they must be, row by row. */
import { Plus, X } from 'lucide-react';
import { type ReactNode, useId, useRef } from 'react';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { TextInput } from '../../../ui/fields.tsx';
import { newPair, type Pair } from './pairs.ts';

export interface PairsFieldProps {
  label: string;
  /** What is said while there is none. */
  none: ReactNode;
  value: readonly Pair[];
  onChange(value: Pair[]): void;
  /** Names that are offered. */
  names: readonly string[];
  most: number;
  error?: string | undefined;
}

export function PairsField({ label, none, value, onChange, names, most, error }: PairsFieldProps) {
  const list = useId();
  const note = useId();
  const root = useRef<HTMLFieldSetElement>(null);
  const change = (key: number, patch: Partial<Pair>) =>
    onChange(value.map((pair) => (pair.key === key ? { ...pair, ...patch } : pair)));
  const add = () => {
    onChange([...value, newPair()]);
    // The row is there after the next drawing.
    setTimeout(() => root.current?.querySelector<HTMLElement>('li:last-child input')?.focus());
  };
  const remove = (key: number) => {
    onChange(value.filter((pair) => pair.key !== key));
    root.current?.querySelector<HTMLElement>('[data-add]')?.focus();
  };
  return (
    <fieldset ref={root} className="min-w-0 space-y-1.5" aria-describedby={error === undefined ? undefined : note}>
      <legend className="font-medium text-muted text-xs">{label}</legend>
      {value.length === 0 ? (
        <p className="text-faint text-xs">{none}</p>
      ) : (
        <ul className="space-y-1.5">
          {value.map((pair, index) => (
            <li key={pair.key} className="flex items-center gap-1.5">
              <TextInput
                aria-label={`Label ${index + 1}`}
                aria-invalid={error !== undefined}
                className="w-36! font-mono text-xs"
                list={list}
                maxLength={40}
                placeholder="label"
                value={pair.label}
                onChange={({ target }) => change(pair.key, { label: target.value })}
              />
              <span aria-hidden="true" className="text-faint">
                is
              </span>
              <TextInput
                aria-label={`Value of label ${index + 1}`}
                dir="auto"
                className="flex-1 font-mono text-xs"
                maxLength={300}
                placeholder="value, or the beginning of it and *"
                value={pair.value}
                onChange={({ target }) => change(pair.key, { value: target.value })}
              />
              <IconButton
                label={`Remove label ${index + 1}`}
                icon={<X className="size-3.5" />}
                onClick={() => remove(pair.key)}
              />
            </li>
          ))}
        </ul>
      )}
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button
        data-add
        size="small"
        look="ghost"
        icon={<Plus className="size-3.5" />}
        disabled={value.length >= most}
        onClick={add}
      >
        Add a label
      </Button>
      {error !== undefined && (
        <p id={note} role="alert" className="text-bad text-xs">
          {error}
        </p>
      )}
    </fieldset>
  );
}
