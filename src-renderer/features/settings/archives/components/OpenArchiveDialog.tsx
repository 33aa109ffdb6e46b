/** Makes a read-only copy from an archive: choose it, see what it is, name it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { SkeletonRows } from '../../../../ui/states.tsx';
import { FilePreview } from '../../../transfer/components/FilePreview.tsx';
import { inWordsOfTheFile } from '../../../transfer/file-problem.ts';
import { ArchiveFile, type ChosenFile } from './ArchiveFile.tsx';

const NOTHING = { kind: 'upload', upload_id: '' } as const;

export function OpenArchiveDialog({ onClose }: { onClose(): void }) {
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<ChosenFile>();
  /** Undefined until the person types one. */
  const [typed, setTyped] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const preview = useQuery(
    api.transfer.preview.queryOptions({
      input: { source: chosen?.source ?? NOTHING, format: 'archon' },
      enabled: chosen !== undefined,
      retry: false,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  );
  const name = typed ?? chosen?.name.replace(/\.archon(\.gz)?$/, '') ?? '';
  const start = async () => {
    if (chosen === undefined || name.trim() === '') return;
    setBusy(true);
    setProblem(undefined);
    try {
      await client.offline.openArchive({ name: name.trim(), source: chosen.source });
      await queryClient.invalidateQueries({ queryKey: api.offline.key() });
      onClose();
    } catch (error) {
      setProblem(problemOf(inWordsOfTheFile(error)).message);
      setBusy(false);
    }
  };
  const fault = problem ?? (preview.error ? problemOf(inWordsOfTheFile(preview.error)).message : undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Open an archive"
      description="It becomes a read-only copy on this computer. No other data is touched."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={busy}
            disabled={preview.data?.archive == null || name.trim() === ''}
            onClick={start}
          >
            Open it
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <ArchiveFile
          label="Archive to open"
          onChange={(next) => {
            setChosen(next);
            setProblem(undefined);
          }}
        />
        {chosen && preview.isPending && <SkeletonRows rows={2} />}
        {preview.data && <FilePreview preview={preview.data} />}
        {chosen && (
          <Field label="Name of the copy">
            {(props) => (
              <TextInput {...props} value={name} maxLength={200} onChange={(event) => setTyped(event.target.value)} />
            )}
          </Field>
        )}
        {fault && (
          <p role="alert" className="content-text text-bad">
            {fault}
          </p>
        )}
      </div>
    </Dialog>
  );
}
