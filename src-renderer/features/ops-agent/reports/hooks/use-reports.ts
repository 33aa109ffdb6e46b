import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';

const PAGE = 50;
const EVERY_MS = 60_000;

/** The reports there are, newest first. */
export function useReports() {
  return useInfiniteQuery(
    api.opsReports.list.infiniteOptions({
      input: (cursor: string | undefined) => ({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      ...useLive(EVERY_MS),
    }),
  );
}

/** One report, with what is in it; it changes only where it is sent to. */
export function useReport(report_id: string) {
  return useQuery(api.opsReports.get.queryOptions({ input: { report: report_id } }));
}
