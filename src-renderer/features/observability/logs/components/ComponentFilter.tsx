import { useQuery } from '@tanstack/react-query';
import { LOG_COMPONENTS } from '../../../../../src-contract/logs.ts';
import { api } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { number } from '../../../../ui/format.ts';
import { Menu, MenuCheck, MenuHeading, MenuItem, MenuLine } from '../../../../ui/Menu.tsx';
import type { LogsSearchControl } from '../hooks/use-logs-search.ts';

const EVERY_MS = 15_000;

/** Parts of Archon, with how many of the newest entries are of each. */
export function ComponentFilter({ search, set }: LogsSearchControl) {
  const { data } = useQuery(api.logs.components.queryOptions({ refetchInterval: EVERY_MS }));
  const counts = new Map(data?.items.map((item) => [item.component, item]));
  const chosen = search.component ?? [];
  const names = [...new Set<string>([...LOG_COMPONENTS, ...counts.keys(), ...chosen])];
  const name = chosen.length > 0 ? `Component · ${chosen.length}` : 'Component';
  const choose = (component: readonly string[]) =>
    set({ component: component.length === 0 ? undefined : [...component] });
  return (
    <Menu
      trigger={
        <Button size="small" className="h-8" aria-label={`${name}, filter by component`}>
          {name}
        </Button>
      }
    >
      <MenuItem disabled={chosen.length === 0} onSelect={() => choose([])}>
        All components
      </MenuItem>
      <MenuLine />
      <MenuHeading>With the newest entries</MenuHeading>
      {names.map((one) => (
        <MenuCheck
          key={one}
          checked={chosen.includes(one)}
          onChange={(checked) => choose(checked ? [...chosen, one] : chosen.filter((other) => other !== one))}
        >
          <span className="flex-1 font-mono text-xs">{one}</span>
          <Counts {...counts.get(one)} />
        </MenuCheck>
      ))}
    </Menu>
  );
}

function Counts({ entries = 0, warnings = 0, errors = 0 }: { entries?: number; warnings?: number; errors?: number }) {
  return (
    <span className="pl-4 text-[11px] text-faint tabular-nums">
      {errors > 0 && <span className="text-bad">{number(errors)} bad · </span>}
      {warnings > 0 && <span className="text-warn">{number(warnings)} warn · </span>}
      {number(entries)}
    </span>
  );
}
