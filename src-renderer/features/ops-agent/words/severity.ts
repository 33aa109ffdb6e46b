/** How bad an alert is, as it is shown everywhere. */
import type { OpsSeverity } from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';

export const SEVERITIES: Readonly<Record<OpsSeverity, { label: string; tone: Tone }>> = {
  critical: { label: 'Critical', tone: 'bad' },
  high: { label: 'High', tone: 'warn' },
  medium: { label: 'Medium', tone: 'accent' },
  low: { label: 'Low', tone: 'plain' },
};
