/** Rules: from when on something is wrong, what is done about it, and who hears of it. */
import { ListFilter, Plus, SearchX, Siren } from 'lucide-react';
import { useRef, useState } from 'react';
import type { OpsRule } from '../../../../src-contract/index.ts';
import { OPS_SEVERITIES } from '../../../../src-contract/ops-rules.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { Button } from '../../../ui/Button.tsx';
import { Drawer } from '../../../ui/Drawer.tsx';
import { FilterText } from '../../../ui/filters/FilterText.tsx';
import { plural } from '../../../ui/format.ts';
import { Menu, MenuRadio } from '../../../ui/Menu.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { SEVERITIES } from '../words/severity.ts';
import { RemoveRule } from './components/RemoveRule.tsx';
import { RuleEditor } from './components/RuleEditor.tsx';
import { RuleRow } from './components/RuleRow.tsx';
import { useRuleChanges } from './hooks/use-rule-changes.ts';
import { useRules } from './hooks/use-rules.ts';
import { type RulesSearchControl, useRulesSearch } from './hooks/use-rules-search.ts';
import { shownOf, WHICH, WHICH_NAMES, type Which } from './model/rule-filter.ts';
import { draftOfRule } from './model/rule-form.ts';

const CLOSED = { rule: undefined, new: undefined, copy: undefined } as const;

export function RulesView() {
  const { search, set } = useRulesSearch();
  const query = useRules();
  const changes = useRuleChanges();
  const [removing, setRemoving] = useState<OpsRule>();
  const inputRef = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => inputRef.current?.focus() });
  if (query.isPending) return <SkeletonRows rows={10} />;
  if (query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const rules = query.data.items;
  const shown = shownOf(rules, search);
  return (
    <>
      <h2 className="sr-only">Rules</h2>
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <FilterText
          label="Find rules"
          maxLength={200}
          value={search.text}
          onChange={(text) => set({ text }, { replace: true })}
          inputRef={inputRef}
        />
        <Filters search={search} set={set} />
        <p role="status" className="text-muted text-xs tabular-nums">
          {plural(shown.length, 'rule')}
        </p>
        <Button
          look="primary"
          icon={<Plus className="size-4" />}
          blocked={changes.blocked}
          onClick={() => set({ ...CLOSED, new: true })}
        >
          New rule
        </Button>
      </div>
      <div
        className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3"
        tabIndex={0}
        role="region"
        aria-label="List of rules"
      >
        {query.isError && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
        {shown.length === 0 ? (
          <EmptyState
            icon={<SearchX />}
            title="No rule is like that"
            actions={
              <Button onClick={() => set({ text: undefined, severity: undefined, which: undefined })}>
                Show all rules
              </Button>
            }
          />
        ) : (
          <ul aria-label="Rules" className="space-y-2">
            {shown.map((rule) => (
              <RuleRow
                key={rule.id}
                rule={rule}
                isOpen={rule.id === search.rule}
                isBusy={changes.busy === rule.id}
                blocked={changes.blocked}
                onOpen={() => set({ ...CLOSED, rule: rule.id })}
                onSwitch={(enabled) => void changes.switchTo(rule, enabled)}
                onCopy={() => set({ ...CLOSED, new: true, copy: rule.id })}
                onRemove={() => setRemoving(rule)}
              />
            ))}
          </ul>
        )}
      </div>
      <OpenRule rules={rules} search={search} set={set} />
      {removing !== undefined && (
        <RemoveRule
          rule={removing}
          isBusy={changes.busy === removing.id}
          onConfirm={() =>
            void changes.remove(removing).then((isDone) => {
              if (isDone && search.rule === removing.id) set(CLOSED);
              setRemoving(undefined);
            })
          }
          onClose={() => setRemoving(undefined)}
        />
      )}
    </>
  );
}

function OpenRule({ rules, search, set }: RulesSearchControl & { rules: readonly OpsRule[] }) {
  const close = () => set(CLOSED);
  if (search.new === true) {
    const source = rules.find(({ id }) => id === search.copy);
    const begin = source && { ...draftOfRule(source), name: `Copy of ${source.name}` };
    return <RuleEditor key={`new ${search.copy}`} rule={undefined} begin={begin} onClose={close} />;
  }
  if (search.rule === undefined) return null;
  const rule = rules.find(({ id }) => id === search.rule);
  // Removed by somebody else while it is open, it stays open: what was written is not lost.
  return <KeptEditor key={search.rule} rule={rule} onClose={close} />;
}

function KeptEditor({ rule, onClose }: { rule: OpsRule | undefined; onClose(): void }) {
  const [first] = useState(rule);
  if (first === undefined) {
    return (
      <Drawer label="Rule" onClose={onClose}>
        <EmptyState icon={<Siren />} title="There is no such rule">
          It was deleted, or the link is of another Archon.
        </EmptyState>
      </Drawer>
    );
  }
  return <RuleEditor rule={first} begin={undefined} onClose={onClose} />;
}

function Filters({ search, set }: RulesSearchControl) {
  return (
    <>
      <Menu
        align="start"
        trigger={<Button aria-label="Filter by severity">Severity{search.severity && ' · 1'}</Button>}
      >
        <MenuRadio
          value={search.severity ?? ''}
          options={[
            { value: '', label: 'Any severity' },
            ...OPS_SEVERITIES.toReversed().map((value) => ({ value, label: SEVERITIES[value].label })),
          ]}
          onChange={(severity) => set({ severity: severity === '' ? undefined : (severity as typeof search.severity) })}
        />
      </Menu>
      <Menu
        align="start"
        trigger={
          <Button
            icon={<ListFilter className="size-3.5" />}
            aria-label={`Which rules: ${search.which === undefined ? 'All' : WHICH[search.which].label}`}
          >
            {search.which === undefined ? 'All' : WHICH[search.which].label}
          </Button>
        }
      >
        <MenuRadio<Which | ''>
          value={search.which ?? ''}
          options={[
            { value: '', label: 'All rules' },
            ...WHICH_NAMES.map((value) => ({ value, label: WHICH[value].label })),
          ]}
          onChange={(which) => set({ which: which === '' ? undefined : which })}
        />
      </Menu>
    </>
  );
}
