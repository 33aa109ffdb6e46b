/** Puts a file of diagnostics together from its pieces. */
import type { DiagnosticsPiece } from '../../../../../src-contract/index.ts';

export interface DiagnosticsProgress {
  /** What is read now. */
  file: string | null;
  /** From 0 to 1. */
  share: number;
  bytes: number;
}

export interface ReadDiagnostics {
  parts: Uint8Array<ArrayBuffer>[];
  missing: { file: string; why: string }[];
}

/** More than the engine makes of one. */
const MAX_BYTES = 200 * 1024 ** 2;

/** @throws when the stream ends before the file does */
export async function readDiagnostics(
  pieces: AsyncIterable<DiagnosticsPiece>,
  onProgress: (progress: DiagnosticsProgress) => void,
): Promise<ReadDiagnostics> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const progress: DiagnosticsProgress = { file: null, share: 0, bytes: 0 };
  for await (const piece of pieces) {
    switch (piece.kind) {
      case 'file':
        progress.file = piece.file;
        progress.share = piece.done / piece.of;
        break;
      case 'bytes': {
        const bytes = Uint8Array.from(atob(piece.base64), (character) => character.charCodeAt(0));
        progress.bytes += bytes.length;
        if (progress.bytes > MAX_BYTES) throw new Error('The file became too large; it was not saved.');
        parts.push(bytes);
        break;
      }
      case 'end':
        return { parts, missing: piece.missing };
    }
    onProgress({ ...progress });
  }
  throw new Error('The file was cut off before its end; it was not saved. Try again.');
}
