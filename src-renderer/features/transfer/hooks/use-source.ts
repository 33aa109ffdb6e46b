/** Makes a chosen file readable for the engine: by its path in the desktop app, by sending it from a browser. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type ImportSource, MAX_CHUNK_BYTES } from '../../../../src-contract/index.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { desktop } from '../../../rpc/transport.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { pendingOf, usePendingUpload } from '../pending-upload.ts';

/** A piece that did not arrive is sent again so often, for a connection that comes back. */
const TRIES = 8;
const PAUSE_MS = 1000;

export type SourceState =
  | { state: 'none' }
  | { state: 'sending'; file: File; sent: number }
  | { state: 'failed'; file: File; error: unknown }
  | { state: 'ready'; file: File; source: ImportSource };

export function useSource(): { source: SourceState; choose(file: File): void; reset(): void } {
  const [source, setSource] = useState<SourceState>({ state: 'none' });
  const sending = useRef<AbortController>(undefined);
  const reset = useCallback(() => {
    sending.current?.abort();
    // Given up by the person, not by a page that was closed.
    usePendingUpload.getState().set(null);
    setSource({ state: 'none' });
  }, []);
  const choose = useCallback((file: File) => {
    sending.current?.abort();
    if (pendingOf(file) === undefined) usePendingUpload.getState().set(null);
    const path = desktop?.pathOf(file);
    if (path) {
      setSource({ state: 'ready', file, source: { kind: 'file', path } });
      return;
    }
    const controller = new AbortController();
    sending.current = controller;
    setSource({ state: 'sending', file, sent: 0 });
    send(file, controller.signal, (sent) => setSource({ state: 'sending', file, sent })).then(
      (upload_id) => {
        if (!controller.signal.aborted) setSource({ state: 'ready', file, source: { kind: 'upload', upload_id } });
      },
      (error) => {
        if (!controller.signal.aborted) setSource({ state: 'failed', file, error });
      },
    );
  }, []);
  useEffect(() => () => sending.current?.abort(), []);
  useWarningBeforeLeaving(source.state === 'sending');
  return { source, choose, reset };
}

/** A browser that is closed stops sending, and so asks before. The desktop app has nothing to send. */
function useWarningBeforeLeaving(isSending: boolean): void {
  useEffect(() => {
    if (!isSending || desktop !== undefined) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isSending]);
}

async function send(file: File, signal: AbortSignal, onSent: (bytes: number) => void): Promise<string> {
  const { upload_id, received } = await beginning(file, signal);
  let offset = received;
  let tries = 0;
  onSent(offset);
  while (offset < file.size) {
    try {
      const chunk = await piece(file, offset);
      // The answer says what has arrived: a piece that was sent twice is not added twice.
      ({ received: offset } = await client.transfer.sendChunk({ upload_id, offset, chunk }, { signal }));
      tries = 0;
      keep(file, upload_id, offset);
      onSent(offset);
    } catch (error) {
      tries += 1;
      if (signal.aborted || tries >= TRIES || !problemOf(error).transient) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  return upload_id;
}

/** Goes on with what was sent before the page was closed, if the engine still has it; else begins. */
async function beginning(file: File, signal: AbortSignal): Promise<{ upload_id: string; received: number }> {
  const pending = pendingOf(file);
  if (pending) {
    try {
      const { upload_id } = pending;
      // The first byte is there already: the answer tells how much more is.
      const chunk = new File([file.slice(0, 1)], file.name);
      return await client.transfer.sendChunk({ upload_id, offset: 0, chunk }, { signal });
    } catch (error) {
      if (problemOf(error).code !== 'NOT_FOUND') throw error;
    }
  }
  return await client.transfer.beginUpload({ name: file.name, size: file.size }, { signal });
}

/** Read before it is sent, so that a file that cannot be read is told from a connection that broke. */
async function piece(file: File, offset: number): Promise<File> {
  try {
    const bytes = await file.slice(offset, offset + MAX_CHUNK_BYTES).arrayBuffer();
    return new File([bytes], file.name);
  } catch (error) {
    const name = visibleText(file.name);
    throw new Error(`${name} cannot be read: it was moved, changed or locked since it was chosen. Choose it again.`, {
      cause: error,
    });
  }
}

function keep(file: File, upload_id: string, sent: number): void {
  const { name, size, lastModified: last_modified } = file;
  usePendingUpload.getState().set({ upload_id, name, size, last_modified, sent });
}
