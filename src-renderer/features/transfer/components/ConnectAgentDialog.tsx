/** How an agent gets to its memory: where the API is, a token, and the first calls to copy. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../../rpc/client.ts';
import { Button } from '../../../ui/Button.tsx';
import { CodeBlock } from '../../../ui/content/CodeBlock.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { AgentTokens, NewToken } from './AgentTokens.tsx';
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
        <AgentTokens onToken={setToken} />
      </div>
    </Dialog>
  );
}
