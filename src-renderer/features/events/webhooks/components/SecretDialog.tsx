import { TriangleAlert } from 'lucide-react';
import type { WebhookWithSecret } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { Button } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { VerifySnippets } from './VerifySnippets.tsx';

/** The secret of a webhook, this once: it is kept nowhere in the page. */
export function SecretDialog({ webhook, onClose }: { webhook: WebhookWithSecret; onClose(): void }) {
  // There is no second look: a click beside it, a key, "back" or a link must not take it away.
  const guard = useLeaveGuard({ hasChanges: () => true, onLeave: onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && guard.leave()}
      title="The secret of this webhook"
      description={<>What is sent to {visibleText(webhook.url)} is signed with it.</>}
      width="max-w-2xl"
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="space-y-4">
        <section className="space-y-2 rounded-lg border border-ok/40 bg-ok/10 p-3">
          <p className="flex items-center gap-2">
            <code className="min-w-0 flex-1 break-all rounded bg-bg px-2 py-1 font-mono text-xs">{webhook.secret}</code>
            <CopyButton text={webhook.secret} label="Copy" />
          </p>
          <p className="flex items-start gap-2 text-warn">
            <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            <span>It is shown this once and never again. When it is lost, rotate it: a new one is made.</span>
          </p>
        </section>
        <VerifySnippets />
      </div>
      <LeaveQuestion guard={guard} title="Is the secret kept?" action="Close for good" cancel="Back to the secret">
        It cannot be shown again.
      </LeaveQuestion>
    </Dialog>
  );
}
