import { Link } from '@tanstack/react-router';

const LINK = 'text-accent-text underline underline-offset-2';

/** What of alerts and of the ops agent is not a setting, and where it is. */
export function OpsLinks({ section }: { section: 'alerts' | 'ops' }) {
  if (section === 'ops') {
    return (
      <p className="border-line border-b px-4 py-2 text-xs">
        What it does now, and its switch for everything, is on the page of the{' '}
        <Link to="/ops-agent" className={LINK}>
          ops agent
        </Link>
        .
      </p>
    );
  }
  return (
    <p className="border-line border-b px-4 py-2 text-xs">
      What is switched on here is a channel. Who is told of what, quiet hours, further channels and what was sent are at{' '}
      <Link to="/ops-agent/channels" className={LINK}>
        Channels
      </Link>
      ; the limits below are those of{' '}
      <Link to="/ops-agent/rules" className={LINK}>
        Rules
      </Link>
      .
    </p>
  );
}
