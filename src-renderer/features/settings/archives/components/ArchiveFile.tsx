import { FileArchive, X } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { ImportSource } from '../../../../../src-contract/index.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { bytes } from '../../../../ui/format.ts';
import { Progress } from '../../../../ui/Progress.tsx';
import { useSource } from '../../../transfer/hooks/use-source.ts';
import { usePendingUpload } from '../../../transfer/pending-upload.ts';

export interface ChosenFile {
  source: ImportSource;
  name: string;
}

/** An archive that is chosen or dropped; in a browser it is sent first. */
export function ArchiveFile({ label, onChange }: { label: string; onChange(chosen: ChosenFile | undefined): void }) {
  const { source, choose, reset } = useSource();
  const [isOver, setOver] = useState(false);
  const inputRef = useRef<HTMLInputElement>(null);
  const ready = source.state === 'ready' ? source : undefined;
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (ready?.source.kind === 'upload') letGo(ready.source.upload_id);
    tell.current(ready && { source: ready.source, name: ready.file.name });
  }, [ready]);
  const take = ([file]: readonly File[]) => file && choose(file);
  // Elsewhere on the page a file that is dropped is offered for import.
  const over = (event: DragEvent, is: boolean) => {
    event.preventDefault();
    event.stopPropagation();
    event.nativeEvent.stopImmediatePropagation();
    setOver(is);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is another way to do what the button does.
    <div
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false);
        take([...event.dataTransfer.files]);
      }}
      className={cx(
        'flex min-h-14 min-w-0 items-center gap-3 rounded-lg border border-dashed px-3 py-2',
        isOver ? 'border-accent bg-accent-soft' : 'border-line-strong',
      )}
    >
      <FileArchive aria-hidden="true" className="size-5 shrink-0 text-faint" />
      <div className="min-w-0 flex-1 text-xs">
        {source.state === 'none' && <p className="text-muted">Drop an archive here, or choose one.</p>}
        {source.state !== 'none' && (
          <p dir="auto" className="one-line font-medium text-[13px]">
            {visibleText(source.file.name)} <span className="text-faint">{bytes(source.file.size)}</span>
          </p>
        )}
        {source.state === 'sending' && (
          <Progress label={`Sending ${visibleText(source.file.name)}`} value={source.sent / source.file.size} />
        )}
        {source.state === 'failed' && (
          <p role="alert" className="content-text text-bad">
            {problemOf(source.error).message}
          </p>
        )}
      </div>
      {source.state === 'failed' && (
        <Button size="small" onClick={() => choose(source.file)}>
          Try again
        </Button>
      )}
      {source.state === 'none' ? (
        <Button size="small" onClick={() => inputRef.current?.click()}>
          Choose a file
        </Button>
      ) : (
        <IconButton label="Another file" icon={<X aria-hidden="true" className="size-4" />} onClick={reset} />
      )}
      <input
        ref={inputRef}
        type="file"
        aria-label={label}
        className="sr-only"
        tabIndex={-1}
        accept=".gz,.archon,application/gzip"
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}

/** All of it was sent: it is no import that waits to be gone on with. */
function letGo(upload_id: string): void {
  const { upload, set } = usePendingUpload.getState();
  if (upload?.upload_id === upload_id) set(null);
}
