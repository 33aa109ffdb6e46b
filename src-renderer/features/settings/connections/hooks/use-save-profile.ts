/** Keeps a profile: a new one, or what was changed of one. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Profile } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { type ConnectionForm, changeOf, connectionOf } from '../model/connection-form.ts';

export function useSaveProfile() {
  const queryClient = useQueryClient();
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string>();
  /**
   * @param from the variable of the environment that names the connection
   * @returns what is kept; undefined when it was refused, which `problem` tells
   */
  const save = async (
    before: Profile | undefined,
    form: ConnectionForm,
    from?: string,
  ): Promise<Profile | undefined> => {
    setSaving(true);
    setProblem(undefined);
    try {
      const saved =
        before === undefined
          ? await client.profiles.create({
              ...form.looks,
              name: form.looks.name.trim(),
              connection: from === undefined ? connectionOf(form) : { from_environment: from },
            })
          : await client.profiles.update(changeOf(before, form));
      // Its name and colour stand in the status bar too.
      void queryClient.invalidateQueries({ queryKey: api.app.status.key() });
      await queryClient.invalidateQueries({ queryKey: api.profiles.key() });
      return saved;
    } catch (error) {
      setProblem(problemOf(error).message);
      return undefined;
    } finally {
      setSaving(false);
    }
  };
  return { save, isSaving, problem };
}
