import { Download, Pin, PinOff, RotateCcw, Tag, Tags, Trash2, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { BulkAction } from '../../../../src-contract/index.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { TextInput } from '../../../ui/fields.tsx';
import { number } from '../../../ui/format.ts';
import { saveText } from '../../../ui/save-text.ts';
import { useBulk } from '../hooks/use-bulk.ts';
import type { Layer, Memory } from '../memory-list-query.ts';
import { parseTags } from '../tags.ts';

export interface BulkBarProps {
  layer: Layer;
  selected: readonly Memory[];
  onDone(): void;
}

/** What can be done with the selected memories. */
export function BulkBar({ layer, selected, onDone }: BulkBarProps) {
  const { run, isBusy, blocked } = useBulk();
  const ids = selected.map(({ id }) => id);
  const act = async (action: BulkAction) => {
    if (await run(ids, action)) onDone();
  };
  const deleted = selected.every(({ deleted_at }) => deleted_at !== null);
  return (
    <section
      aria-label="Selected memories"
      className="flex h-11 items-center gap-1.5 border-line border-b bg-accent-soft px-3"
    >
      <span role="status" className="mr-1 font-medium text-accent-text tabular-nums">
        {number(selected.length)} selected
      </span>
      {deleted ? (
        <Button
          size="small"
          icon={<RotateCcw className="size-3.5" />}
          busy={isBusy}
          blocked={blocked}
          onClick={() => act({ kind: 'restore' })}
        >
          Restore
        </Button>
      ) : (
        <>
          <TagPopover
            label="Tag"
            icon={<Tag className="size-3.5" />}
            busy={isBusy}
            blocked={blocked}
            onTags={(tags) => act({ kind: 'tag', tags })}
          />
          <TagPopover
            label="Untag"
            icon={<Tags className="size-3.5" />}
            busy={isBusy}
            blocked={blocked}
            known={[...new Set(selected.slice(0, 200).flatMap(({ tags }) => tags))].slice(0, 30)}
            onTags={(tags) => act({ kind: 'untag', tags })}
          />
          {layer === 'longterm' && (
            <>
              <Button
                size="small"
                icon={<Pin className="size-3.5" />}
                busy={isBusy}
                blocked={blocked}
                onClick={() => act({ kind: 'pin' })}
              >
                Pin
              </Button>
              <Button
                size="small"
                icon={<PinOff className="size-3.5" />}
                busy={isBusy}
                blocked={blocked}
                onClick={() => act({ kind: 'unpin' })}
              >
                Unpin
              </Button>
            </>
          )}
        </>
      )}
      <Button
        size="small"
        icon={<Download className="size-3.5" />}
        onClick={() => saveText(`archon-${layer}.json`, JSON.stringify(selected, null, 2))}
      >
        JSON
      </Button>
      {!deleted && (
        <Button
          size="small"
          className="text-bad"
          icon={<Trash2 className="size-3.5" />}
          busy={isBusy}
          blocked={blocked}
          onClick={() => act({ kind: 'delete' })}
        >
          Delete
        </Button>
      )}
      <span className="flex-1" />
      <IconButton label="Select none" keys="Esc" icon={<X className="size-4" />} onClick={onDone} />
    </section>
  );
}

interface TagPopoverProps {
  label: string;
  icon: ReactNode;
  busy: boolean;
  blocked: string | undefined;
  /** Tags to choose from. */
  known?: readonly string[];
  onTags(tags: string[]): Promise<void>;
}

function TagPopover({ label, icon, busy, blocked, known = [], onTags }: TagPopoverProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const send = async (tags: string[]) => {
    setOpen(false);
    setTyped('');
    await onTags(tags);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const tags = parseTags(typed);
    if (tags.length > 0) void send(tags);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button size="small" icon={icon} busy={busy} blocked={blocked}>
          {label}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          aria-label={label}
          className="z-50 w-72 rounded-lg border border-line-strong bg-raised p-2 shadow-float outline-none"
        >
          <form onSubmit={submit} className="flex gap-2">
            <TextInput
              aria-label="Tags, with commas"
              placeholder="tag, another tag"
              maxLength={500}
              autoFocus
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <Button type="submit" look="primary">
              {label}
            </Button>
          </form>
          {known.length > 0 && (
            <ul
              aria-label="Tags of the selected memories"
              className="mt-2 flex max-h-32 flex-wrap gap-1 overflow-y-auto"
            >
              {known.map((tag) => (
                <li key={tag}>
                  <button
                    type="button"
                    dir="auto"
                    onClick={() => void send([tag])}
                    className="one-line max-w-64 rounded bg-accent-soft px-1.5 text-[11px] text-accent-text leading-5 hover:brightness-110"
                  >
                    {tag}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
