import { useEffect, useRef } from 'react';
import { cx } from '../classes.ts';
import type { ChartSync } from './chart-sync.ts';
import { stepWords } from './time-ticks.ts';

/** Where the crosshair is; nothing while nobody points. */
export function CrosshairTime({ sync, className }: { sync: ChartSync; className?: string }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (time: number | null) => {
      if (place.current !== null) place.current.textContent = time === null ? '' : stepWords(time);
    };
    show(sync.time);
    return sync.subscribe(show);
  }, [sync]);
  return <span ref={place} aria-hidden="true" className={cx('h-4 [contain:strict]', className)} />;
}
