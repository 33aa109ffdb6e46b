import { Fragment } from 'react';
import type { EventType } from '../../../../../src-contract/events.ts';
import { Button } from '../../../../ui/Button.tsx';
import { number } from '../../../../ui/format.ts';
import { Menu, MenuCheck, MenuHeading, MenuItem, MenuLine } from '../../../../ui/Menu.tsx';
import { FAMILIES, type Family, typesOf } from '../../event-families.ts';
import { useEventStats } from '../hooks/use-event-stats.ts';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';

/** Types of events, by what they are about, with how many there were in the last hour. */
export function TypeFilter({ search, set }: FeedSearchControl) {
  const { data } = useEventStats();
  const counts = new Map(data?.types.map(({ type, count }) => [type, count]));
  const chosen = search.type ?? [];
  const name = chosen.length > 0 ? `Type · ${chosen.length}` : 'Type';
  const choose = (types: readonly string[]) => set({ type: types.length === 0 ? undefined : [...types] });
  return (
    <Menu
      trigger={
        <Button size="small" className="h-8" aria-label={`${name}, filter by type`}>
          {name}
        </Button>
      }
    >
      <MenuItem disabled={chosen.length === 0} onSelect={() => choose([])}>
        All types
      </MenuItem>
      <MenuLine />
      <MenuHeading>With the events of the last hour</MenuHeading>
      {FAMILIES.map((family) => (
        <Fragment key={family}>
          <FamilyItem family={family} chosen={chosen} onChoose={choose} />
          {typesOf(family).map((type) => (
            <MenuCheck
              key={type}
              checked={chosen.includes(type)}
              onChange={(checked) => choose(checked ? [...chosen, type] : chosen.filter((one) => one !== type))}
            >
              <Named name={type} count={data && (counts.get(type) ?? 0)} />
            </MenuCheck>
          ))}
        </Fragment>
      ))}
    </Menu>
  );
}

function FamilyItem({
  family,
  chosen,
  onChoose,
}: {
  family: Family;
  chosen: readonly string[];
  onChoose(types: readonly string[]): void;
}) {
  const types = typesOf(family);
  const others = chosen.filter((one) => !types.includes(one as EventType));
  const isWhole = types.every((type) => chosen.includes(type));
  return (
    <MenuCheck checked={isWhole} onChange={(checked) => onChoose(checked ? [...others, ...types] : others)}>
      <span className="font-semibold">{family}</span>
    </MenuCheck>
  );
}

/** @param count is not known before it was read */
function Named({ name, count }: { name: string; count: number | undefined }) {
  return (
    <>
      <span className="flex-1 pl-3 font-mono text-xs">{name}</span>
      <span className="pl-4 text-[11px] text-faint tabular-nums">{count !== undefined && number(count)}</span>
    </>
  );
}
