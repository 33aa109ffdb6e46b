/** The file that is being sent, kept by the browser: choosing it again after the page was closed sends only the rest. */
import { z } from 'zod';
import { create } from 'zustand';

const KEY = 'archon.upload';

const pendingUpload = z.object({
  upload_id: z.uuid(),
  name: z.string(),
  size: z.int(),
  /** By these three a file is known again. */
  last_modified: z.number(),
  sent: z.int(),
});
export type PendingUpload = z.infer<typeof pendingUpload>;

interface PendingStore {
  upload: PendingUpload | null;
  set(upload: PendingUpload | null): void;
}

export const usePendingUpload = create<PendingStore>((set) => ({
  upload: read(),
  set: (upload) => {
    set({ upload });
    try {
      if (upload === null) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify(upload));
    } catch {
      // A browser that keeps nothing: the file is sent from its beginning next time.
    }
  },
}));

/** The upload this very file was being sent with. */
export function pendingOf(file: File): PendingUpload | undefined {
  const { upload } = usePendingUpload.getState();
  if (upload === null || upload.name !== file.name || upload.size !== file.size) return undefined;
  return upload.last_modified === file.lastModified ? upload : undefined;
}

function read(): PendingUpload | null {
  try {
    return pendingUpload.parse(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
  } catch {
    return null;
  }
}
