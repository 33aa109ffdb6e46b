/** What is written about a connection: it is checked when it is sent, and from then on as it is written. */
import { useState } from 'react';
import type { Profile } from '../../../../../src-contract/index.ts';
import { type ConnectionForm, faultsOf, formOf } from '../model/connection-form.ts';

export interface ConnectionFormState {
  form: ConnectionForm;
  /** By the path of the field, such as `database.host`. */
  faults: Readonly<Record<string, string>>;
  isDirty: boolean;
  change(patch: Partial<ConnectionForm>): void;
  /** Of what is written, or of what is about to be. @returns whether it can be sent */
  check(form?: ConnectionForm): boolean;
}

/** @param hasConnection false while the connection comes from elsewhere, such as the environment */
export function useConnectionForm(profile: Profile | undefined, hasConnection: boolean): ConnectionFormState {
  const [before] = useState(() => formOf(profile));
  const [form, setForm] = useState(before);
  const [isChecked, setChecked] = useState(false);
  return {
    form,
    faults: isChecked ? faultsOf(form, hasConnection) : {},
    isDirty: JSON.stringify(form) !== JSON.stringify(before),
    change: (patch) => setForm((now) => ({ ...now, ...patch })),
    check: (next = form) => {
      setChecked(true);
      return Object.keys(faultsOf(next, hasConnection)).length === 0;
    },
  };
}
