/** What a file with settings would change, before it does. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ImportedSettings, Setting } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { plural } from '../../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { ownText } from '../model/setting-words.ts';
import type { SettingsDocument } from '../model/settings-document.ts';

export interface ImportDialogProps {
  name: string;
  document: SettingsDocument;
  onClose(): void;
}

export function ImportDialog({ name, document, onClose }: ImportDialogProps) {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { data, error, isPending, refetch } = useQuery(
    api.settings.import.queryOptions({ input: { document, dry_run: true }, staleTime: 0, gcTime: 0 }),
  );
  const settings = useQuery(api.settings.list.queryOptions({ input: {} })).data?.items ?? [];
  const apply = async () => {
    setBusy(true);
    try {
      const { changes } = await client.settings.import({ document, dry_run: false });
      toast.success(`${plural(changes.length, 'setting')} changed by “${visibleText(name)}”.`);
      onClose();
    } catch (problem) {
      toast.error(`Nothing was changed: ${problemOf(problem).message}`);
    }
    setBusy(false);
    await queryClient.invalidateQueries({ queryKey: api.settings.key() });
  };
  const count = data?.changes.length ?? 0;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !busy && onClose()}
      title="Import settings"
      description={`What “${visibleText(name)}” would change. Nothing is changed yet.`}
      width="max-w-2xl"
      footer={
        <>
          <Button disabled={busy} onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" disabled={count === 0} busy={busy} onClick={() => void apply()}>
            {count === 0 ? 'Apply' : `Change ${plural(count, 'setting')}`}
          </Button>
        </>
      }
    >
      {isPending ? (
        <SkeletonRows rows={4} />
      ) : data === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <Preview imported={data} settings={settings} />
      )}
    </Dialog>
  );
}

function Preview({ imported, settings }: { imported: ImportedSettings; settings: readonly Setting[] }) {
  const { changes, skipped } = imported;
  const kindOf = (key: string) => settings.find((setting) => setting.key === key)?.kind;
  return (
    <div className="space-y-4">
      {changes.length === 0 && <EmptyState title="Nothing would change">What it holds is set already.</EmptyState>}
      {changes.length > 0 && (
        <ul aria-label="Changes" className="divide-y divide-line rounded-lg border border-line">
          {changes.map(({ key, title, before, after }) => (
            <li key={key} className="px-3 py-1.5">
              <p className="font-medium">
                {title} <code className="font-mono font-normal text-[11px] text-faint">{key}</code>
              </p>
              <p className="text-muted text-xs [overflow-wrap:anywhere]">
                {visibleText(`${ownText(kindOf(key), before)} → ${ownText(kindOf(key), after)}`)}
              </p>
            </li>
          ))}
        </ul>
      )}
      {skipped.length > 0 && (
        <section className="space-y-1">
          <h3 className="font-semibold text-muted text-xs">Left out</h3>
          <ul aria-label="Left out" className="space-y-0.5 text-xs">
            {skipped.map(({ key, reason }) => (
              <li key={key} className="[overflow-wrap:anywhere]">
                <code className="font-mono">{visibleText(key)}</code>{' '}
                <span className="text-muted">{visibleText(reason)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
