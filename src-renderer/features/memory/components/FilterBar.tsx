import { ArrowDownWideNarrow, Columns3, Filter } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { LONGTERM_TYPES, WORKING_TYPES } from '../../../../src-contract/entities.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Field, Slider, Switch, TextInput } from '../../../ui/fields.tsx';
import { FilterChips, without } from '../../../ui/filters/FilterChips.tsx';
import { FilterPopover } from '../../../ui/filters/FilterPopover.tsx';
import { FilterText } from '../../../ui/filters/FilterText.tsx';
import { Menu, MenuCheck, MenuHeading, MenuRadio } from '../../../ui/Menu.tsx';
import type { SearchControl } from '../hooks/use-memory-search.ts';
import type { Layer } from '../memory-list-query.ts';
import { filterCount, NO_FILTERS, type Sort } from '../memory-search.ts';
import { COLUMNS, useColumns } from './columns.ts';

export interface FilterBarProps extends SearchControl {
  layer: Layer;
  inputRef: RefObject<HTMLInputElement | null>;
}

export function FilterBar({ layer, search, set, inputRef }: FilterBarProps) {
  const { shown, toggle } = useColumns();
  return (
    <div className="space-y-2 border-line border-b px-3 py-2">
      <div className="flex items-center gap-2">
        <FilterText
          label="Find in this list"
          placeholder="Find text in this list"
          maxLength={1000}
          value={search.q}
          onChange={(q) => set({ q }, { replace: true })}
          inputRef={inputRef}
        />
        <TypeFilter layer={layer} search={search} set={set} />
        <MoreFilters layer={layer} search={search} set={set} />
        <Menu
          trigger={
            <IconButton
              label={`Sort: ${SORT_NAMES[search.sort ?? 'newest']}`}
              icon={<ArrowDownWideNarrow className="size-4" />}
            />
          }
        >
          <MenuHeading>Sort</MenuHeading>
          <MenuRadio
            value={search.sort ?? 'newest'}
            onChange={(sort) => set({ sort: sort === 'newest' ? undefined : sort })}
            options={(['newest', 'oldest', 'score'] as const).map((value) => ({
              value,
              label: sortName(value, layer),
            }))}
          />
        </Menu>
        <Menu trigger={<IconButton label="Columns" icon={<Columns3 className="size-4" />} />}>
          <MenuHeading>Columns</MenuHeading>
          {COLUMNS.map(({ name, label }) => (
            <MenuCheck key={name} checked={shown.has(name)} onChange={() => toggle(name)}>
              {label}
            </MenuCheck>
          ))}
        </Menu>
      </div>
      <Chips layer={layer} search={search} set={set} />
    </div>
  );
}

const SORT_NAMES = { newest: 'newest first', oldest: 'oldest first', score: 'highest first' } as const;

function sortName(sort: Sort, layer: Layer): string {
  if (sort === 'score') return layer === 'working' ? 'Most relevant first' : 'Most important first';
  return sort === 'newest' ? 'Newest first' : 'Oldest first';
}

const typesOf = (layer: Layer): readonly string[] => (layer === 'working' ? WORKING_TYPES : LONGTERM_TYPES);

