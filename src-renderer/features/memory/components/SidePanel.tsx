import { ChartColumn, Layers, SlidersHorizontal, X } from 'lucide-react';
import { IconButton } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';
import { Tabs } from '../../../ui/Tabs.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { useWide } from '../hooks/use-wide.ts';
import type { Panel } from '../memory-search.ts';
import { AALControls } from './AALControls.tsx';
import { ContextPreview } from './ContextPreview.tsx';
import { MemoryStatsCard } from './MemoryStatsCard.tsx';

/** The panel that is shown: chosen in the URL, by default the figures where there is room. */
export function useShownPanel(): Panel | undefined {
  const { search } = useMemorySearch();
  const wide = useWide();
  if (search.panel === 'none') return undefined;
  return search.panel ?? (wide ? 'stats' : undefined);
}

/** Figures, context preview and memory controls of the user, beside the list; on a narrow window over it. */
export function SidePanel({ user_id }: { user_id: string }) {
  const { set } = useMemorySearch();
  const wide = useWide();
  const shown = useShownPanel();
  if (shown === undefined) return null;
  return (
    <aside
      aria-label="Statistics, context and controls"
      className={cx(
        'flex w-[400px] shrink-0 flex-col border-line border-l bg-bg',
        !wide && 'absolute inset-y-0 right-0 z-20 shadow-float',
      )}
    >
      <Tabs
        label="Statistics, context and controls"
        className="flex-1"
        value={shown}
        onChange={(panel) => set({ panel })}
        tabs={[
          { value: 'stats', label: <PanelTab Icon={ChartColumn} name="Statistics" /> },
          { value: 'context', label: <PanelTab Icon={Layers} name="Context" /> },
          { value: 'controls', label: <PanelTab Icon={SlidersHorizontal} name="Controls" /> },
        ]}
        actions={
          <IconButton label="Hide this panel" icon={<X className="size-4" />} onClick={() => set({ panel: 'none' })} />
        }
      >
        {shown === 'stats' && <MemoryStatsCard user_id={user_id} />}
        {shown === 'context' && <ContextPreview key={user_id} user_id={user_id} />}
        {shown === 'controls' && <AALControls key={user_id} user_id={user_id} />}
      </Tabs>
    </aside>
  );
}

function PanelTab({ Icon, name }: { Icon: typeof Layers; name: string }) {
  return (
    <>
      <Icon aria-hidden="true" className="size-3.5" />
      {name}
    </>
  );
}
