/** What the memory of this process keeps to be fast, and may forget. */
import type { LastGoodContexts } from '../../memory/last-good-contexts.ts';
import type { MemoryControlSettings } from '../../memory/memory-controls.ts';
import type { OpsCache } from '../deps.ts';

export const memoryCaches = (
  contexts: LastGoodContexts,
  controls: Pick<MemoryControlSettings, 'size' | 'clear'>,
): readonly OpsCache[] => [
  {
    name: 'last_good_contexts',
    title: 'Last good contexts',
    entries: () => contexts.size,
    clear: () => contexts.clear(),
  },
  { name: 'controls', title: 'Memory controls of users', entries: () => controls.size, clear: () => controls.clear() },
];
