/** What a comparison found: how much of each kind, and which, with what changed in each. */
import { ArrowLeft, Download, Equal } from 'lucide-react';
import { useRef, useState } from 'react';
import { toast } from 'sonner';
import {
  COMPARED_LAYERS,
  type ComparedLayer,
  type Comparison,
  DIFFERENCE_KINDS,
  type DifferenceKind,
} from '../../../../../src-contract/index.ts';
import { PagedList } from '../../../../lists/PagedList.tsx';
import { problemOf } from '../../../../rpc/errors.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { SearchInput } from '../../../../ui/fields.tsx';
import { dayAndClock, number, plural } from '../../../../ui/format.ts';
import { Menu, MenuItem } from '../../../../ui/Menu.tsx';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { saveText } from '../../../../ui/save-text.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import { useDebounced } from '../../../../ui/use-debounced.ts';
import { differencesOf, KIND_TONES, LAYER_NAME, LAYER_NAMES, textOf, toCsv } from '../archive-words.ts';
import {
  type DifferenceRow,
  type DifferenceSearch,
  readDifferences,
  useDifferences,
} from '../hooks/use-comparisons.ts';
import { DifferenceDrawer } from './DifferenceDrawer.tsx';

type Done = Extract<Comparison, { state: 'succeeded' }>;

/** Differences that are saved at most: the page holds them all meanwhile. */
const MAX_SAVED = 10_000;
const TYPING_MS = 300;

const COLUMNS: readonly Column<DifferenceRow>[] = [
  {
    name: 'kind',
    heading: 'What',
    width: '84px',
    cell: ({ kind }) => <Badge tone={KIND_TONES[kind]}>{kind}</Badge>,
  },
  { name: 'layer', heading: 'Layer', width: '84px', cell: ({ layer }) => LAYER_NAME[layer] },
  {
    name: 'user',
    heading: 'User',
    width: 'minmax(80px, 1fr)',
    className: 'one-line',
    cell: ({ user_id }) => <bdi>{excerpt(user_id, 80)}</bdi>,
  },
  {
    name: 'text',
    heading: 'Text',
    width: 'minmax(160px, 4fr)',
    className: 'one-line',
    cell: (row) => <bdi>{excerpt(textOf(row), 200)}</bdi>,
  },
  {
    name: 'fields',
    heading: 'Differs in',
    width: 'minmax(80px, 1.5fr)',
    className: 'one-line text-muted',
    cell: ({ fields }) => fields.map(({ field }) => field).join(', '),
  },
];

