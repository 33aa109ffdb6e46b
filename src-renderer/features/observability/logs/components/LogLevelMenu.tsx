import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { LOG_LEVELS, type LogLevel } from '../../../../../src-contract/logs.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Menu, MenuHeading, MenuItem, MenuLine, MenuRadio } from '../../../../ui/Menu.tsx';
import { momentOf } from '../../../../ui/moment.ts';

/** Long enough to see it happen again; short enough to be forgotten without harm. */
const MINUTES = 30;
const OPTIONS = LOG_LEVELS.map((value) => ({ value, label: value }));

/** How much is written, and a way to have more of it for a while. */
export function LogLevelMenu() {
  const queries = useQueryClient();
  const { data } = useQuery(api.logs.level.queryOptions({ refetchInterval: 30_000 }));
  const change = useMutation(
    api.logs.setLevel.mutationOptions({
      onSuccess: (state) => queries.setQueryData(api.logs.level.queryKey(), state),
      onError: (error) => void toast.error(problemOf(error).message),
    }),
  );
  if (data === undefined) return null;
  const { level, configured, until } = data;
  return (
    <Menu
      trigger={
        <Button size="small" className="h-8" aria-label={`Writes ${level}, change how much is written`}>
          Writes {level}
        </Button>
      }
    >
      <MenuHeading>
        {until === null ? `What is written; another level holds ${MINUTES} minutes` : `Until ${momentOf(until)}`}
      </MenuHeading>
      <MenuRadio<LogLevel | 'silent'>
        value={level}
        options={OPTIONS}
        onChange={(next) => next !== 'silent' && change.mutate({ level: next, minutes: MINUTES })}
      />
      {until !== null && (
        <>
          <MenuLine />
          <MenuItem onSelect={() => change.mutate({ level: null })}>As configured: {configured}</MenuItem>
        </>
      )}
    </Menu>
  );
}
