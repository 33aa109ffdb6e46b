/** How a memory came to be what it is: its revisions and what superseded what, newest first, each with what changed. */
import { History } from 'lucide-react';
import type { LongTermMemoryEntry, MemoryRevision } from '../../../../src-contract/index.ts';
import { Badge, type Tone } from '../../../ui/Badge.tsx';
import { cx } from '../../../ui/classes.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { EmptyState } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import type { MemoryHistory } from './MemoryDrawer.tsx';
import { TextChanges } from './TextChanges.tsx';

const TONES: Record<MemoryRevision['change'], Tone> = {
  updated: 'accent',
  superseded: 'longterm',
  deleted: 'bad',
  restored: 'ok',
};

export function MemoryRevisions({ history }: { history: MemoryHistory }) {
  const { memory, revisions, chain } = history;
  if (revisions.length === 0 && chain.length <= 1) {
    return (
      <EmptyState icon={<History />} title="It is as it was written">
        Every change is kept here: who made it, when, and what it was before.
      </EmptyState>
    );
  }
  return (
    <div className="space-y-6">
      {chain.length > 1 && <Chain chain={chain} current={memory.id} />}
      {revisions.length > 0 && (
        <section className="space-y-2">
          <h3 className="font-semibold text-muted text-xs">Changes</h3>
          <ol className="space-y-3">
            {revisions.map((revision, index) => (
              <li key={revision.revision} className="rounded-lg border border-line p-3">
                <p className="flex items-center gap-2">
                  <Badge tone={TONES[revision.change]}>{revision.change}</Badge>
                  <span className="one-line text-muted">by {revision.actor}</span>
                  <span className="flex-1" />
                  <Ago time={revision.created_at} className="text-[11px] text-faint" />
                </p>
                <Changes
                  before={revision.before}
                  after={index === 0 ? memory : (revisions[index - 1]?.before ?? memory)}
                />
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

/** The memories that superseded one another, the newest first. */
function Chain({ chain, current }: { chain: readonly LongTermMemoryEntry[]; current: string }) {
  const { set } = useMemorySearch();
  const newestFirst = chain.toReversed();
  return (
    <section className="space-y-2">
      <h3 className="font-semibold text-muted text-xs">What was true when</h3>
      <ol className="space-y-0">
        {newestFirst.map((entry, index) => {
          const older = newestFirst[index + 1];
          return (
            <li key={entry.id} className="relative border-line border-l-2 pb-4 pl-4 last:pb-0">
              <span
                aria-hidden="true"
                className={cx(
                  'absolute top-1.5 -left-[5px] size-2 rounded-full',
                  entry.valid_to === null ? 'bg-longterm' : 'bg-line-strong',
                )}
              />
              <p className="flex items-center gap-2 text-[11px] text-muted">
                <Ago time={entry.valid_from} />
                {entry.valid_to ? (
                  <>
                    – <Ago time={entry.valid_to} />
                  </>
                ) : (
                  <Badge tone="longterm">current</Badge>
                )}
                {entry.id === current ? (
                  <span className="text-faint">this one</span>
                ) : (
                  <button
                    type="button"
                    className="text-accent-text underline underline-offset-2"
                    onClick={() => set({ memory: entry.id })}
                  >
                    open
                  </button>
                )}
              </p>
              {older ? (
                <TextChanges before={older.content.text} after={entry.content.text} />
              ) : (
                <p dir="auto" className="content-text line-clamp-6">
                  {visibleText(entry.content.text.slice(0, 2000))}
                </p>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Fields that every change touches, or that say nothing to a person. */
const UNTOLD = new Set(['updated_at', 'token_count', 'relevance_at', 'language', 'text_vector', 'content']);

function Changes({ before, after }: { before: MemoryRevision['before']; after: object }) {
  const later = after as Record<string, unknown>;
  const textBefore = textOf(before);
  const textAfter = textOf(later);
  const fields = Object.keys(before).filter(
    (name) => !UNTOLD.has(name) && name in later && JSON.stringify(before[name]) !== JSON.stringify(later[name]),
  );
  return (
    <div className="mt-2 space-y-1">
      {textBefore !== textAfter && <TextChanges before={textBefore} after={textAfter} />}
      {fields.map((name) => (
        <p key={name} className="text-xs [overflow-wrap:anywhere]">
          <span className="text-faint">{name.replaceAll('_', ' ')}: </span>
          <del className="text-bad">{valueText(before[name])}</del> →{' '}
          <ins className="text-ok no-underline">{valueText(later[name])}</ins>
        </p>
      ))}
    </div>
  );
}

function textOf(row: object): string {
  const { content } = row as { content?: { text?: unknown } };
  return typeof content?.text === 'string' ? content.text : '';
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return visibleText(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
