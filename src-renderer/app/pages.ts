/** The pages there are: for the sidebar and the command palette. */
import { Activity, BrainCircuit, Cog, HeartPulse, type LucideIcon } from 'lucide-react';

type PageAddress = '/memory' | '/events' | '/workers' | '/observability';

export const PAGES: readonly { to: PageAddress; label: string; Icon: LucideIcon }[] = [
  { to: '/memory', label: 'Memory', Icon: BrainCircuit },
  { to: '/events', label: 'Events', Icon: Activity },
  { to: '/workers', label: 'Workers', Icon: Cog },
  { to: '/observability', label: 'Observability', Icon: HeartPulse },
];

/** Parts of the events page: each has an address of its own. */
export const EVENT_PARTS = [
  { to: '/events', label: 'Live' },
  { to: '/events/subscribers', label: 'Subscribers' },
  { to: '/events/dead-letters', label: 'Dead letters' },
  { to: '/events/webhooks', label: 'Webhooks' },
] as const;

/** Parts of the observability page, likewise. */
export const OBSERVABILITY_PARTS = [
  { to: '/observability', label: 'Health' },
  { to: '/observability/metrics', label: 'Metrics' },
  { to: '/observability/logs', label: 'Logs' },
] as const;

export type PagePart = (typeof EVENT_PARTS | typeof OBSERVABILITY_PARTS)[number];
