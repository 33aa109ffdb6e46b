/** Where agents reach Archon, and the tokens they call with. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { AgentTokens, NewToken } from '../../../transfer/components/AgentTokens.tsx';

export function ApiFacts() {
  const [token, setToken] = useState<string>();
  const { data, error, isPending, refetch } = useQuery(api.app.status.queryOptions());
  return (
    <div className="space-y-4 border-line border-b px-4 py-3">
      {isPending ? (
        <SkeletonRows rows={1} />
      ) : data === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data.api.url === null ? (
        <Problem>{data.api.problem ?? 'The HTTP API is not running.'}</Problem>
      ) : (
        <>
          <p className="flex items-center gap-2">
            <span className="text-muted">Agents reach it at</span>
            <code className="one-line font-mono text-xs">{data.api.url}</code>
            <CopyButton text={data.api.url} what="Copy the address" />
          </p>
          {/* It stayed where it was. */}
          {data.api.problem !== null && <Problem>{data.api.problem}</Problem>}
        </>
      )}
      <NewToken token={token} onToken={setToken} />
      {token !== undefined && (
        <Button size="small" onClick={() => setToken(undefined)}>
          I have kept it
        </Button>
      )}
      <AgentTokens onToken={setToken} />
    </div>
  );
}

function Problem({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="content-text rounded-md bg-warn/15 px-3 py-2 text-warn">
      {children}
    </p>
  );
}
