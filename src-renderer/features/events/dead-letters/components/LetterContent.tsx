import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { DeadLetter, JsonObject } from '../../../../../src-contract/index.ts';
import { Button } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { fullTime, number } from '../../../../ui/format.ts';
import { JsonViewer } from '../../../../ui/JsonViewer.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { lifeInWords } from '../letter-words.ts';
import { prettyJson } from '../payload-diff.ts';
import { RetryTime } from './RetryTime.tsx';

/** Longer parts of an error are shown when asked for. */
const ERROR_LENGTH = 4000;

/** What went wrong, what was to be delivered, and to whom. */
export function LetterContent({ letter, nameOf }: { letter: DeadLetter; nameOf(subscriber: string): string }) {
  const { event } = letter;
  return (
    <div className="space-y-5">
      <Life letter={letter} />
      <ErrorPart error={letter.error} />
      {letter.edited_payload && (
        <Payload title="Payload as it was edited" payload={letter.edited_payload}>
          A replay sends this instead of what the event says.
        </Payload>
      )}
      <Payload title="Payload of the event" payload={event.payload as JsonObject} />
      <section className="space-y-1">
        <h3 className="font-semibold text-muted text-xs">Event</h3>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          <DetailRow name="Type">
            <span className="font-mono text-xs">{visibleText(event.type)}</span>
          </DetailRow>
          <DetailRow name="Number in the log">
            <Link
              to="/events"
              search={{ event: event.id }}
              className="text-accent-text tabular-nums underline underline-offset-2"
            >
              {event.id}
            </Link>
          </DetailRow>
          <DetailRow name="Happened">
            <Ago time={event.created_at} /> <span className="text-faint">· {fullTime(event.created_at)}</span>
          </DetailRow>
          <DetailRow name="By">{visibleText(event.actor)}</DetailRow>
          <DetailRow name="User">{event.user_id === null ? 'none' : visibleText(event.user_id)}</DetailRow>
          <DetailRow name="Subscriber">
            <SubscriberLink subscriber={letter.subscriber} name={nameOf(letter.subscriber)} />
          </DetailRow>
          <DetailRow name="First failed">
            <Ago time={letter.first_failed_at} />
          </DetailRow>
          <DetailRow name="Last failed">
            <Ago time={letter.failed_at} />
          </DetailRow>
          <DetailRow name="Id">
            <span className="-my-1 flex items-center gap-1">
              <span className="one-line font-mono text-xs">{letter.id}</span>
              <CopyButton text={letter.id} what="Copy the id" />
            </span>
          </DetailRow>
        </dl>
        <CopyButton text={() => prettyJson(letter)} label="Copy the whole letter" />
      </section>
    </div>
  );
}

function Life({ letter }: { letter: DeadLetter }) {
  const { life } = letter;
  return (
    <p role="status" className="rounded-md border border-line bg-raised px-3 py-2 [overflow-wrap:anywhere]">
      {visibleText(lifeInWords(letter))}{' '}
      {life.state === 'dead' &&
        (life.retry_at === null ? (
          'It waits until somebody does.'
        ) : (
          <>
            Replayed by itself: <RetryTime at={life.retry_at} />.
          </>
        ))}
      {life.state === 'replaying' && (
        <span className="text-faint">
          <Ago time={life.since} />
        </span>
      )}
      {(life.state === 'resolved' || life.state === 'discarded') && (
        <span className="text-faint">
          <Ago time={life.at} />
        </span>
      )}
      {life.state === 'discarded' && (
        <span dir="auto" className="mt-1 block">
          Reason: {visibleText(life.reason)}
        </span>
      )}
    </p>
  );
}

function ErrorPart({ error }: { error: DeadLetter['error'] }) {
  const [isOpen, setOpen] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? error.message : error.message.slice(0, ERROR_LENGTH);
  return (
    <section className="space-y-1">
      <h3 className="flex items-center gap-2 font-semibold text-muted text-xs">
        <span className="flex-1">Error of the last attempt</span>
        <CopyButton text={() => error.stack ?? `${error.name}: ${error.message}`} what="Copy the error" />
      </h3>
      <div className="rounded-md border border-bad/40 bg-bad-soft px-3 py-2">
        <p className="font-medium text-bad text-xs">{visibleText(error.name)}</p>
        <p dir="auto" className="content-text max-h-56 overflow-y-auto" tabIndex={shown.length > 400 ? 0 : undefined}>
          {visibleText(shown)}
        </p>
        {shown.length < error.message.length && (
          <Button size="small" look="ghost" onClick={() => setWhole(true)}>
            {number(error.message.length - shown.length)} more characters
          </Button>
        )}
      </div>
      {error.stack !== null && (
        <>
          <Button
            size="small"
            look="ghost"
            aria-expanded={isOpen}
            icon={<ChevronRight className={cx('size-3.5 transition-transform', isOpen && 'rotate-90')} />}
            onClick={() => setOpen(!isOpen)}
          >
            Stack
          </Button>
          {isOpen && (
            <pre
              tabIndex={0}
              className="max-h-72 overflow-auto rounded-md border border-line bg-bg p-2.5 font-mono text-xs leading-[1.55]"
            >
              {visibleText(error.stack)}
            </pre>
          )}
        </>
      )}
    </section>
  );
}

function Payload({ title, payload, children }: { title: string; payload: JsonObject; children?: string }) {
  return (
    <section className="space-y-1">
      <h3 className="flex items-center gap-2 font-semibold text-muted text-xs">
        <span className="flex-1">{title}</span>
        <CopyButton text={() => prettyJson(payload)} what={`Copy: ${title.toLowerCase()}`} />
      </h3>
      {children && <p className="text-faint text-xs">{children}</p>}
      <JsonViewer value={payload} label={title} />
    </section>
  );
}

/** A webhook is looked at where webhooks are, others where subscribers are. */
function SubscriberLink({ subscriber, name }: { subscriber: string; name: string }) {
  const look = 'text-accent-text underline underline-offset-2';
  const webhook = subscriber.startsWith('webhook.') ? subscriber.slice('webhook.'.length) : undefined;
  if (webhook !== undefined) {
    return (
      <Link to="/events/webhooks" search={{ webhook }} className={look} title={subscriber}>
        {name}
      </Link>
    );
  }
  return (
    <Link to="/events/subscribers" className={look}>
      {name}
    </Link>
  );
}
