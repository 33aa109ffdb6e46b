/** One change: who, when, what was before and after, and the way back. */
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Undo2, UserRound } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Setting, SettingsHistoryEntry } from '../../../../src-contract/index.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { changeWords } from './change-words.ts';
import type { HistoryScope } from './history-search.ts';

export interface HistoryEntryProps {
  entry: SettingsHistoryEntry;
  scope: HistoryScope;
  settings: readonly Setting[];
}

export function HistoryEntry({ entry, scope, settings }: HistoryEntryProps) {
  const { by, at, user_id, undoes, undone_by } = entry;
  const readOnly = useReadOnly();
  const [asking, setAsking] = useState(false);
  return (
    <li className="flex items-start gap-3 px-3 py-2">
      <div className="min-w-0 flex-1 space-y-1">
        <p className="flex flex-wrap items-center gap-2 text-muted text-xs">
          <span dir="auto" className="one-line max-w-64 font-medium text-text">
            {visibleText(by)}
          </span>
          <Ago time={at} />
          {user_id !== null && (
            <Badge title="Holds for this user only.">
              <UserRound aria-hidden="true" className="mr-1 inline size-3" />
              {visibleText(user_id)}
            </Badge>
          )}
          {undoes !== null && <Badge tone="accent">takes a change back</Badge>}
          {undone_by !== null && <Badge>taken back</Badge>}
        </p>
        <ChangeList entry={entry} settings={settings} />
      </div>
      {undone_by === null && (
        <Button
          size="small"
          // What is of this computer can be taken back all the same.
          blocked={scope === 'org' ? readOnly : undefined}
          icon={<Undo2 className="size-3.5" />}
          onClick={() => setAsking(true)}
        >
          Undo
        </Button>
      )}
      {asking && <UndoQuestion entry={entry} scope={scope} settings={settings} onClose={() => setAsking(false)} />}
    </li>
  );
}

function ChangeList({ entry, settings }: { entry: SettingsHistoryEntry; settings: readonly Setting[] }) {
  return (
    <ul className="space-y-0.5">
      {entry.changes.map((change) => {
        const setting = settings.find(({ key }) => key === change.key);
        const { before, after } = changeWords(change, setting?.kind);
        return (
          <li key={change.key} className="[overflow-wrap:anywhere]">
            {setting === undefined ? (
              change.title
            ) : (
              <Link
                to="/settings"
                search={{ section: setting.section, setting: change.key, user: entry.user_id ?? undefined }}
                className="font-medium hover:underline"
              >
                {change.title}
              </Link>
            )}
            <span className="text-muted">
              : {visibleText(before)} → <span className="text-text">{visibleText(after)}</span>
            </span>{' '}
            <code className="font-mono text-[11px] text-faint">{visibleText(change.key)}</code>
          </li>
        );
      })}
    </ul>
  );
}

interface UndoQuestionProps extends HistoryEntryProps {
  onClose(): void;
}

function UndoQuestion({ entry, scope, settings, onClose }: UndoQuestionProps) {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const undo = async () => {
    setBusy(true);
    try {
      await client.settings.undo({ id: entry.id, scope });
      toast.success('Taken back.');
      onClose();
    } catch (error) {
      toast.error(`It could not be taken back: ${problemOf(error).message}`);
    }
    setBusy(false);
    await queryClient.invalidateQueries({ queryKey: api.settings.key() });
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && !busy && onClose()}
      title="Take this change back?"
      action="Take it back"
      busy={busy}
      onConfirm={() => void undo()}
    >
      <ul className="space-y-1">
        {entry.changes.map((change) => {
          const { before, after } = changeWords(change, settings.find(({ key }) => key === change.key)?.kind);
          return (
            <li key={change.key}>
              <span className="text-text">{change.title}</span>: {visibleText(`${after} → ${before}`)}
            </li>
          );
        })}
      </ul>
    </Confirm>
  );
}
