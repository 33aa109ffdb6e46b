/** Which alerts the list shows, as said in the URL. */
import { type RefObject, useMemo } from 'react';
import { OPS_ALERT_STATES } from '../../../../../src-contract/ops-alerts.ts';
import { OPS_SEVERITIES } from '../../../../../src-contract/ops-rules.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { type FilterChip, FilterChips, without } from '../../../../ui/filters/FilterChips.tsx';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { RangeFilter } from '../../../../ui/filters/RangeFilter.tsx';
import { dayAndClock } from '../../../../ui/format.ts';
import { Menu, MenuCheck, MenuRadio } from '../../../../ui/Menu.tsx';
import { useRules } from '../../rules/hooks/use-rules.ts';
import { ALERT_STATES } from '../../words/alert-states.ts';
import { SEVERITIES } from '../../words/severity.ts';
import type { AlertsSearch } from '../alerts-search.ts';
import type { AlertsSearchControl } from '../hooks/use-alerts-search.ts';
import { NOW_STATES } from '../model/alert-filter.ts';

export function AlertFilters({
  search,
  set,
  inputRef,
}: AlertsSearchControl & { inputRef: RefObject<HTMLInputElement | null> }) {
  const isHistory = search.view === 'history';
  return (
    <>
      <FilterText
        label="Find in alerts"
        maxLength={500}
        value={search.text}
        onChange={(text) => set({ text }, { replace: true })}
        inputRef={inputRef}
      />
      <Checks
        name="State"
        values={isHistory ? OPS_ALERT_STATES : NOW_STATES}
        labelOf={(state) => ALERT_STATES[state].label}
        chosen={search.state}
        onChange={(state) => set({ state })}
      />
      <Checks
        name="Severity"
        values={OPS_SEVERITIES.toReversed()}
        labelOf={(severity) => SEVERITIES[severity].label}
        chosen={search.severity}
        onChange={(severity) => set({ severity })}
      />
      <RuleFilter search={search} set={set} />
      {isHistory && <RangeFilter search={search} set={set} />}
      <Chips search={search} set={set} />
    </>
  );
}

interface ChecksProps<T extends string> {
  name: string;
  values: readonly T[];
  labelOf(value: T): string;
  chosen: readonly T[] | undefined;
  onChange(chosen: T[] | undefined): void;
}

function Checks<T extends string>({ name, values, labelOf, chosen = [], onChange }: ChecksProps<T>) {
  const toggle = (value: T, isOn: boolean) => {
    const next = values.filter((one) => (one === value ? isOn : chosen.includes(one)));
    // All of them are as good as none.
    onChange(next.length === 0 || next.length === values.length ? undefined : next);
  };
  return (
    <Menu
      align="start"
      trigger={
        <Button aria-label={`Filter by ${name.toLowerCase()}`}>
          {name}
          {chosen.length > 0 && ` · ${chosen.length}`}
        </Button>
      }
    >
      {values.map((value) => (
        <MenuCheck key={value} checked={chosen.includes(value)} onChange={(isOn) => toggle(value, isOn)}>
          {labelOf(value)}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function RuleFilter({ search, set }: AlertsSearchControl) {
  const { data } = useRules();
  const options = useMemo(
    () => [
      { value: '', label: 'Any rule' },
      ...(data?.items ?? []).map(({ id, name }) => ({ value: id, label: visibleText(name) })),
    ],
    [data],
  );
  return (
    <Menu align="start" trigger={<Button aria-label="Filter by rule">Rule{search.rule && ' · 1'}</Button>}>
      <MenuRadio
        value={search.rule ?? ''}
        options={options}
        onChange={(rule) => set({ rule: rule === '' ? undefined : rule })}
      />
    </Menu>
  );
}

/** What is filtered now. */
function Chips({ search, set }: AlertsSearchControl) {
  const { data } = useRules();
  const { state, severity, rule, text, view } = search;
  const ruleName = data?.items.find(({ id }) => id === rule)?.name ?? rule;
  const chip = (text: string, patch: Partial<Record<keyof AlertsSearch, undefined>>): FilterChip => ({
    key: text,
    text,
    remove: () => set(patch),
  });
  const chips: FilterChip[] = [
    ...(state ?? []).map((one) => ({
      key: one,
      text: ALERT_STATES[one].label,
      remove: () => set({ state: without(state, one) as typeof state }),
    })),
    ...(severity ?? []).map((one) => ({
      key: one,
      text: SEVERITIES[one].label,
      remove: () => set({ severity: without(severity, one) as typeof severity }),
    })),
    ...(ruleName === undefined ? [] : [chip(ruleName, { rule: undefined })]),
    ...(text === undefined ? [] : [chip(`“${text}”`, { text: undefined })]),
    ...(view === 'history' && (search.from ?? search.to) !== undefined
      ? [chip(rangeWords(search), { from: undefined, to: undefined })]
      : []),
  ];
  return <FilterChips chips={chips} />;
}

function rangeWords({ from, to }: AlertsSearch): string {
  if (from === undefined) return to === undefined ? 'any time' : `until ${dayAndClock(to)}`;
  return to === undefined ? `since ${dayAndClock(from)}` : `${dayAndClock(from)} to ${dayAndClock(to)}`;
}
