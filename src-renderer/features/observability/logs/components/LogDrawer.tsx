/** Everything about one entry: when, where, what it says, its error with the stack, and its other members. */
import { Link } from '@tanstack/react-router';
import type { LogEntry } from '../../../../../src-contract/index.ts';
import { FeedNeighbours } from '../../../../lists/feed/FeedNeighbours.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { JsonViewer } from '../../../../ui/JsonViewer.tsx';
import { exactTime } from '../../../../ui/moment.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { lineOf } from '../model/log-words.ts';
import { LevelBadge } from './LevelBadge.tsx';

export interface LogDrawerProps {
  id: string;
  /** Those that are shown, newest first: for the way to the next. */
  rows: readonly LogEntry[];
  onOpen(id: string): void;
  onClose(): void;
}

export function LogDrawer({ id, rows, onOpen, onClose }: LogDrawerProps) {
  const entry = rows.find((row) => row.id === id);
  return (
    <Drawer
      label="Log entry"
      onClose={onClose}
      heading={
        <>
          {entry && <LevelBadge level={entry.level} />}
          <h3 className="one-line flex-1 text-faint text-xs">{entry ? visibleText(entry.component) : 'Log entry'}</h3>
          <FeedNeighbours what="entry" id={id} rows={rows} onOpen={onOpen} />
        </>
      }
    >
      {entry ? (
        <Details key={entry.id} entry={entry} />
      ) : (
        <EmptyState title="This entry is not among those shown">
          It is further back, does not match the filters, or its file was removed to make room.
        </EmptyState>
      )}
    </Drawer>
  );
}

function Details({ entry }: { entry: LogEntry }) {
  const { id, created_at, component, message, error, fields } = entry;
  return (
    <div
      role="region"
      aria-label="The entry"
      tabIndex={0}
      className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4 focus-visible:-outline-offset-2"
    >
      <p dir="auto" className="text-[14px] [overflow-wrap:anywhere]">
        {visibleText(message === '' ? (error?.message ?? 'It says nothing.') : message)}
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <DetailRow name="When">
          <Ago time={created_at} /> <span className="text-faint">· {exactTime(created_at)}</span>
        </DetailRow>
        <DetailRow name="Component">
          <Link
            to="/observability/logs"
            search={{ component: [component], entry: id }}
            title="Show only entries of this component"
            className="font-mono text-accent-text text-xs underline underline-offset-2"
          >
            {visibleText(component)}
          </Link>
        </DetailRow>
        <DetailRow name="Id">
          <span className="font-mono text-xs">{id}</span>
        </DetailRow>
      </dl>
      {error && <ErrorPart error={error} />}
      {Object.keys(fields).length > 0 && (
        <section className="space-y-1">
          <h4 className="font-semibold text-muted text-xs">Other members</h4>
          <JsonViewer value={fields} label="Other members" />
        </section>
      )}
      <section className="space-y-1">
        <h4 className="font-semibold text-muted text-xs">Take it along</h4>
        <div className="flex gap-2">
          <CopyButton text={() => lineOf(entry)} label="Copy line" />
          <CopyButton text={() => JSON.stringify(entry, null, 2)} label="Copy as JSON" />
        </div>
      </section>
    </div>
  );
}

function ErrorPart({ error }: { error: NonNullable<LogEntry['error']> }) {
  const { type, message, code, stack } = error;
  return (
    <section className="space-y-1">
      <h4 className="font-semibold text-muted text-xs">
        {visibleText(type ?? 'Error')}
        {code !== null && ` · ${visibleText(code)}`}
      </h4>
      <p dir="auto" className="text-bad [overflow-wrap:anywhere]">
        {visibleText(message)}
      </p>
      {stack !== null && (
        <pre
          role="region"
          aria-label="Stack"
          tabIndex={0}
          className="max-h-80 overflow-auto rounded-md border border-line bg-bg p-2 font-mono text-[11px] leading-[1.6]"
        >
          {visibleText(stack)}
        </pre>
      )}
    </section>
  );
}
