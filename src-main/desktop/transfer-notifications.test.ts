import { describe, expect, it } from 'vitest';
import type { TransferJob } from '../../src-contract/index.ts';
import { TransferNotifications } from './transfer-notifications.ts';

const job = (job_id: string, state: TransferJob['state'], more: object = {}): TransferJob =>
  ({
    kind: 'import',
    job_id,
    state,
    name: 'chat.json',
    failure: null,
    added: { sessions: 1, messages: 3, working: 1, longterm: 0, revisions: 0, links: 0 },
    error_count: 0,
    ...more,
  }) as TransferJob;

function setup() {
  const world = { attended: false, jobs: [] as TransferJob[], told: [] as string[], errors: [] as unknown[] };
  const notifications = new TransferNotifications({
    jobs: () => world.jobs,
    isAttended: () => world.attended,
    notify: (title, body) => world.told.push(`${title} — ${body}`),
    onError: (error) => world.errors.push(error),
  });
  return { world, look: () => notifications.look() };
}

describe('imports and exports that end', () => {
  it('are told of once, when nobody looks at the window', () => {
    const { world, look } = setup();
    look();
    world.jobs = [job('a', 'running')];
    look();
    world.jobs = [job('a', 'succeeded')];
    look();
    look();
    expect(world.told).toEqual(['Import finished — chat.json: 3 messages, 1 memory']);
  });

  it('are not told of to somebody who looks, nor afterwards', () => {
    const { world, look } = setup();
    world.attended = true;
    look();
    world.jobs = [job('a', 'failed', { failure: 'no JSON' })];
    look();
    world.attended = false;
    look();
    look();
    expect(world.told).toEqual([]);
  });

  it('say what went wrong, and nothing about what the person stopped', () => {
    const { world, look } = setup();
    look();
    world.jobs = [
      job('a', 'failed', { failure: 'no JSON' }),
      job('b', 'cancelled'),
      job('c', 'interrupted'),
      job('d', 'succeeded', { kind: 'export', file_name: 'all.archon.gz' }),
      job('e', 'succeeded', { added: { messages: 0, working: 0, longterm: 0 }, error_count: 2 }),
    ];
    look();
    expect(world.told).toEqual([
      'Import failed — chat.json: no JSON',
      'Export finished — all.archon.gz: ready to be saved',
      'Import finished — chat.json: 2 records with errors',
    ]);
  });

  it('are told of later when they cannot be read now', () => {
    const { world, look } = setup();
    look();
    const jobs = [job('a', 'succeeded')];
    const locked = new Error('history.db is locked');
    Object.defineProperty(world, 'jobs', {
      configurable: true,
      get: () => {
        throw locked;
      },
    });
    look();
    Object.defineProperty(world, 'jobs', { value: jobs });
    look();
    expect(world.errors).toEqual([locked]);
    expect(world.told).toHaveLength(1);
  });
});
