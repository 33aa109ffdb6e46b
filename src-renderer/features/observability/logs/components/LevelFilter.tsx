import { LOG_LEVELS } from '../../../../../src-contract/logs.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Menu, MenuHeading, MenuRadio } from '../../../../ui/Menu.tsx';
import type { LogsSearchControl } from '../hooks/use-logs-search.ts';

const ALL = 'all';
const OPTIONS = [
  { value: ALL, label: 'All levels' },
  ...LOG_LEVELS.slice(1).map((value) => ({ value, label: value === 'fatal' ? 'fatal' : `${value} and above` })),
];

/** How bad an entry must be to be shown. */
export function LevelFilter({ search, set }: LogsSearchControl) {
  const name = search.level === undefined ? 'Level' : `Level · ${search.level}`;
  return (
    <Menu
      trigger={
        <Button size="small" className="h-8" aria-label={`${name}, filter by level`}>
          {name}
        </Button>
      }
    >
      <MenuHeading>At least</MenuHeading>
      <MenuRadio
        value={search.level ?? ALL}
        options={OPTIONS}
        onChange={(value) => set({ level: LOG_LEVELS.find((level) => level === value) })}
      />
    </Menu>
  );
}
