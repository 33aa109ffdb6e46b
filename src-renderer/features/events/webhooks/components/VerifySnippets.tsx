import { useState } from 'react';
import { CodeBlock } from '../../../../ui/content/CodeBlock.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { VERIFY_SNIPPETS, type VerifySnippet } from '../verify-snippets.ts';

const NAMES: readonly VerifySnippet[] = ['node', 'python'];

/** How the receiver tells that a request comes from here. */
export function VerifySnippets() {
  const [name, setName] = useState<VerifySnippet>('node');
  const { language, code } = VERIFY_SNIPPETS[name];
  return (
    <section className="space-y-1">
      <div className="flex items-center gap-3">
        <h3 className="flex-1 font-semibold text-muted text-xs">Check the signature</h3>
        <Segmented<VerifySnippet>
          label="Language"
          value={name}
          onChange={setName}
          options={NAMES.map((value) => ({ value, label: VERIFY_SNIPPETS[value].label }))}
        />
      </div>
      <CodeBlock language={language} text={code} />
      <p className="text-faint text-xs">
        The header <code className="font-mono">Archon-Signature</code> holds the time and the HMAC-SHA256 of time, full
        stop and body as it came. An event may come twice: go by its <code className="font-mono">id</code>.
      </p>
    </section>
  );
}
