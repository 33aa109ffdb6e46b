import { describe, expect, it } from 'vitest';
import type { DesktopNote } from '../ops-agent/parts.ts';
import { OpsNotifications } from './ops-notifications.ts';

const note = (title: string): DesktopNote => ({ title, body: 'of it', severity: 'high', path: '/ops-agent/alerts' });

/** What an engine has of it. */
function sourceOf() {
  const listeners = new Set<(told: DesktopNote) => void>();
  return {
    onDesktopNote: (listener: (told: DesktopNote) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: (title: string) => {
      for (const listener of listeners) listener(note(title));
    },
  };
}

function setup() {
  const world = {
    shown: [] as { title: string; click: () => void }[],
    opened: [] as string[],
    errors: 0,
    fails: false,
  };
  const notifications = new OpsNotifications({
    notify: (title, _body, click) => {
      if (world.fails) throw new Error('no notifications here');
      world.shown.push({ title, click });
    },
    openPage: (path) => world.opened.push(path),
    onError: () => world.errors++,
  });
  return { world, notifications, titles: () => world.shown.map(({ title }) => title) };
}

describe('alerts as notifications of the system', () => {
  it('are shown, and lead to their page', () => {
    const { world, notifications, titles } = setup();
    const engine = sourceOf();
    notifications.follow(engine);
    engine.tell('Disk is full');
    expect(titles()).toEqual(['Disk is full']);
    world.shown[0]?.click();
    expect(world.opened).toEqual(['/ops-agent/alerts']);
  });

  it('are those of the engine that is open, and none once the app ends', () => {
    const { notifications, titles } = setup();
    const [first, second] = [sourceOf(), sourceOf()];
    notifications.follow(first);
    notifications.follow(second);
    first.tell('of the one before');
    second.tell('of this one');
    notifications.stop();
    second.tell('too late');
    expect(titles()).toEqual(['of this one']);
  });

  it('do not fail whoever tells where the system shows none', () => {
    const { world, notifications } = setup();
    const engine = sourceOf();
    notifications.follow(engine);
    world.fails = true;
    engine.tell('Disk is full');
    expect(world.errors).toBe(1);
  });
});
