import { expect, it } from 'vitest';
import type { BreakerStateName } from '../../src-contract/index.ts';
import { silentLogger } from '../../tests/support/test-databases.ts';
import { TransitionLog } from './transition-log.ts';

const ORG = '00000000-0000-7000-8000-000000000001';

/** What is kept of a breaker that goes through these states. */
function keptOf(...states: BreakerStateName[]): string[] {
  const kept: string[] = [];
  const store = {
    addTransition: ({ from, to }: { from: string; to: string }, { source_id }: { source_id: string }) => {
      kept.push(`${from} ${to} ${source_id}`);
    },
  };
  const log = new TransitionLog({ store, logger: silentLogger });
  let from: BreakerStateName = 'closed';
  for (const [i, to] of states.entries()) {
    const at = '2026-03-01T12:00:00.000Z';
    const rest = { at, failures: null, error: null, reason: null, by: null };
    log.add({ id: `${i}`, breaker: 'redis', service: 'redis', from, to, ...rest }, ORG);
    from = to;
  }
  return kept;
}

it('keeps a trial that leads to something, not those that only failed', () => {
  expect(keptOf('open', 'half_open', 'open', 'half_open', 'open', 'half_open', 'closed')).toEqual([
    'closed open breaker/0',
    'open half_open breaker/5',
    'half_open closed breaker/6',
  ]);
  expect(keptOf('open', 'half_open', 'isolated', 'closed')).toEqual([
    'closed open breaker/0',
    'open half_open breaker/1',
    'half_open isolated breaker/2',
    'isolated closed breaker/3',
  ]);
});

it('goes on when nothing can be kept', () => {
  const store = {
    addTransition: () => {
      throw new Error('disk full');
    },
  };
  const log = new TransitionLog({ store, logger: silentLogger });
  const rest = { at: '2026-03-01T12:00:00.000Z', failures: null, error: null, reason: null, by: null };
  const opened = { id: '1', breaker: 'redis', service: 'redis', from: 'closed', to: 'open', ...rest } as const;
  expect(() => log.add(opened, ORG)).not.toThrow();
});
