/** Makes a chosen file readable for the engine: by its path in the desktop app, by sending it from a browser. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ImportSource } from '../../../../src-contract/index.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { desktop } from '../../../rpc/transport.ts';

/** Largest piece the contract takes. */
const CHUNK = 4 * 1024 * 1024;
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
    setSource({ state: 'none' });
  }, []);
  const choose = useCallback((file: File) => {
    sending.current?.abort();
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
  return { source, choose, reset };
}

async function send(file: File, signal: AbortSignal, onSent: (bytes: number) => void): Promise<string> {
  const { upload_id, received } = await client.transfer.beginUpload({ name: file.name, size: file.size }, { signal });
  let offset = received;
  let tries = 0;
  while (offset < file.size) {
    const chunk = new File([file.slice(offset, offset + CHUNK)], file.name);
    try {
      // The answer says what has arrived: a piece that was sent twice is not added twice.
      ({ received: offset } = await client.transfer.sendChunk({ upload_id, offset, chunk }, { signal }));
      tries = 0;
      onSent(offset);
    } catch (error) {
      tries += 1;
      if (signal.aborted || tries >= TRIES || !problemOf(error).transient) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  return upload_id;
}