export function ComparisonResult({ comparison, onBack }: { comparison: Done; onBack(): void }) {
  const [search, setSearch] = useState<DifferenceSearch>({});
  const [user, setUser] = useState('');
  const user_id = useDebounced(user.trim(), TYPING_MS);
  const [openId, setOpen] = useState<string>();
  const scrollRef = useRef<HTMLDivElement>(null);
  const filter = { ...search, user_id: user_id === '' ? undefined : user_id };
  const { query, items, more } = useDifferences(comparison.comparison_id, filter);
  const open = items.find(({ id }) => id === openId);
  const total = differencesOf(comparison);
  const key = JSON.stringify(filter);
  return (
    <section aria-label="Comparison" className="flex min-h-0 flex-1 flex-col">
      <header className="flex items-center gap-2 border-line border-b px-3 py-2">
        <IconButton label="Back to the archives" icon={<ArrowLeft className="size-4" />} onClick={onBack} />
        <h2 className="min-w-0 flex-1 text-xs">
          <SideName side={comparison.before} /> <span className="text-faint">→</span>{' '}
          <SideName side={comparison.after} />
        </h2>
        <SaveMenu comparison_id={comparison.comparison_id} search={filter} />
      </header>
      <Summary comparison={comparison} search={search} onChange={setSearch} />
      {comparison.listed < total && (
        <p role="status" className="border-line border-b px-3 py-1.5 text-warn text-xs">
          The first {number(comparison.listed)} of {plural(total, 'difference')} are listed; all are counted.
        </p>
      )}
      {total === 0 ? (
        <EmptyState icon={<Equal />} title="Nothing differs">
          Both archives hold the same sessions, messages and memories.
        </EmptyState>
      ) : (
        <>
          <div className="border-line border-b px-3 py-2">
            <SearchInput
              aria-label="Only of this user"
              placeholder="Only of this user (whole id)"
              className="max-w-xs"
              value={user}
              onChange={setUser}
            />
          </div>
          <PagedList query={query}>
            {items.length === 0 ? (
              <EmptyState title="Nothing matches">
                <Button
                  size="small"
                  onClick={() => {
                    setSearch({});
                    setUser('');
                  }}
                >
                  Clear filters
                </Button>
              </EmptyState>
            ) : (
              <RowGrid
                key={key}
                label="Differences"
                items={items}
                columns={COLUMNS}
                openId={openId}
                onOpen={({ id }) => setOpen(id)}
                more={more}
                count={plural(items.length, 'difference')}
                scrollRef={scrollRef}
              />
            )}
          </PagedList>
        </>
      )}
      {open && <DifferenceDrawer key={open.id} difference={open} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

const SideName = ({ side: { name, created_at, records, users } }: { side: Done['before'] }) => (
  <span className="[overflow-wrap:anywhere]">
    <bdi className="font-semibold text-[13px]">{excerpt(name, 60)}</bdi>{' '}
    <span className="text-muted">
      {dayAndClock(created_at)}, {plural(records, 'record')} of {plural(users, 'user')}
    </span>
  </span>
);

interface SummaryProps {
  comparison: Done;
  search: DifferenceSearch;
  onChange(search: DifferenceSearch): void;
}

/** Counts of each layer; each of them shows only those. */
function Summary({ comparison, search, onChange }: SummaryProps) {
  return (
    <div className="grid grid-cols-2 gap-2 border-line border-b p-3 lg:grid-cols-4">
      {COMPARED_LAYERS.map((layer) => (
        <section key={layer} aria-label={LAYER_NAMES[layer]} className="rounded-lg border border-line bg-surface p-2.5">
          <h3 className="flex text-muted text-xs">
            <span className="flex-1">{LAYER_NAMES[layer]}</span>
            <span className="text-faint tabular-nums">{number(comparison.counts[layer].same)} the same</span>
          </h3>
          <div className="mt-1.5 flex flex-wrap gap-1">
            {DIFFERENCE_KINDS.map((kind) => (
              <CountButton
                key={kind}
                kind={kind}
                layer={layer}
                count={comparison.counts[layer][kind]}
                isChosen={search.kind === kind && search.layer === layer}
                onChange={onChange}
              />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

interface CountButtonProps {
  kind: DifferenceKind;
  layer: ComparedLayer;
  count: number;
  isChosen: boolean;
  onChange(search: DifferenceSearch): void;
}

const COUNT_COLORS: Readonly<Record<DifferenceKind, string>> = {
  added: 'text-ok',
  changed: 'text-accent-text',
  gone: 'text-bad',
};

function CountButton({ kind, layer, count, isChosen, onChange }: CountButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      disabled={count === 0}
      onClick={() => onChange(isChosen ? {} : { kind, layer })}
      className={cx(
        'rounded-md border px-2 py-0.5 text-xs tabular-nums disabled:opacity-50',
        isChosen ? 'border-accent bg-accent-soft' : 'border-line hover:border-line-strong hover:bg-hover',
      )}
    >
      <span className={cx('font-semibold', count > 0 && COUNT_COLORS[kind])}>{number(count)}</span> {kind}
    </button>
  );
}

function SaveMenu({ comparison_id, search }: { comparison_id: string; search: DifferenceSearch }) {
  const [busy, setBusy] = useState(false);
  const save = async (format: 'csv' | 'json') => {
    setBusy(true);
    try {
      const found = await readDifferences(comparison_id, search, MAX_SAVED);
      if (format === 'csv') saveText('archon-differences.csv', toCsv(found), 'text/csv');
      else saveText('archon-differences.json', JSON.stringify(found, null, 2));
      if (found.length === MAX_SAVED) toast.info(`The first ${number(MAX_SAVED)} were saved.`);
    } catch (error) {
      toast.error(visibleText(problemOf(error).message));
    }
    setBusy(false);
  };
  return (
    <Menu
      trigger={
        <Button size="small" busy={busy} icon={<Download className="size-3.5" />}>
          Save what is listed
        </Button>
      }
    >
      <MenuItem onSelect={() => void save('csv')}>As CSV, for spreadsheets</MenuItem>
      <MenuItem onSelect={() => void save('json')}>As JSON</MenuItem>
    </Menu>
  );
}
