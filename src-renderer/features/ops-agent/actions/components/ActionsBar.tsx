/** What of the log is shown. */
import { OPS_ACTION_STATES } from '../../../../../src-contract/ops-actions.ts';
import { OPS_REMEDIATORS } from '../../../../../src-contract/ops-rules.ts';
import { Button } from '../../../../ui/Button.tsx';
import { FilterChips, without } from '../../../../ui/filters/FilterChips.tsx';
import { Menu, MenuCheck, MenuItem, MenuLine, MenuRadio } from '../../../../ui/Menu.tsx';
import { ACTION_STATES, REMEDIATORS } from '../../words/action-words.ts';
import type { ActionsSearchControl } from '../hooks/use-actions-search.ts';
import { ORIGINS } from '../model/action-sentences.ts';

const ALL = 'all';
const ORIGIN_KINDS = ['rule', 'person', 'recommendation'] as const;
const REMEDIATOR_OPTIONS = [
  { value: ALL, label: 'Every action' },
  ...OPS_REMEDIATORS.map((value) => ({ value, label: REMEDIATORS[value] })),
];
const ORIGIN_OPTIONS = [
  { value: ALL, label: 'Whoever wanted it' },
  ...ORIGIN_KINDS.map((value) => ({ value, label: ORIGINS[value] })),
];

export function ActionsBar({ search, set }: ActionsSearchControl) {
  const { remediator, state = [], origin } = search;
  const states = (next: readonly (typeof state)[number][]) =>
    set({ state: next.length === 0 ? undefined : OPS_ACTION_STATES.filter((one) => next.includes(one)) });
  return (
    <div className="space-y-2 border-line border-b px-3 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <Menu align="start" trigger={<FilterButton name="Action" what="action" isSet={remediator !== undefined} />}>
          <MenuRadio
            value={remediator ?? ALL}
            options={REMEDIATOR_OPTIONS}
            onChange={(value) => set({ remediator: OPS_REMEDIATORS.find((one) => one === value) })}
          />
        </Menu>
        <Menu align="start" trigger={<FilterButton name="State" what="state" isSet={state.length > 0} />}>
          <MenuItem disabled={state.length === 0} onSelect={() => states([])}>
            All states
          </MenuItem>
          <MenuLine />
          {OPS_ACTION_STATES.map((one) => (
            <MenuCheck
              key={one}
              checked={state.includes(one)}
              onChange={(checked) => states(checked ? [...state, one] : state.filter((other) => other !== one))}
            >
              {ACTION_STATES[one].label}
            </MenuCheck>
          ))}
        </Menu>
        <Menu align="start" trigger={<FilterButton name="Origin" what="origin" isSet={origin !== undefined} />}>
          <MenuRadio
            value={origin ?? ALL}
            options={ORIGIN_OPTIONS}
            onChange={(value) => set({ origin: ORIGIN_KINDS.find((one) => one === value) })}
          />
        </Menu>
        <p className="ml-auto text-muted text-xs">Kept for 90 days, at most the last 10,000.</p>
      </div>
      <Chips search={search} set={set} />
    </div>
  );
}

function FilterButton({ name, what, isSet, ...rest }: { name: string; what: string; isSet: boolean }) {
  const shown = isSet ? `${name} · 1` : name;
  return (
    <Button size="small" className="h-8" aria-label={`${shown}, filter by ${what}`} {...rest}>
      {shown}
    </Button>
  );
}

function Chips({ search: { remediator, state = [], origin, alert }, set }: ActionsSearchControl) {
  const chips = [
    ...(remediator === undefined
      ? []
      : [{ key: 'remediator', text: REMEDIATORS[remediator], remove: () => set({ remediator: undefined }) }]),
    ...state.map((one) => ({
      key: `state ${one}`,
      text: ACTION_STATES[one].label,
      remove: () => set({ state: OPS_ACTION_STATES.filter((other) => without(state, one)?.includes(other)) }),
    })),
    ...(origin === undefined
      ? []
      : [{ key: 'origin', text: ORIGINS[origin], remove: () => set({ origin: undefined }) }]),
    ...(alert === undefined
      ? []
      : [{ key: 'alert', text: `alert ${alert.slice(0, 8)}`, remove: () => set({ alert: undefined }) }]),
  ];
  return <FilterChips chips={chips} />;
}
