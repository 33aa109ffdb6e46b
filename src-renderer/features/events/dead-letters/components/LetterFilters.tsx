/** Which dead letters the list shows, as said in the URL. */
import { Clock } from 'lucide-react';
import type { RefObject } from 'react';
import { DEAD_LETTER_STATES } from '../../../../../src-contract/dead-letters.ts';
import { Button } from '../../../../ui/Button.tsx';
import { FilterChips, without } from '../../../../ui/filters/FilterChips.tsx';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { Menu, MenuCheck, MenuHeading, MenuRadio } from '../../../../ui/Menu.tsx';
import { FAMILIES, typesOf } from '../../event-families.ts';
import type { SearchControl } from '../hooks/use-letters-search.ts';
import { type LetterState, OPEN_STATES } from '../letter-filter.ts';
import { AGE_NAMES, AGES, type AgeName, ageNameOf, span } from '../letter-words.ts';

export interface LetterFiltersProps extends SearchControl {
  inputRef: RefObject<HTMLInputElement | null>;
  nameOf(subscriber: string): string;
}

export function LetterFilters({ search, set, inputRef, nameOf }: LetterFiltersProps) {
  return (
    <>
      <FilterText
        label="Find in errors"
        maxLength={500}
        value={search.error}
        onChange={(error) => set({ error }, { replace: true })}
        inputRef={inputRef}
      />
      <StateFilter search={search} set={set} />
      <TypeFilter search={search} set={set} />
      <AgeFilter search={search} set={set} />
      <Chips search={search} set={set} nameOf={nameOf} />
    </>
  );
}

function StateFilter({ search, set }: SearchControl) {
  const chosen = search.state ?? OPEN_STATES;
  const toggle = (state: LetterState, checked: boolean) => {
    const next = DEAD_LETTER_STATES.filter((one) => (one === state ? checked : chosen.includes(one)));
    // None at all would show nothing: that is how one begins anew.
    const isUsual =
      next.length === 0 || (next.length === OPEN_STATES.length && OPEN_STATES.every((one) => next.includes(one)));
    set({ state: isUsual ? undefined : next });
  };
  return (
    <Menu
      align="start"
      trigger={
        <Button aria-label={`State: ${chosen.join(', ')}`}>
          State{search.state !== undefined && ` · ${search.state.length}`}
        </Button>
      }
    >
      {DEAD_LETTER_STATES.map((state) => (
        <MenuCheck key={state} checked={chosen.includes(state)} onChange={(checked) => toggle(state, checked)}>
          {state}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function TypeFilter({ search, set }: SearchControl) {
  const chosen = search.type ?? [];
  return (
    <Menu
      align="start"
      trigger={<Button aria-label="Filter by event type">Type{chosen.length > 0 && ` · ${chosen.length}`}</Button>}
    >
      {FAMILIES.map((family) => (
        <div key={family} role="group" aria-label={family}>
          <MenuHeading>{family}</MenuHeading>
          {typesOf(family).map((type) => (
            <MenuCheck
              key={type}
              checked={chosen.includes(type)}
              onChange={(checked) => {
                set({ type: checked ? [...chosen, type] : without(chosen, type) });
              }}
            >
              <span className="font-mono text-xs">{type}</span>
            </MenuCheck>
          ))}
        </div>
      ))}
    </Menu>
  );
}

function AgeFilter({ search, set }: SearchControl) {
  const name = ageNameOf(search);
  return (
    <Menu
      align="start"
      trigger={
        <Button icon={<Clock className="size-3.5" />} aria-label={`Age: ${ageWords(search)}`}>
          Age{name !== 'any' && ' · 1'}
        </Button>
      }
    >
      <MenuHeading>Failed last</MenuHeading>
      <MenuRadio<AgeName | ''>
        value={name ?? ''}
        onChange={(next) => next !== '' && set({ older: AGES[next].older, younger: AGES[next].younger })}
        options={AGE_NAMES.map((value) => ({ value, label: AGES[value].label }))}
      />
    </Menu>
  );
}

function ageWords({ older, younger }: { older?: number | undefined; younger?: number | undefined }): string {
  const name = ageNameOf({ older, younger });
  if (name !== undefined) return AGES[name].label.toLowerCase();
  return [older && `older than ${span(older)}`, younger && `in the last ${span(younger)}`].filter(Boolean).join(', ');
}

/** What is filtered now. */
function Chips({ search, set, nameOf }: SearchControl & { nameOf(subscriber: string): string }) {
  const { state, type = [], subscriber, error, older, younger } = search;
  const filters: { text: string; patch: Parameters<typeof set>[0] }[] = [
    ...(state ? [{ text: state.join(' or '), patch: { state: undefined } }] : []),
    ...type.map((one) => ({ text: one, patch: { type: without(type, one) } })),
    ...(subscriber ? [{ text: nameOf(subscriber), patch: { subscriber: undefined } }] : []),
    ...(error ? [{ text: `“${error}”`, patch: { error: undefined } }] : []),
    ...(older || younger ? [{ text: ageWords(search), patch: { older: undefined, younger: undefined } }] : []),
  ];
  return <FilterChips chips={filters.map(({ text, patch }) => ({ key: text, text, remove: () => set(patch) }))} />;
}
