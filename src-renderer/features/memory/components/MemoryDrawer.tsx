/** Everything about one memory: what it says, where it comes from, how it came to be, and what can be done with it. */
import { useQueryClient } from '@tanstack/react-query';
import { Eraser, Pencil, Pin, PinOff, RotateCcw, Trash2 } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Outputs } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEvents } from '../../../rpc/live-events.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { ContentText } from '../../../ui/content/ContentText.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../ui/DetailRow.tsx';
import { Drawer } from '../../../ui/Drawer.tsx';
import { fullTime, number } from '../../../ui/format.ts';
import { JsonViewer } from '../../../ui/JsonViewer.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/Tabs.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { useBulk } from '../hooks/use-bulk.ts';
import { useMemoryHistory } from '../hooks/use-memory-history.ts';
import { EditMemory } from './EditMemory.tsx';
import { MemoryLinks } from './MemoryLinks.tsx';
import { MemoryProvenance } from './MemoryProvenance.tsx';
import { MemoryRevisions } from './MemoryRevisions.tsx';
import { ScoreHistory } from './ScoreHistory.tsx';

export type MemoryHistory = Outputs['memories']['history'];

export function MemoryDrawer({ memory_id, onClose }: { memory_id: string; onClose(): void }) {
  const query = useMemoryHistory(memory_id);
  const queryClient = useQueryClient();
  const [isErased, setErased] = useState(false);
  const closeRef = useRef<HTMLButtonElement>(null);
  const owner = query.data?.memory.user_id;
  useEvents((event) => {
    if (event.type !== 'memory.user.erased' || event.user_id !== owner) return;
    setErased(true);
    // Also out of what is kept for going back.
    void queryClient.resetQueries({ queryKey: api.memories.history.key() });
  });
  // Read again after the page was away, it is not there any more.
  const isGone = isErased || (query.data !== undefined && query.isError && problemOf(query.error).code === 'NOT_FOUND');
  // What had the focus goes with the memory: the focus must not go as well.
  useEffect(() => {
    if (isGone && document.activeElement === document.body) closeRef.current?.focus({ preventScroll: true });
  }, [isGone]);
  const [isEditing, setEditing] = useState(false);
  useFocusAfter(isEditing, closeRef);
  const history = isGone ? undefined : query.data;
  return (
    <Drawer
      label="Memory details"
      heading={history && <Heading history={history} isEditing={isEditing} onEdit={() => setEditing(true)} />}
      onClose={onClose}
      closeRef={closeRef}
    >
      {body()}
    </Drawer>
  );

  function body(): ReactNode {
    if (history) return <Details history={history} isEditing={isEditing} onEdited={() => setEditing(false)} />;
    if (isGone) {
      return (
        <EmptyState icon={<Eraser />} title="This memory was erased">
          <p role="alert">It is gone for good, and cannot be restored.</p>
        </EmptyState>
      );
    }
    if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return <SkeletonRows rows={8} />;
  }
}

/** Gives the focus back when the form is closed. */
function useFocusAfter(isEditing: boolean, closeRef: RefObject<HTMLButtonElement | null>): void {
  const wasEditing = useRef(false);
  useEffect(() => {
    if (isEditing || !wasEditing.current) {
      wasEditing.current = isEditing;
      return;
    }
    wasEditing.current = false;
    // After the window that asked has let go of the focus.
    const timer = setTimeout(() => closeRef.current?.focus({ preventScroll: true }));
    return () => clearTimeout(timer);
  }, [isEditing, closeRef]);
}

function Heading({
  history: { memory },
  isEditing,
  onEdit,
}: {
  history: MemoryHistory;
  isEditing: boolean;
  onEdit(): void;
}) {
  const isLongTerm = memory.layer === 'longterm';
  return (
    <>
      <Badge tone={memory.layer}>{memory.memory_type}</Badge>
      {memory.deleted_at !== null && <Badge tone="bad">deleted</Badge>}
      {isLongTerm && memory.valid_to !== null && <Badge>superseded</Badge>}
      {isLongTerm && memory.pinned && <Badge tone="accent">pinned</Badge>}
      <h2 className="sr-only">Memory of {memory.user_id}</h2>
      <span className="flex-1" />
      <Actions memory={memory} isEditing={isEditing} onEdit={onEdit} />
    </>
  );
}

type DetailTab = 'content' | 'history' | 'links';

function Details({ history, isEditing, onEdited }: { history: MemoryHistory; isEditing: boolean; onEdited(): void }) {
  const { memory, revisions, chain, links } = history;
  const [tab, setTab] = useState<DetailTab>('content');
  const versions = revisions.length + Math.max(0, chain.length - 1);
  if (isEditing) return <EditMemory memory={memory} onDone={onEdited} />;
  return (
    <Tabs<DetailTab>
      label="Parts of the memory"
      className="flex-1"
      value={tab}
      onChange={setTab}
      tabs={[
        { value: 'content', label: 'Content' },
        { value: 'history', label: 'History', count: versions },
        { value: 'links', label: 'Links', count: links.length },
      ]}
    >
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        {tab === 'content' && <Content history={history} />}
        {tab === 'history' && <MemoryRevisions history={history} />}
        {tab === 'links' && <MemoryLinks history={history} />}
      </div>
    </Tabs>
  );
}

