import { Download, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ExportJob } from '../../../../src-contract/index.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { desktop } from '../../../rpc/transport.ts';
import { Button } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';

type Look = 'primary' | 'plain';

/** Gives the archive of a finished export to the person, as often as they ask. */
export const SaveExport = ({ job: { job_id, file_name }, look = 'plain' }: { job: ExportJob; look?: Look }) => (
  <SaveArchive id={job_id} href={`/api/memory/exports/${job_id}/file`} file_name={file_name} look={look} />
);

interface SaveArchiveProps {
  /** Of the export or snapshot. */
  id: string;
  /** Where a browser gets it. */
  href: string;
  file_name: string;
  look?: Look;
}

export function SaveArchive({ id, href, file_name, look = 'plain' }: SaveArchiveProps) {
  const [busy, setBusy] = useState(false);
  if (desktop === undefined) {
    // The cookie of the login lets the browser fetch it by itself, so that it never has to fit into the page's memory.
    // Over plain HTTP the referrer is all that tells the server which page asks.
    return (
      <a
        href={href}
        download={file_name}
        referrerPolicy="origin"
        className={cx(
          'inline-flex items-center gap-1.5 rounded-md font-medium',
          look === 'primary'
            ? 'h-8 bg-accent px-3 text-on-accent hover:bg-accent-hover'
            : 'h-7 border border-line bg-raised px-2 text-xs hover:border-line-strong hover:bg-hover',
        )}
      >
        <Download aria-hidden="true" className="size-4" /> Download
      </a>
    );
  }
  const bridge = desktop;
  const tell = (error: unknown) => void toast.error(problemOf(error).message);
  const save = async () => {
    setBusy(true);
    try {
      const saved = await bridge.saveExport(id);
      if (saved) {
        toast.success('Saved.', {
          description: saved.path,
          action: { label: 'Show', onClick: () => void bridge.showFile(saved.path).catch(tell) },
        });
      }
    } catch (error) {
      tell(error);
    }
    setBusy(false);
  };
  return (
    <Button
      look={look}
      size={look === 'primary' ? 'normal' : 'small'}
      busy={busy}
      icon={<FolderOpen aria-hidden="true" className="size-4" />}
      onClick={save}
    >
      Save as …
    </Button>
  );
}
