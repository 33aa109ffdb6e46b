/** Which dead letters the list shows, as said in the URL. */
import { Clock, X } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { DEAD_LETTER_STATES } from '../../../../../src-contract/dead-letters.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { SearchInput } from '../../../../ui/fields.tsx';
import { Menu, MenuCheck, MenuHeading, MenuRadio } from '../../../../ui/Menu.tsx';
import { useDebounced } from '../../../../ui/use-debounced.ts';
import { eventGroups } from '../../event-groups.ts';
import type { SearchControl } from '../hooks/use-letters-search.ts';
import { type LetterState, OPEN_STATES } from '../letter-filter.ts';
import { AGE_NAMES, AGES, type AgeName, ageNameOf, span } from '../letter-words.ts';

const TYPING_MS = 300;

export interface LetterFiltersProps extends SearchControl {
  inputRef: RefObject<HTMLInputElement | null>;
  nameOf(subscriber: string): string;
}

export function LetterFilters({ search, set, inputRef, nameOf }: LetterFiltersProps) {
  return (
    <>
      <ErrorFilter search={search} set={set} inputRef={inputRef} />
      <StateFilter search={search} set={set} />
      <TypeFilter search={search} set={set} />
      <AgeFilter search={search} set={set} />
      <Chips search={search} set={set} nameOf={nameOf} />
    </>
  );
}

function ErrorFilter({ search, set, inputRef }: SearchControl & { inputRef: RefObject<HTMLInputElement | null> }) {
  const [typed, setTyped] = useState(search.error ?? '');
  const rested = useDebounced(typed, TYPING_MS).trim();
  const sent = useRef(search.error ?? '');
  useEffect(() => {
    if (rested === sent.current) return;
    sent.current = rested;
    set({ error: rested === '' ? undefined : rested }, { replace: true });
  }, [rested, set]);
  // Changed from elsewhere: a chip, "back".
  useEffect(() => {
    const error = search.error ?? '';
    if (error === sent.current) return;
    sent.current = error;
    setTyped(error);
  }, [search.error]);
  return (
    <SearchInput
      ref={inputRef}
      className="min-w-40 flex-1"
      aria-label="Find in errors"
      placeholder="Find in errors"
      maxLength={500}
      value={typed}
      onChange={setTyped}
    />
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
      {eventGroups().map(({ name, types }) => (
        <div key={name} role="group" aria-label={name}>
          <MenuHeading>{name}</MenuHeading>
          {types.map((type) => (
            <MenuCheck
              key={type}
              checked={chosen.includes(type)}
              onChange={(checked) => {
                const next = checked ? [...chosen, type] : chosen.filter((one) => one !== type);
                set({ type: next.length === 0 ? undefined : next });
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

/** What is filtered now, each to be taken away. */
function Chips({ search, set, nameOf }: SearchControl & { nameOf(subscriber: string): string }) {
  const { state, type = [], subscriber, error, older, younger } = search;
  const chips: { text: string; patch: Parameters<typeof set>[0] }[] = [
    ...(state ? [{ text: state.join(' or '), patch: { state: undefined } }] : []),
    ...type.map((one) => {
      const rest = type.filter((other) => other !== one);
      return { text: one, patch: { type: rest.length === 0 ? undefined : rest } };
    }),
    ...(subscriber ? [{ text: nameOf(subscriber), patch: { subscriber: undefined } }] : []),
    ...(error ? [{ text: `“${visibleText(error)}”`, patch: { error: undefined } }] : []),
    ...(older || younger ? [{ text: ageWords(search), patch: { older: undefined, younger: undefined } }] : []),
  ];
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters that are set" className="flex max-h-16 w-full flex-wrap gap-1 overflow-y-auto">
      {chips.map(({ text, patch }) => (
        <li key={text}>
          <button
            type="button"
            aria-label={`Remove filter ${text}`}
            onClick={() => set(patch)}
            className="flex max-w-72 items-center gap-1 rounded-full bg-accent-soft py-0.5 pr-1 pl-2 text-[11px] text-accent-text hover:brightness-110"
          >
            <span dir="auto" className="one-line">
              {text}
            </span>
            <X aria-hidden="true" className="size-3 shrink-0" />
          </button>
        </li>
      ))}
    </ul>
  );
}
