/** Tokens of agents: made, replaced and revoked. */
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
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';

/** Makes a token, and shows it this once. */
export function NewToken({ token, onToken }: { token: string | undefined; onToken(token: string): void }) {
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

/** Tokens that are valid, each to be replaced or revoked. */
export function AgentTokens({ onToken }: { onToken(token: string): void }) {
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
            <TokenRow key={token.token_id} token={token} onToken={onToken} />
          ))}
        </ul>
      )}
    </section>
  );
}

type Asking = 'revoke' | 'replace';

function TokenRow({ token, onToken }: { token: AgentToken; onToken(token: string): void }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<Asking>();
  const [busy, setBusy] = useState(false);
  const name = visibleText(token.name);
  const during = async (work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await work();
      setAsking(undefined);
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
    await queryClient.invalidateQueries({ queryKey: api.app.tokens.key() });
  };
  const revoke = () => client.app.revokeToken({ token_id: token.token_id });
  const replace = async () => {
    // First, so that it is shown whatever becomes of the old one.
    const made = await client.app.createToken({ name: token.name });
    onToken(made.token);
    await revoke();
  };
  return (
    <li aria-label={name} className="flex items-center gap-2 px-3 py-1.5">
      <Badge className="max-w-72">{name}</Badge>
      <span className="flex-1 text-[11px] text-faint">
        made <Ago time={token.created_at} />
      </span>
      <Button size="small" onClick={() => setAsking('replace')}>
        Replace
      </Button>
      <Button size="small" onClick={() => setAsking('revoke')}>
        Revoke
      </Button>
      <Confirm
        open={asking === 'revoke'}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={`Revoke the token of “${name}”?`}
        action="Revoke"
        busy={busy}
        onConfirm={() => void during(revoke)}
      >
        Whoever calls with it is refused from then on. It cannot be taken back; make a new one instead.
      </Confirm>
      <Confirm
        open={asking === 'replace'}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={`Replace the token of “${name}”?`}
        action="Replace"
        busy={busy}
        onConfirm={() => void during(replace)}
      >
        A new token is made and shown once. Whoever calls with the old one is refused from then on.
      </Confirm>
    </li>
  );
}
