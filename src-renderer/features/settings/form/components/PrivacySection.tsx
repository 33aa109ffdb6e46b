/** What leaves this computer, in plain words, and how secrets are protected. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { SecretsPanel } from '../../secrets/SecretsPanel.tsx';

export function PrivacySection() {
  return (
    <div className="space-y-4 px-4 py-3">
      <section className="space-y-2">
        <h3 className="font-semibold">No telemetry at all</h3>
        <p className="max-w-prose text-muted">
          Archon tells nobody that it is used, how, or that it failed: there are no statistics, no crash reports, no
          look for updates, and there is nothing to switch off. What is logged and measured stays on this computer.
        </p>
      </section>
      <section className="space-y-2">
        <h3 className="font-semibold">What leaves this computer</h3>
        <p className="max-w-prose text-muted">Only what you set it up for, and only there:</p>
        <ul className="max-w-prose list-disc space-y-1 pl-5 text-muted">
          <Way to="/settings/connections" name="The database and Redis">
            memory and sessions, when a connection leads to a server
          </Way>
          <Way section="embedding" name="Embeddings">
            texts of memories and of questions, when a service on another computer makes their vectors
          </Way>
          <Way section="llm" name="The language model">
            what it is asked about, when one is set
          </Way>
          <Way to="/events/webhooks" name="Webhooks">
            events, to the addresses you named
          </Way>
          <Way section="alerts" name="Alerts">
            what is wrong, by mail, Slack or webhook, when they are set
          </Way>
        </ul>
        <p className="max-w-prose text-muted">
          Agents get what they ask for with a token of yours. Exports, backups and diagnostics are files: they go where
          you take them.
        </p>
      </section>
      <section aria-label="Secrets" className="space-y-2">
        <h3 className="font-semibold">Secrets</h3>
        <SecretsPanel />
      </section>
    </div>
  );
}

type WayProps = { name: string; children: ReactNode } & (
  | { to: '/settings/connections' | '/events/webhooks'; section?: undefined }
  | { section: 'embedding' | 'llm' | 'alerts'; to?: undefined }
);

function Way({ name, to, section, children }: WayProps) {
  const look = 'text-accent-text underline underline-offset-2';
  return (
    <li>
      {to === undefined ? (
        <Link to="/settings" search={{ section }} className={look}>
          {name}
        </Link>
      ) : (
        <Link to={to} className={look}>
          {name}
        </Link>
      )}
      : {children}.
    </li>
  );
}
