/** The pages there are: for the sidebar and the command palette. */
import { Activity, BrainCircuit, Cog, type LucideIcon } from 'lucide-react';

export const PAGES: readonly { to: '/memory' | '/events' | '/workers'; label: string; Icon: LucideIcon }[] = [
  { to: '/memory', label: 'Memory', Icon: BrainCircuit },
  { to: '/events', label: 'Events', Icon: Activity },
  { to: '/workers', label: 'Workers', Icon: Cog },
];

/** Parts of the events page: each has an address of its own. */
export const EVENT_PARTS = [
  { to: '/events', label: 'Live' },
  { to: '/events/subscribers', label: 'Subscribers' },
  { to: '/events/dead-letters', label: 'Dead letters' },
  { to: '/events/webhooks', label: 'Webhooks' },
] as const;
