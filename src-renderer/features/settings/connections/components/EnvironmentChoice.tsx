/** Connections that variables of the environment name: they are kept as they are, secrets and all. */
import type { EnvironmentConnection } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';

export interface EnvironmentChoiceProps {
  found: readonly EnvironmentConnection[];
  /** The variable that was chosen; undefined while the connection is written by hand. */
  value: string | undefined;
  onChange(variable: string | undefined): void;
}

export function EnvironmentChoice({ found, value, onChange }: EnvironmentChoiceProps) {
  if (found.length === 0) return null;
  return (
    <fieldset className="space-y-1.5 rounded-lg border border-line p-3">
      <legend className="px-1 font-medium text-muted text-xs">The environment names connections</legend>
      {found.map(({ variable, redis_variable, connection: { database } }) => (
        <label key={variable} className="flex cursor-pointer items-start gap-2">
          <input
            type="radio"
            name="environment"
            className="mt-0.5 accent-accent"
            checked={value === variable}
            onChange={() => onChange(variable)}
          />
          <span className="min-w-0">
            <span className="font-mono text-xs">{variable}</span>
            {redis_variable !== null && <span className="font-mono text-xs"> + {redis_variable}</span>}
            <span className="block text-muted text-xs [overflow-wrap:anywhere]">
              {visibleText(`${database.user}@${database.host}:${database.port}/${database.database}`)}
            </span>
          </span>
        </label>
      ))}
      <label className="flex cursor-pointer items-start gap-2">
        <input
          type="radio"
          name="environment"
          className="mt-0.5 accent-accent"
          checked={value === undefined}
          onChange={() => onChange(undefined)}
        />
        <span>Write it by hand</span>
      </label>
    </fieldset>
  );
}
