import type { OpsLabels } from '../../../../src-contract/index.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';

/** `component: database, node: ada-laptop`; empty without labels. */
export const labelWords = (labels: OpsLabels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${visibleText(name)}: ${visibleText(value)}`)
    .join(', ');
