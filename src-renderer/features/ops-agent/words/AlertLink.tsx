import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** The way to an alert, with its details open. */
export const AlertLink = ({ alert_id, children }: { alert_id: string; children: ReactNode }) => (
  <Link
    to="/ops-agent/alerts"
    search={{ alert: alert_id }}
    className="text-accent-text underline underline-offset-2 [overflow-wrap:anywhere]"
  >
    {children}
  </Link>
);
