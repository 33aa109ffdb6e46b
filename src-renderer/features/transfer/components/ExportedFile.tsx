import type { ExportJob } from '../../../../src-contract/index.ts';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { bytes } from '../../../ui/format.ts';

/** The archive of a finished export: its name, its size, and by what a copy of it is checked. */
export function ExportedFile({ job }: { job: ExportJob }) {
  return (
    <p className="flex items-center gap-2 text-muted text-xs">
      <span className="one-line flex-1" title={job.sha256 ?? ''}>
        {job.file_name}
        {job.bytes !== null && `, ${bytes(job.bytes)}`} · SHA-256 {job.sha256?.slice(0, 16)}…
      </span>
      <CopyButton text={job.sha256 ?? ''} what="Copy the SHA-256" />
    </p>
  );
}
