/** The pages there are: for the sidebar and the command palette. */
import { BrainCircuit, type LucideIcon } from 'lucide-react';

export const PAGES: readonly { to: '/memory'; label: string; Icon: LucideIcon }[] = [
  { to: '/memory', label: 'Memory', Icon: BrainCircuit },
];
