import type { WebhookDelivery } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { took } from '../../dead-letters/letter-words.ts';
import { isAboutAddress, OUTCOME_TONES, outcomeWords } from '../webhook-health.ts';
import { AddressNote } from './AddressNote.tsx';

export function OutcomeBadge({ delivery }: { delivery: WebhookDelivery }) {
  return (
    <Badge tone={OUTCOME_TONES[delivery.outcome.kind]} className="shrink-0">
      {outcomeWords(delivery)}
    </Badge>
  );
}

/** What was answered, and how long that took. */
export function DeliveryAnswer({ delivery }: { delivery: WebhookDelivery }) {
  const { outcome, duration_ms } = delivery;
  const said = outcome.kind === 'failed' ? outcome.reason : outcome.excerpt;
  return (
    <div className="space-y-1.5">
      <p className="text-muted text-xs tabular-nums">
        {outcome.kind === 'failed' ? 'Given up after' : 'Answered after'} {took(duration_ms)}
        {outcome.kind !== 'failed' && outcome.status >= 300 && outcome.status < 400 && ' · redirects are not followed'}
      </p>
      {said === '' ? (
        <p className="text-faint text-xs">The answer was empty.</p>
      ) : (
        <pre
          tabIndex={0}
          className="max-h-40 overflow-auto whitespace-pre-wrap rounded-md border border-line bg-bg p-2 font-mono text-xs [overflow-wrap:anywhere]"
        >
          {visibleText(said)}
        </pre>
      )}
      {isAboutAddress(said) && <AddressNote isRefused />}
    </div>
  );
}
