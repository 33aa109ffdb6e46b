import type { ImportPreview } from '../../../../src-contract/index.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { dayAndClock } from '../../../ui/format.ts';
import { whose } from '../job-words.ts';

/** How a file begins, before it is imported. */
export function FilePreview({ preview }: { preview: ImportPreview }) {
  const { archive, conversations, errors } = preview;
  return (
    <section aria-label="How the file begins" className="space-y-2">
      <h3 className="font-semibold text-muted text-xs">How the file begins</h3>
      {archive && (
        <p>
          An archive that Archon {archive.app_version} wrote on {dayAndClock(archive.created_at)}, of{' '}
          {archive.scope.kind === 'user' ? `user “${archive.scope.user_id}”` : whose(archive.scope)}.
        </p>
      )}
      {conversations.map((conversation, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the preview never changes.
        <article key={index} className="rounded-lg border border-line p-3">
          <h4 className="mb-1 flex gap-2">
            <span dir="auto" className="one-line flex-1 font-medium">
              {visibleText(conversation.title ?? 'Without a title')}
            </span>
            {conversation.started_at && (
              <span className="shrink-0 text-[11px] text-faint">{dayAndClock(conversation.started_at)}</span>
            )}
          </h4>
          <ul className="space-y-1">
            {conversation.messages.map((message, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the preview never changes.
              <li key={at} className="flex gap-2">
                <Badge tone={message.role === 'user' ? 'session' : 'plain'}>{message.role}</Badge>
                <span dir="auto" className="line-clamp-2 flex-1 text-muted [overflow-wrap:anywhere]">
                  {visibleText(message.text)}
                </span>
              </li>
            ))}
          </ul>
        </article>
      ))}
      {errors.length > 0 && (
        <ul className="text-warn text-xs">
          {errors.slice(0, 5).map((error) => (
            <li key={`${error.line} ${error.message}`} className="content-text">
              {error.line !== null && `line ${error.line}: `}
              {visibleText(error.message)}
            </li>
          ))}
        </ul>
      )}
      {conversations.length === 0 && !archive && errors.length === 0 && (
        <p className="text-muted">The file begins with nothing that can be shown.</p>
      )}
    </section>
  );
}
