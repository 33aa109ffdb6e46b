import { useEffect, useRef } from 'react';
import type { ChartSync } from './chart-sync.ts';
import { stepWords } from './time-ticks.ts';
import { useSeen } from './use-seen.ts';

/** Where the crosshair is; nothing while nobody points. */
export function CrosshairTime({ sync, className }: { sync: ChartSync; className?: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const isSeen = useSeen(place);
  useEffect(() => {
    if (!isSeen) return;
    const show = (time: number | null) => {
      if (place.current !== null) place.current.textContent = time === null ? '' : stepWords(time);
    };
    show(sync.time);
    return sync.subscribeWords(show);
  }, [sync, isSeen]);
  return (
    <span aria-hidden="true" className={className}>
      {/* Of one size: nothing else is laid out anew when it moves. */}
      <span
        ref={place}
        className="block h-4 w-26 overflow-hidden whitespace-nowrap text-right leading-4 [contain:strict]"
      />
    </span>
  );
}