function TypeFilter({ layer, search, set }: SearchControl & { layer: Layer }) {
  const chosen = search.type ?? [];
  const name = chosen.length > 0 ? `Type · ${chosen.length}` : 'Type';
  return (
    <Menu
      trigger={
        <Button size="small" className="h-8" aria-label={`${name}, filter by type`}>
          {name}
        </Button>
      }
    >
      {typesOf(layer).map((type) => (
        <MenuCheck
          key={type}
          checked={chosen.includes(type)}
          onChange={(checked) => {
            const next = checked ? [...chosen, type] : chosen.filter((one) => one !== type);
            set({ type: next.length === 0 ? undefined : next });
          }}
        >
          {type}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function MoreFilters({ layer, search, set }: SearchControl & { layer: Layer }) {
  const [least, setLeast] = useState(search.min ?? 0);
  useEffect(() => setLeast(search.min ?? 0), [search.min]);
  const count = filterCount(search);
  const flag = (name: 'pinned' | 'superseded' | 'expired' | 'deleted', label: string) => (
    <div className="flex items-center justify-between gap-3">
      <span id={`filter-${name}`}>{label}</span>
      <Switch
        label={label}
        labelledBy={`filter-${name}`}
        checked={search[name] === true}
        onChange={(on) => set({ [name]: on ? true : undefined })}
      />
    </div>
  );
  return (
    <FilterPopover
      name={count > 0 ? `Filters · ${count}` : 'Filters'}
      label="Filters"
      icon={<Filter className="size-3.5" />}
    >
      <TagFilter search={search} set={set} />
      <div className="grid grid-cols-2 gap-2">
        <Field label="From">
          {(props) => (
            <TextInput
              {...props}
              type="date"
              value={search.from ?? ''}
              max={search.to}
              onChange={(event) => set({ from: event.target.value || undefined })}
            />
          )}
        </Field>
        <Field label="To">
          {(props) => (
            <TextInput
              {...props}
              type="date"
              value={search.to ?? ''}
              min={search.from}
              onChange={(event) => set({ to: event.target.value || undefined })}
            />
          )}
        </Field>
      </div>
      <div>
        <p className="mb-1 font-medium text-muted text-xs">
          {layer === 'working' ? 'Relevance' : 'Importance'} at least {least.toFixed(2)}
        </p>
        <Slider
          label={layer === 'working' ? 'Least relevance' : 'Least importance'}
          value={least}
          min={0}
          max={1}
          step={0.05}
          onChange={setLeast}
          onCommit={(value) => set({ min: value === 0 ? undefined : value })}
        />
      </div>
      {layer === 'longterm' && flag('pinned', 'Only pinned')}
      {layer === 'longterm' && flag('superseded', 'With superseded')}
      {layer === 'working' && flag('expired', 'With expired')}
      {flag('deleted', 'With deleted')}
      <Button size="small" className="w-full" disabled={count === 0} onClick={() => set(NO_FILTERS)}>
        Clear filters
      </Button>
    </FilterPopover>
  );
}

function TagFilter({ search, set }: SearchControl) {
  const [typed, setTyped] = useState('');
  const hasLeft = useRef(false);
  const add = () => {
    const tag = typed.trim();
    if (tag === '' || hasLeft.current) return;
    set({ tag: [...new Set([...(search.tag ?? []), tag])] });
    setTyped('');
  };
  return (
    <Field label="Tag" help="Enter adds it; memories must carry all.">
      {(props) => (
        <TextInput
          {...props}
          value={typed}
          maxLength={100}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={add}
          onKeyDown={(event) => {
            // Esc leaves without a word: what closes around the field must not add it.
            hasLeft.current = event.key === 'Escape';
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
      )}
    </Field>
  );
}

/** What is filtered now. */
function Chips({ layer, search, set }: SearchControl & { layer: Layer }) {
  const filters: { key: string; text: string; patch: Parameters<typeof set>[0] }[] = [
    ...(search.type ?? []).map((type) => ({
      key: `type ${type}`,
      text: type,
      patch: { type: without(search.type, type) },
    })),
    ...(search.tag ?? []).map((tag) => ({
      key: `tag ${tag}`,
      text: `#${tag}`,
      patch: { tag: without(search.tag, tag) },
    })),
    ...(search.q ? [{ key: 'q', text: `“${search.q}”`, patch: { q: undefined } }] : []),
    ...(search.from ? [{ key: 'from', text: `from ${search.from}`, patch: { from: undefined } }] : []),
    ...(search.to ? [{ key: 'to', text: `to ${search.to}`, patch: { to: undefined } }] : []),
    ...(search.min === undefined
      ? []
      : [
          {
            key: 'min',
            text: `${layer === 'working' ? 'relevance' : 'importance'} ≥ ${search.min}`,
            patch: { min: undefined },
          },
        ]),
    ...(['pinned', 'superseded', 'expired', 'deleted'] as const)
      .filter((name) => search[name])
      .map((name) => ({ key: name, text: name === 'pinned' ? name : `with ${name}`, patch: { [name]: undefined } })),
  ];
  return <FilterChips chips={filters.map(({ key, text, patch }) => ({ key, text, remove: () => set(patch) }))} />;
}
