import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, ArrowRight, Link2, Unlink } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { LINK_RELATIONS } from '../../../../src-contract/entities.ts';
import type { MemoryLink } from '../../../../src-contract/index.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { tellIfQueued } from '../../../rpc/queued.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { EmptyState } from '../../../ui/states.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import type { MemoryHistory } from './MemoryDrawer.tsx';

const UNDO_MS = 10_000;
const NAMES = {
  supports: ['supports', 'is supported by'],
  contradicts: ['contradicts', 'is contradicted by'],
  relates_to: ['relates to', 'is related to by'],
  derived_from: ['is derived from', 'is the source of'],
} as const;

/** Memories that this one is linked to, both ways. */
export function MemoryLinks({ history }: { history: MemoryHistory }) {
  const { memory, links } = history;
  return (
    <div className="space-y-5">
      {links.length === 0 ? (
        <EmptyState icon={<Link2 />} title="No links">
          Links tell which memories support, contradict or come from each other.
        </EmptyState>
      ) : (
        <ul className="space-y-2">
          {links.map((link) => (
            <LinkItem key={`${link.from_id} ${link.relation} ${link.to_id}`} link={link} memory_id={memory.id} />
          ))}
        </ul>
      )}
      {memory.deleted_at === null && <AddLink memory_id={memory.id} />}
    </div>
  );
}

function LinkItem({ link, memory_id }: { link: MemoryLink; memory_id: string }) {
  const { set } = useMemorySearch();
  const readOnly = useReadOnly();
  const isOutgoing = link.from_id === memory_id;
  const other = isOutgoing ? link.to_id : link.from_id;
  const { data, error } = useQuery(api.memories.history.queryOptions({ input: { id: other } }));
  const remove = async () => {
    const { from_id, to_id, relation } = link;
    try {
      if (tellIfQueued(await client.memories.unlink({ from_id, to_id, relation }))) return;
      const undo = () =>
        client.memories.link({ from_id, to_id, relation }).catch((problem) => toast.error(problemOf(problem).message));
      toast.success('Link removed.', { duration: UNDO_MS, action: { label: 'Undo', onClick: undo } });
    } catch (problem) {
      toast.error(problemOf(problem).message);
    }
  };
  return (
    <li className="flex items-start gap-2 rounded-lg border border-line p-3">
      {isOutgoing ? (
        <ArrowRight aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-faint" />
      ) : (
        <ArrowLeft aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-faint" />
      )}
      <div className="min-w-0 flex-1">
        <p className="mb-1 text-[11px] text-muted">
          {NAMES[link.relation][isOutgoing ? 0 : 1]}{' '}
          {data && <Badge tone={data.memory.layer}>{data.memory.memory_type}</Badge>}
        </p>
        {error ? (
          <p className="text-muted">{problemOf(error).message}</p>
        ) : (
          <button
            type="button"
            dir="auto"
            onClick={() => set({ memory: other })}
            className="line-clamp-3 text-left hover:text-accent-text [overflow-wrap:anywhere]"
          >
            {data ? excerpt(data.memory.content.text, 400) : '…'}
          </button>
        )}
      </div>
      <IconButton label="Remove this link" icon={<Unlink className="size-4" />} blocked={readOnly} onClick={remove} />
    </li>
  );
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function AddLink({ memory_id }: { memory_id: string }) {
  const [to_id, setTo] = useState('');
  const [relation, setRelation] = useState<(typeof LINK_RELATIONS)[number]>('relates_to');
  const [problem, setProblem] = useState<string>();
  const readOnly = useReadOnly();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const id = to_id.trim();
    if (!UUID.test(id)) return setProblem('Paste the id of a memory: it is among its facts.');
    setProblem(undefined);
    try {
      tellIfQueued(await client.memories.link({ from_id: memory_id, to_id: id, relation }));
      setTo('');
    } catch (error) {
      setProblem(problemOf(error).message);
    }
  };
  return (
    <form onSubmit={submit} className="space-y-2 border-line border-t pt-4">
      <h3 className="font-semibold text-muted text-xs">Add a link</h3>
      <Segmented<(typeof LINK_RELATIONS)[number]>
        label="Relation"
        value={relation}
        onChange={setRelation}
        options={LINK_RELATIONS.map((value) => ({ value, label: NAMES[value][0] }))}
      />
      <div className="flex items-start gap-2">
        <div className="flex-1">
          <Field label="Id of the other memory" error={problem}>
            {(props) => <TextInput {...props} value={to_id} onChange={(event) => setTo(event.target.value)} />}
          </Field>
        </div>
        <Button type="submit" className="mt-5" blocked={readOnly}>
          Link
        </Button>
      </div>
    </form>
  );
}
