import type { EventType } from '../../../../../src-contract/index.ts';
import { Checkbox } from '../../../../ui/fields.tsx';
import { FAMILIES, typesOf } from '../../event-families.ts';

export interface TypesFieldProps {
  value: readonly EventType[];
  onChange(types: EventType[]): void;
}

/** Event types one by one, or a whole group at a time. */
export function TypesField({ value, onChange }: TypesFieldProps) {
  const toggle = (types: readonly EventType[], on: boolean) => {
    const rest = value.filter((type) => !types.includes(type));
    onChange(on ? [...rest, ...types] : rest);
  };
  return (
    <div className="max-h-64 space-y-3 overflow-y-auto rounded-md border border-line bg-bg p-3">
      {FAMILIES.map((name) => {
        const types = typesOf(name);
        const chosen = types.filter((type) => value.includes(type)).length;
        return (
          <fieldset key={name} className="space-y-1">
            <legend className="sr-only">{name}</legend>
            <div className="flex items-center gap-2 font-medium">
              <Checkbox
                label={`All of: ${name}`}
                checked={chosen === 0 ? false : chosen === types.length ? true : 'indeterminate'}
                onChange={() => toggle(types, chosen < types.length)}
              />
              <span aria-hidden="true">{name}</span>
            </div>
            <div className="grid grid-cols-1 gap-x-4 gap-y-1 pl-6 sm:grid-cols-2">
              {types.map((type) => (
                <div key={type} className="flex min-w-0 items-center gap-2">
                  <Checkbox label={type} checked={value.includes(type)} onChange={(on) => toggle([type], on)} />
                  <span aria-hidden="true" className="one-line font-mono text-xs" title={type}>
                    {type}
                  </span>
                </div>
              ))}
            </div>
          </fieldset>
        );
      })}
    </div>
  );
}
