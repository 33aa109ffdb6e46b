/** How an agent gets to its memory: where the API is, a token, and the first calls to copy. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import type { AgentToken } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { CodeBlock } from '../../../ui/content/CodeBlock.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm, Dialog } from '../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { SNIPPETS, type SnippetName } from './snippets.ts';

export function ConnectAgentDialog({ onClose }: { onClose(): void }) {
  const [token, setToken] = useState<string>();
  const [snippet, setSnippet] = useState<SnippetName>('curl');
  const status = useQuery(api.app.status.queryOptions());
  const url = status.data?.api.url;
  return (
    <Dialog
      open
      width="max-w-2xl"
      onOpenChange={(open) => !open && onClose()}
      title="Connect an agent"
      description="An agent writes what it learns and asks for context before it answers."
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className="space-y-5">
        {status.data && !url && (
          <p role="alert" className="rounded-md bg-warn/15 px-3 py-2 text-warn">
            {status.data.api.problem ?? 'The HTTP API is not running.'}
          </p>
        )}
        <NewToken token={token} onToken={setToken} />
        <section className="space-y-1">
          <Segmented<SnippetName>
            label="Language"
            value={snippet}
            onChange={setSnippet}
            options={(Object.keys(SNIPPETS) as SnippetName[]).map((value) => ({ value, label: SNIPPETS[value].label }))}
          />
          <CodeBlock
            language={SNIPPETS[snippet].language}
            text={SNIPPETS[snippet].code(url ?? 'http://127.0.0.1:8181', token ?? '$ARCHON_TOKEN')}
          />
          <p className="text-muted text-xs">
            All calls: {url ?? 'the API’s address'}/api/docs. Conversations of the last days come back as context; facts
            worth keeping go to long-term memory.
          </p>
        </section>
        <Tokens />
      </div>
    </Dialog>
  );
}

function NewToken({ token, onToken }: { token: string | undefined; onToken(token: string): void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return setProblem('Name the agent, so that you know later whose token it is.');
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await client.app.createToken({ name: name.trim() });
      onToken(made.token);
      setName('');
      await queryClient.invalidateQueries({ queryKey: api.app.tokens.key() });
    } catch (error) {
      setProblem(problemOf(error).message);
    }
    setBusy(false);
  };
  if (token !== undefined) {
    return (
      <section className="space-y-1 rounded-lg border border-ok/40 bg-ok/10 p-3">
        <h3 className="font-semibold">The token</h3>
        <p className="flex items-center gap-2">
          <code className="one-line flex-1 rounded bg-bg px-2 py-1 font-mono text-xs">{token}</code>
          <CopyButton text={token} label="Copy" />
        </p>
        <p className="text-muted text-xs">It is shown this once: keep it where the agent finds it.</p>
      </section>
    );
  }
  return (
    <form onSubmit={create} className="flex items-start gap-2">
      <div className="flex-1">
        <Field
          label="Make a token for"
          error={problem}
          help="Every agent should have its own: each can be revoked alone."
        >
          {(props) => (
            <TextInput
              {...props}
              maxLength={100}
              placeholder="my coding agent"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </div>
      <Button type="submit" look="primary" busy={busy} className="mt-[22px]" icon={<KeyRound className="size-4" />}>
        Make it
      </Button>
    </form>
  );
}

function Tokens() {
  const { data, error, isPending, refetch } = useQuery(api.app.tokens.queryOptions());
  if (isPending) return <SkeletonRows rows={2} />;
  if (data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const live = data.items.filter(({ revoked_at }) => revoked_at === null);
  return (
    <section className="space-y-1">
      <h3 className="font-semibold text-muted text-xs">Tokens</h3>
      {live.length === 0 ? (
        <p className="text-muted">There is none yet.</p>
      ) : (
        <ul className="max-h-48 divide-y divide-line overflow-y-auto rounded-lg border border-line">
          {live.map((token) => (
            <TokenRow key={token.token_id} token={token} />
          ))}
        </ul>
      )}
    </section>
  );
}

function TokenRow({ token }: { token: AgentToken }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const revoke = async () => {
    setBusy(true);
    try {
      await client.app.revokeToken({ token_id: token.token_id });
      setAsking(false);
      await queryClient.invalidateQueries({ queryKey: api.app.tokens.key() });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <li className="flex items-center gap-2 px-3 py-1.5">
      <Badge className="max-w-72">{visibleText(token.name)}</Badge>
      <span className="flex-1 text-[11px] text-faint">
        made <Ago time={token.created_at} />
      </span>
      <Button size="small" onClick={() => setAsking(true)}>
        Revoke
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke the token of “${visibleText(token.name)}”?`}
        action="Revoke"
        busy={busy}
        onConfirm={revoke}
      >
        Whoever calls with it is refused from then on. It cannot be taken back; make a new one instead.
      </Confirm>
    </li>
  );
}
