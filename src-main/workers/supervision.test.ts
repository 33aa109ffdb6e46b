import pino from 'pino';
import { expect, it } from 'vitest';
import { defaultConfig } from '../settings/config-schema.ts';
import { LiveSettings } from '../settings/live-settings.ts';
import { Supervision } from './supervision.ts';
import type { Supervisor } from './supervisor.ts';

function start() {
  const config = defaultConfig('/nowhere');
  const settings = new LiveSettings(config);
  const told: string[] = [];
  const ends: (() => void)[] = [];
  let made = 0;
  const makeSupervisor = () => {
    made += 1;
    const name = made;
    return {
      start: () => told.push(`start ${name}`),
      poke: () => told.push(`poke ${name}`),
      settingsChanged: (org_id: string | null) => told.push(`settings of ${org_id} ${name}`),
      stop: async () => {
        told.push(`stop ${name}`);
        await new Promise<void>((resolve) => ends.push(resolve));
        told.push(`stopped ${name}`);
      },
    } as unknown as Supervisor;
  };
  const isWanted = () => settings.device['workers.enabled'];
  const supervision = new Supervision({ settings, isWanted, makeSupervisor, logger: pino({ level: 'silent' }) });
  supervision.start();
  const want = (enabled: boolean) => settings.setDevice({ ...settings.device, 'workers.enabled': enabled });
  const lives = () => told.filter((what) => what.startsWith('st'));
  return { settings, supervision, told, lives, ends, want };
}

it('stops the workers and starts others, one after the other, as they are wanted', async () => {
  const { lives, ends, want, supervision } = start();
  await expect.poll(lives).toEqual(['start 1']);
  want(false);
  await expect.poll(() => lives().at(-1)).toBe('stop 1');
  // Changed twice while the first ones end: what holds in the end counts.
  want(true);
  want(false);
  want(true);
  ends.shift()?.();
  await expect.poll(lives).toEqual(['start 1', 'stop 1', 'stopped 1', 'start 2']);
  const stopped = supervision.stop();
  await expect.poll(() => ends.length).toBe(1);
  ends.shift()?.();
  await stopped;
  want(false);
  want(true);
  expect(lives().slice(4)).toEqual(['stop 2', 'stopped 2']);
});

it('tells the workers of changed settings of theirs, and of whom', async () => {
  const { settings, told } = start();
  await expect.poll(() => told).toEqual(['start 1']);
  settings.setOrganisation('org', { 'workers.cleanup_schedule': '2h' });
  settings.setDevice({ ...settings.device, 'memory.session_ttl_minutes': 5 });
  settings.setDevice({ ...settings.device, 'workers.concurrency': 8 });
  expect(told.slice(1)).toEqual(['settings of org 1', 'settings of null 1']);
});
