/** Settings as a file: out, in again after a look at what would change, and the schema of the file people write. */
import { Download, FileJson, Upload } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { toast } from 'sonner';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { saveText } from '../../../../ui/save-text.ts';
import { readDocument, type SettingsDocument } from '../model/settings-document.ts';
import { ImportDialog } from './ImportDialog.tsx';

export function TransferMenu() {
  const inputRef = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<{ name: string; document: SettingsDocument }>();
  const save = async (name: string, read: () => Promise<unknown>) => {
    try {
      saveText(name, `${JSON.stringify(await read(), null, 2)}\n`);
    } catch (error) {
      toast.error(`${name} could not be made: ${problemOf(error).message}`);
    }
  };
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      setChosen({ name: file.name, document: readDocument(await file.text(), file.name) });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
  };
  return (
    <>
      <Entry
        icon={<Download aria-hidden="true" className="size-3.5" />}
        onClick={() => void save('archon-settings.json', () => client.settings.export())}
      >
        Export settings
      </Entry>
      <Entry icon={<Upload aria-hidden="true" className="size-3.5" />} onClick={() => inputRef.current?.click()}>
        Import settings
      </Entry>
      <Entry
        icon={<FileJson aria-hidden="true" className="size-3.5" />}
        onClick={() => void save('archon.config.schema.json', () => client.settings.schema())}
      >
        JSON schema
      </Entry>
      <input
        ref={inputRef}
        type="file"
        accept=".json,application/json"
        aria-label="File with settings"
        className="hidden"
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          // So that the same file can be chosen again.
          event.target.value = '';
        }}
      />
      {chosen !== undefined && <ImportDialog {...chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function Entry({ icon, onClick, children }: { icon: ReactNode; onClick(): void; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex h-7 w-full items-center gap-2 rounded-md px-2 text-muted text-xs hover:bg-hover hover:text-text"
    >
      {icon}
      {children}
    </button>
  );
}