interface ActionsProps {
  memory: MemoryHistory['memory'];
  isEditing: boolean;
  onEdit(): void;
}

function Actions({ memory, isEditing, onEdit }: ActionsProps) {
  const { run, isBusy, blocked } = useBulk();
  const isLongTerm = memory.layer === 'longterm';
  const isClosed = isLongTerm && memory.valid_to !== null;
  if (memory.deleted_at !== null) {
    return (
      <Button
        size="small"
        icon={<RotateCcw className="size-3.5" />}
        busy={isBusy}
        blocked={blocked}
        onClick={() => run([memory.id], { kind: 'restore' })}
      >
        Restore
      </Button>
    );
  }
  return (
    <>
      <CopyButton text={memory.content.text} what="Copy the text" />
      {isLongTerm && (
        <IconButton
          label={memory.pinned ? 'Unpin' : 'Pin: always considered for contexts'}
          pressed={memory.pinned}
          disabled={isBusy}
          blocked={blocked}
          icon={memory.pinned ? <PinOff className="size-4" /> : <Pin className="size-4" />}
          onClick={() => run([memory.id], { kind: memory.pinned ? 'unpin' : 'pin' })}
        />
      )}
      <IconButton
        label={isClosed ? 'A superseded memory is not edited: edit the current one' : 'Edit'}
        disabled={isClosed || isEditing}
        blocked={isClosed ? undefined : blocked}
        icon={<Pencil className="size-4" />}
        onClick={onEdit}
      />
      <IconButton
        label="Delete"
        disabled={isBusy}
        blocked={blocked}
        icon={<Trash2 className="size-4" />}
        onClick={() => run([memory.id], { kind: 'delete' })}
      />
    </>
  );
}

function Content({ history }: { history: MemoryHistory }) {
  const { memory } = history;
  const { text, ...rest } = memory.content;
  return (
    <div className="space-y-5">
      <ContentText text={text} className="text-[14px]" />
      {memory.tags.length > 0 && <TagList tags={memory.tags} />}
      {Object.keys(rest).length > 0 && (
        <section className="space-y-1">
          <h3 className="font-semibold text-muted text-xs">More content</h3>
          <JsonViewer value={rest} label="More content" />
        </section>
      )}
      {Object.keys(memory.metadata).length > 0 && (
        <section className="space-y-1">
          <h3 className="font-semibold text-muted text-xs">Metadata</h3>
          <JsonViewer value={memory.metadata} label="Metadata" />
        </section>
      )}
      <MemoryProvenance memory={memory} />
      <section className="space-y-1">
        <h3 className="font-semibold text-muted text-xs">Facts</h3>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          <DetailRow name="Written">
            <Ago time={memory.created_at} /> <span className="text-faint">· {fullTime(memory.created_at)}</span>
          </DetailRow>
          <DetailRow name="Changed">
            <Ago time={memory.updated_at} />
          </DetailRow>
          {memory.layer === 'working' ? (
            <DetailRow name="Expires">
              <Ago time={memory.expires_at} />
            </DetailRow>
          ) : (
            <>
              <DetailRow name="True from">
                <Ago time={memory.valid_from} />
                {memory.valid_to && (
                  <>
                    {' '}
                    until <Ago time={memory.valid_to} />
                  </>
                )}
              </DetailRow>
              <DetailRow name="Accesses">
                {number(memory.access_count)}
                {memory.last_accessed_at && (
                  <>
                    , last <Ago time={memory.last_accessed_at} />
                  </>
                )}
              </DetailRow>
            </>
          )}
          <DetailRow name="Tokens">{number(memory.token_count)}</DetailRow>
          <DetailRow name="Id">
            <span className="-my-1 flex items-center gap-1">
              <span className="one-line font-mono text-xs">{memory.id}</span>
              <CopyButton text={memory.id} what="Copy the id" />
            </span>
          </DetailRow>
        </dl>
      </section>
      <ScoreHistory history={history} />
      <section className="space-y-1">
        <h3 className="font-semibold text-muted text-xs">As JSON</h3>
        <CopyButton text={() => JSON.stringify(memory, null, 2)} label="Copy the whole memory" />
      </section>
    </div>
  );
}

const TAGS_SHOWN = 60;

function TagList({ tags }: { tags: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? tags : tags.slice(0, TAGS_SHOWN);
  return (
    <ul aria-label="Tags" className="flex max-h-40 flex-wrap gap-1 overflow-y-auto">
      {shown.map((tag) => (
        <li key={tag}>
          <Badge title={tag}>{visibleText(tag)}</Badge>
        </li>
      ))}
      {tags.length > shown.length && (
        <li>
          <Button size="small" look="ghost" className="h-5" onClick={() => setAll(true)}>
            {number(tags.length - shown.length)} more
          </Button>
        </li>
      )}
    </ul>
  );
}
