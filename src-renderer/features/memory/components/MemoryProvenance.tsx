import { MessageSquareQuote } from 'lucide-react';
import { Button } from '../../../ui/Button.tsx';
import { DetailRow } from '../../../ui/DetailRow.tsx';
import { number } from '../../../ui/format.ts';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import type { MemoryHistory } from './MemoryDrawer.tsx';

/** Where a memory comes from, with the way back to the message. */
export function MemoryProvenance({ memory }: { memory: MemoryHistory['memory'] }) {
  const { set } = useMemorySearch();
  const provenance = memory.layer === 'longterm' ? memory.provenance : undefined;
  const session_id =
    provenance?.session_id ?? (memory.layer === 'working' ? (memory.session_id ?? undefined) : undefined);
  const said = memory.content.message_id;
  const message_id = provenance?.message_id ?? (typeof said === 'string' ? said : undefined);
  if (provenance === undefined && session_id === undefined) return null;
  const working = provenance?.working_ids ?? [];
  return (
    <section className="space-y-1">
      <h3 className="font-semibold text-muted text-xs">Where it comes from</h3>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {provenance && <DetailRow name="Source">{provenance.source}</DetailRow>}
        {provenance?.agent && <DetailRow name="Agent">{provenance.agent}</DetailRow>}
        {session_id !== undefined && (
          <DetailRow name="Session">
            <Button
              size="small"
              className="max-w-full"
              icon={<MessageSquareQuote className="size-3.5 shrink-0" />}
              onClick={() => set({ tab: 'session', session: session_id, message: message_id, memory: undefined })}
            >
              <span className="one-line">Show it in the conversation</span>
            </Button>
          </DetailRow>
        )}
        {working.length > 0 && (
          <DetailRow name="Made from">
            {number(working.length)} working {working.length === 1 ? 'memory' : 'memories'}:{' '}
            {working.slice(0, 20).map((id, index) => (
              <button
                key={id}
                type="button"
                className="mr-2 text-accent-text underline underline-offset-2"
                onClick={() => set({ memory: id })}
              >
                {index + 1}
              </button>
            ))}
          </DetailRow>
        )}
      </dl>
    </section>
  );
}
