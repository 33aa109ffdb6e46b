/** Where to begin when nobody has any memory yet. */

import { useQueryClient } from '@tanstack/react-query';
import { FlaskConical, Plug, Upload } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import { useDialogs } from '../../../app/dialog-store.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Spinner } from '../../../ui/Button.tsx';
import { plural } from '../../../ui/format.ts';
import { heldBack } from '../../../ui/held-back.ts';
import { Tip } from '../../../ui/Tip.tsx';

export function FirstRun() {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-8 overflow-y-auto p-8">
      <div className="max-w-xl text-center">
        <img src="/archon.svg" alt="" className="mx-auto mb-4 size-14" />
        <h1 className="font-semibold text-2xl tracking-tight">Nothing is remembered yet</h1>
        <p className="mt-2 text-[14px] text-muted">
          Archon keeps what your agents learn: conversations for minutes, what happened for days, facts for good.
          Everything stays on this computer or in your own database.
        </p>
      </div>
      <Choices />
    </div>
  );
}

/** @param onLoaded the demo is there */
export function Choices({ onLoaded }: { onLoaded?(): void }) {
  const open = useDialogs((store) => store.open);
  const queryClient = useQueryClient();
  const readOnly = useReadOnly();
  const [busy, setBusy] = useState(false);
  const loadDemo = async () => {
    setBusy(true);
    try {
      const added = await client.app.loadDemo({});
      toast.success(
        `Demo loaded: ${plural(added.sessions, 'session')}, ${plural(added.working + added.longterm, 'memory', 'memories')}.`,
      );
      await queryClient.invalidateQueries();
      onLoaded?.();
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <div className="grid w-full max-w-4xl grid-cols-3 gap-4">
      <Choice
        icon={busy ? <Spinner className="size-6" /> : <FlaskConical />}
        title="Load the demo"
        disabled={busy}
        blocked={readOnly}
        onClick={loadDemo}
      >
        Two people, five weeks of conversations with their agents. Nothing of it is real; delete it when you have seen
        enough.
      </Choice>
      <Choice icon={<Upload />} title="Import conversations" blocked={readOnly} onClick={() => open('import')}>
        An export of ChatGPT or Claude.ai, sessions of Claude Code, OpenAI-style messages, or an archive of Archon.
      </Choice>
      <Choice icon={<Plug />} title="Connect an agent" onClick={() => open('connect')}>
        Make a token and copy the first call. What the agent writes appears here at once.
      </Choice>
    </div>
  );
}

interface ChoiceProps {
  icon: ReactNode;
  title: string;
  disabled?: boolean;
  blocked?: string | undefined;
  onClick(): void;
  children: ReactNode;
}

function Choice({ icon, title, disabled, blocked, onClick, children }: ChoiceProps) {
  const choice = (
    <button
      type="button"
      disabled={disabled}
      onClick={onClick}
      {...(blocked === undefined ? {} : heldBack(blocked))}
      className="flex flex-col gap-2 rounded-xl border border-line bg-surface p-5 text-left hover:border-accent hover:bg-raised disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60"
    >
      <span className="text-accent-text [&_svg]:size-6">{icon}</span>
      <span className="font-semibold text-[15px]">{title}</span>
      <span className="text-muted">{children}</span>
    </button>
  );
  return blocked === undefined ? choice : <Tip text={blocked}>{choice}</Tip>;
}
