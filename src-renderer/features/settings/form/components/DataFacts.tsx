/** Where memory is on this computer, a backup of it now, and erasing a user for good. */
import { useQuery } from '@tanstack/react-query';
import { Archive, Eraser, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useReadOnly } from '../../../../app/read-only.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { desktop } from '../../../../rpc/transport.ts';
import { Button } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { bytes } from '../../../../ui/format.ts';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { EraseUserDialog } from './EraseUserDialog.tsx';

export function DataFacts() {
  const status = useQuery(api.app.status.queryOptions());
  const health = useQuery(api.health.deep.queryOptions());
  const readOnly = useReadOnly();
  const [erasing, setErasing] = useState(false);
  const [backingUp, setBackingUp] = useState(false);
  const backUp = async () => {
    setBackingUp(true);
    try {
      const made = await client.backups.create({});
      toast.success(`Backed up: ${made.name}, ${bytes(made.bytes)}.`);
    } catch (error) {
      toast.error(`Not backed up: ${problemOf(error).message}`);
    }
    setBackingUp(false);
  };
  if (status.isPending) return <SkeletonRows rows={3} />;
  if (status.data === undefined) return <ErrorState error={status.error} onRetry={() => void status.refetch()} />;
  const { data_dir, database, sessions } = status.data;
  const folder = health.data?.components.find(({ component }) => component === 'data_folder');
  return (
    <div className="space-y-3 border-line border-b px-4 py-3">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1">
        {data_dir !== null && (
          <DetailRow name="Data folder">
            <span className="flex items-center gap-1">
              <code className="one-line min-w-0 font-mono text-xs">{visibleText(data_dir)}</code>
              <CopyButton text={data_dir} what="Copy the path" />
              {desktop !== undefined && <OpenFolder path={data_dir} />}
            </span>
          </DetailRow>
        )}
        {folder !== undefined && <DetailRow name="Disk">{visibleText(folder.detail)}</DetailRow>}
        <DetailRow name="Database">{visibleText(database.detail)}</DetailRow>
        <DetailRow name="Sessions">{visibleText(sessions.detail)}</DetailRow>
      </dl>
      <div className="flex flex-wrap gap-2">
        <Button size="small" icon={<Archive className="size-3.5" />} busy={backingUp} onClick={() => void backUp()}>
          Back up now
        </Button>
        <Button size="small" blocked={readOnly} icon={<Eraser className="size-3.5" />} onClick={() => setErasing(true)}>
          Erase a user …
        </Button>
      </div>
      {erasing && <EraseUserDialog onClose={() => setErasing(false)} />}
    </div>
  );
}

function OpenFolder({ path }: { path: string }) {
  const open = async () => {
    try {
      await desktop?.showFile(path);
    } catch (error) {
      toast.error(`The folder could not be shown: ${problemOf(error).message}`);
    }
  };
  return (
    <Button size="small" look="ghost" icon={<FolderOpen className="size-3.5" />} onClick={() => void open()}>
      Show
    </Button>
  );
}
