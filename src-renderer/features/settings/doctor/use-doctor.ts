/** The findings of the doctor, and what is done about them. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Finding } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';

type Fix = NonNullable<Finding['fix']>;

/** What came of the last fix. */
export type FixResult = { kind: 'done'; text: string } | { kind: 'failed'; text: string };

export type DoctorState = ReturnType<typeof useDoctor>;

export function useDoctor() {
  const queryClient = useQueryClient();
  const options = api.doctor.run.queryOptions({
    // Each look opens connections: only when a person comes here or asks for it.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });
  const query = useQuery(options);
  const [mending, setMending] = useState<string>();
  const [asked, setAsked] = useState<Fix>();
  const [result, setResult] = useState<FixResult>();

  const mend = async ({ fix_id }: Fix): Promise<void> => {
    setMending(fix_id);
    setResult(undefined);
    try {
      const { done, findings } = await client.doctor.fix({ fix_id });
      queryClient.setQueryData(options.queryKey, { checked_at: new Date().toISOString(), findings });
      setResult({ kind: 'done', text: done });
    } catch (error) {
      setResult({ kind: 'failed', text: problemOf(error).message });
      await query.refetch();
    } finally {
      setMending(undefined);
      void queryClient.invalidateQueries({ queryKey: api.secrets.key() });
    }
  };

  const runAgain = () => {
    setResult(undefined);
    void query.refetch();
  };

  const begin = (fix: Fix) => (fix.confirm === null ? void mend(fix) : setAsked(fix));
  const answer = (isWanted: boolean) => {
    if (isWanted && asked) void mend(asked);
    setAsked(undefined);
  };

  return {
    query,
    /** What is shown is from before. */
    isRunning: query.isFetching && query.data !== undefined,
    runAgain,
    begin,
    /** The fix that a person is asked about. */
    asked,
    answer,
    /** Id of the fix that is under way. */
    mending,
    result,
    forget: () => setResult(undefined),
  };
}
