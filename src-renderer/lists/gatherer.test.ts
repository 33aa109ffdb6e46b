import { describe, expect, it } from 'vitest';
import { Gatherer } from './gatherer.ts';

/** A gatherer whose time and work go on when a test says so. */
function gathered() {
  const timers: (() => void)[] = [];
  const works: (() => void)[] = [];
  const gatherer = new Gatherer(
    () => new Promise<void>((resolve) => works.push(resolve)),
    undefined,
    (work) => {
      timers.push(work);
      return () => timers.splice(timers.indexOf(work), 1);
    },
  );
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { gatherer, timers, works, settled };
}

describe('work that is asked for often', () => {
  it('is done once for all who ask before it begins', () => {
    const { gatherer, timers, works } = gathered();
    for (let event = 0; event < 50; event += 1) gatherer.ask();
    expect(timers).toHaveLength(1);
    timers.shift()?.();
    expect(works).toHaveLength(1);
  });

  it('is done once more for those who ask while it is done', async () => {
    const { gatherer, timers, works, settled } = gathered();
    gatherer.ask();
    timers.shift()?.();
    for (let event = 0; event < 50; event += 1) gatherer.ask();
    expect(timers).toHaveLength(0);
    works.shift()?.();
    await settled();
    expect(timers).toHaveLength(1);
    timers.shift()?.();
    works.shift()?.();
    await settled();
    expect(timers).toHaveLength(0);
  });

  it('is not begun any more after the end', () => {
    const { gatherer, timers } = gathered();
    gatherer.ask();
    gatherer.stop();
    expect(timers).toHaveLength(0);
  });
});
