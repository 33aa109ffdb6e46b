import type { Breaker } from '../../../../../src-contract/index.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { BreakerHistory } from './BreakerHistory.tsx';

/** What happened to all breakers. */
export function HistoryDrawer({ breakers, onClose }: { breakers: readonly Breaker[] | undefined; onClose(): void }) {
  return (
    <Drawer
      label="History of the breakers"
      isWide
      onClose={onClose}
      heading={<h2 className="font-semibold text-[15px]">What happened to the breakers</h2>}
    >
      <BreakerHistory breakers={breakers} />
    </Drawer>
  );
}
