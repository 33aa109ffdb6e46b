import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** The way to an action in the log, with its details open. */
export const ActionLink = ({ action_id, children }: { action_id: string; children: ReactNode }) => (
  <Link
    to="/ops-agent/actions"
    search={{ action: action_id }}
    className="text-accent-text underline underline-offset-2 [overflow-wrap:anywhere]"
  >
    {children}
  </Link>
);
