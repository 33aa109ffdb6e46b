import { CloudUpload, X } from 'lucide-react';
import { useDialogs } from '../../../app/dialog-store.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { bytes } from '../../../ui/format.ts';
import { type PendingUpload, usePendingUpload } from '../pending-upload.ts';

/** A file whose import has not begun, for the page was closed before. */
export function PendingUploadRow({ upload }: { upload: PendingUpload }) {
  const open = useDialogs((store) => store.open);
  const readOnly = useReadOnly();
  const set = usePendingUpload((store) => store.set);
  return (
    <li className="flex items-start gap-3 rounded-lg border border-line p-3">
      <CloudUpload aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0 flex-1 space-y-1">
        <p dir="auto" className="one-line font-medium">
          {visibleText(upload.name)}
        </p>
        <p className="text-muted text-xs">
          {upload.sent < upload.size
            ? `Sending stopped after ${bytes(upload.sent)} of ${bytes(upload.size)}. Choose the same file again: only the rest is sent.`
            : 'The file was sent, but its import was not started. Choose the same file again: it is not sent twice.'}
        </p>
      </div>
      <Button size="small" blocked={readOnly} onClick={() => open('import')}>
        Choose the file again
      </Button>
      <IconButton label="Dismiss" icon={<X aria-hidden="true" className="size-4" />} onClick={() => set(null)} />
    </li>
  );
}
