/** The pages there are: for the sidebar and the command palette. */
import { Activity, Bot, BrainCircuit, Cog, HeartPulse, type LucideIcon, SlidersHorizontal } from 'lucide-react';

type PageAddress = '/memory' | '/events' | '/workers' | '/observability' | '/ops-agent' | '/settings';

export const PAGES: readonly { to: PageAddress; label: string; Icon: LucideIcon }[] = [
  { to: '/memory', label: 'Memory', Icon: BrainCircuit },
  { to: '/events', label: 'Events', Icon: Activity },
  { to: '/workers', label: 'Workers', Icon: Cog },
  { to: '/observability', label: 'Observability', Icon: HeartPulse },
  { to: '/ops-agent', label: 'Ops agent', Icon: Bot },
  { to: '/settings', label: 'Settings', Icon: SlidersHorizontal },
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

/** Parts of the page of the ops agent, likewise. */
export const OPS_PARTS = [
  { to: '/ops-agent', label: 'Status' },
  { to: '/ops-agent/alerts', label: 'Alerts' },
  { to: '/ops-agent/actions', label: 'Actions' },
  { to: '/ops-agent/rules', label: 'Rules' },
  { to: '/ops-agent/channels', label: 'Channels' },
  { to: '/ops-agent/recommendations', label: 'Recommendations' },
  { to: '/ops-agent/reports', label: 'Reports' },
] as const;

/** Parts of the settings page, likewise. */
export const SETTINGS_PARTS = [
  { to: '/settings', label: 'Settings' },
  { to: '/settings/connections', label: 'Connections' },
  { to: '/settings/archives', label: 'Archives' },
  { to: '/settings/doctor', label: 'Doctor' },
  { to: '/settings/history', label: 'History' },
] as const;

export type PagePart = (
  | typeof EVENT_PARTS
  | typeof OBSERVABILITY_PARTS
  | typeof OPS_PARTS
  | typeof SETTINGS_PARTS
)[number];
