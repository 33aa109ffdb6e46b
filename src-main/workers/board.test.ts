/** Any history of a worker: what must be so after every step, and what must come of it in the end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerSchedule } from '../../src-contract/index.ts';
import { Board, backoffMs, MAX_FAILURES } from './board.ts';
import { type BoardNode, isActive, type RunRecord, type WorkerRecord } from './records.ts';
import { type FixedShard, SLOTS } from './shards.ts';
import type { Spread } from './worker.ts';

const HOUR_MS = 3_600_000;
const hourly: WorkerSchedule = { kind: 'interval', seconds: 3600 };
const NODES = ['a', 'b', 'c'];

type Step =
  | { do: 'wait'; ms: number }
  | { do: 'look'; node: number; free: number }
  | { do: 'end'; pick: number; as: 'succeeded' | 'failed' | 'timed_out' | 'released' }
  | { do: 'die' | 'come'; node: number }
  | { do: 'pause' | 'resume' | 'runNow' | 'cancel' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(500, 1000, 60_000, 300_000, HOUR_MS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('look' as const), node: fc.nat(2), free: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      pick: fc.nat(5),
      as: fc.constantFrom('succeeded' as const, 'failed' as const, 'timed_out' as const, 'released' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('die' as const, 'come' as const), node: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'pause' as const,
        'resume' as const,
        'runNow' as const,
        'cancel' as const,
        'restart' as const,
      ),
    }),
  },
);

/** The database, nodes and time of one worker. */
class World {
  now_ms = Date.parse('2026-01-01T00:00:00Z');
  worker: WorkerRecord = {
    name: 'w',
    schedule: null,
    planned_by: hourly,
    next_run_at: new Date(this.now_ms + HOUR_MS).toISOString(),
    condition: { kind: 'in_service' },
    failures: 0,
    error: null,
    runs_total: 0,
    failures_total: 0,
    crashes_total: 0,
  };
  runs: RunRecord[] = [];
  live = new Set(NODES);
  /** Nodes started for a part of the users. */
  fixed = new Map<string, FixedShard>();
  readonly spread: Spread;
  #ids = 0;

  constructor(spread: Spread) {
    this.spread = spread;
  }

  get nodes(): BoardNode[] {
    return [...this.live].map((node_id) => ({ node_id, name: node_id, fixed: this.fixed.get(node_id) ?? null }));
  }

  get active(): RunRecord[] {
    return this.runs.filter(isActive);
  }

  board(): Board {
    return new Board({
      worker: this.worker,
      runs: this.active.map((run) => ({
        ...run,
        lease_expired: run.status === 'running' && !this.live.has(run.node_id ?? ''),
      })),
      nodes: this.nodes,
      rules: { spread: this.spread, default_schedule: hourly },
      now_ms: this.now_ms,
      newId: () => {
        this.#ids += 1;
        return `run-${this.#ids}`;
      },
    });
  }

  change(what: (board: Board) => void): Board {
    const board = this.board();
    what(board);
    this.worker = board.worker;
    const untouched = this.runs.filter(({ run_id }) => !board.runs.some((run) => run.run_id === run_id));
    this.runs = [...untouched, ...board.runs];
    return board;
  }

  look(node_id: string, free: number): void {
    const node = this.nodes.find((each) => each.node_id === node_id);
    if (node === undefined) return;
    this.change((board) => {
      board.expire();
      board.plan();
      board.claim(node, free);
    });
  }

  take(next: Step): void {
    switch (next.do) {
      case 'wait':
        this.now_ms += next.ms;
        return;
      case 'look':
        this.look(NODES[next.node] as string, next.free);
        return;
      case 'end': {
        const running = this.active.filter(
          ({ status, node_id }) => status === 'running' && this.live.has(node_id ?? ''),
        );
        const run = running[next.pick % Math.max(1, running.length)];
        if (run === undefined) return;
        const outcome = next.as === 'succeeded' ? { kind: next.as } : { kind: next.as, error: 'no' };
        this.change((board) => expect(board.end(run.run_id, run.node_id as string, outcome)).toBe(true));
        return;
      }
      case 'die':
        this.live.delete(NODES[next.node] as string);
        return;
      case 'come':
        this.live.add(NODES[next.node] as string);
        return;
      case 'pause':
      case 'resume':
      case 'restart':
      case 'runNow':
        this.change((board) => board[next.do as 'pause']('op'));
        return;
      case 'cancel':
        this.change((board) => board.cancel());
    }
  }
}

const spreads = fc.constantFrom<Spread>('once', 'users', 'each_node');
const history = fc.array(step, { maxLength: 60 });

describe('the board of a worker', () => {
  it('holds in every history: no user is at two runs, what is over stays over, and the state tells the truth', () => {
    fc.assert(
      fc.property(spreads, history, (spread, steps) => {
        const world = new World(spread);
        for (const next of steps) {
          const over = world.runs.filter((run) => !isActive(run)).map((run) => ({ ...run }));
          const totals = [world.worker.runs_total, world.worker.failures_total, world.worker.crashes_total];
          world.take(next);
          for (const run of over) expect(world.runs.find(({ run_id }) => run_id === run.run_id)).toEqual(run);
          const now = [world.worker.runs_total, world.worker.failures_total, world.worker.crashes_total];
          for (const [at, total] of now.entries()) expect(total).toBeGreaterThanOrEqual(totals[at] as number);
          expectSound(world);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('comes back to its schedule by itself: with a live node and no more failures every run ends, for every user', () => {
    fc.assert(
      fc.property(spreads, history, (spread, steps) => {
        const world = new World(spread);
        for (const next of steps) world.take(next);
        world.live.add('a');
        world.change((board) => board.resume('op'));
        for (let round = 0; round < 40; round += 1) {
          world.now_ms += HOUR_MS / 4;
          for (const node of NODES) world.look(node, 10);
          for (let pick = 0; pick < 10; pick += 1) world.take({ do: 'end', pick: 0, as: 'succeeded' });
        }
        expect(world.active).toEqual([]);
        expect(world.worker.failures).toBe(0);
        expect(world.board().state.state).toBe('scheduled');
      }),
      { numRuns: 100 },
    );
  });

  it('leaves no user out, whatever nodes went before: two nodes with a part each end what they left, and go on', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (steps, mixed) => {
        const world = new World('users');
        if (mixed) world.fixed.set('b', { index: 2, of: 3 });
        for (const next of steps) world.take(next);
        world.live = new Set(['first', 'second']);
        world.fixed = new Map([
          ['first', { index: 1, of: 2 }],
          ['second', { index: 2, of: 2 }],
        ]);
        world.change((board) => board.resume('op'));
        const before = world.runs.length;
        for (let round = 0; round < 12; round += 1) {
          world.now_ms += HOUR_MS / 2;
          for (const node of world.live) world.look(node, 10);
          expectSound(world);
          for (let pick = 0; pick < 10; pick += 1) world.take({ do: 'end', pick: 0, as: 'succeeded' });
        }
        expect(world.active).toEqual([]);
        const later = world.runs.slice(before).filter(({ status }) => status === 'succeeded');
        expect(new Set(later.flatMap(({ slots }) => slots ?? [])).size).toBe(SLOTS);
      }),
      { numRuns: 40 },
    );
  });

  it('never waits longer than five minutes nor shorter than the time before', () => {
    const delays = Array.from({ length: 40 }, (_, at) => backoffMs(at + 1));
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays.at(-1)).toBe(300_000);
    for (const [at, delay] of delays.entries()) expect(delay).toBeGreaterThanOrEqual(delays[at - 1] ?? 0);
  });

  it('makes no run of its own while paused, whatever else happens', () => {
    fc.assert(
      fc.property(
        spreads,
        fc.array(
          step.filter(({ do: what }) => !['resume', 'restart'].includes(what)),
          { maxLength: 60 },
        ),
        (spread, steps) => {
          const world = new World(spread);
          world.change((board) => board.pause('op'));
          for (const next of steps) world.take(next);
          expect(
            world.runs.filter(({ trigger, requested_by }) => trigger !== 'manual' && requested_by === null),
          ).toEqual([]);
          expect(world.board().state.state).toBe('paused');
        },
      ),
      { numRuns: 200 },
    );
  });
});

function expectSound(world: World): void {
  const { active, worker, spread } = world;
  // Nobody is looked after twice at a time.
  if (spread === 'once') expect(active.length).toBeLessThanOrEqual(1);
  if (spread === 'each_node') {
    const nodes = active.map(({ preferred_node }) => preferred_node);
    expect(new Set(nodes).size).toBe(nodes.length);
  }
  if (spread === 'users') {
    const all = Array.from({ length: SLOTS }, (_, slot) => slot);
    const slots = active.flatMap((run) => run.slots ?? all);
    expect(new Set(slots).size).toBe(slots.length);
  }
  for (const run of active) {
    expect(run.attempt).toBeLessThanOrEqual(MAX_FAILURES);
    expect(run.ended_at).toBeNull();
    expect(run.status === 'running').toBe(run.node_id !== null && run.started_at !== null);
  }
  const { state } = world.board();
  const now = new Date(world.now_ms).toISOString();
  switch (state.state) {
    case 'running':
      expect(active.some((run) => run.status === 'running' || run.not_before <= now)).toBe(true);
      break;
    case 'backing_off':
      expect(active.every((run) => run.status === 'queued' && run.not_before > now)).toBe(true);
      expect(Date.parse(state.until) - world.now_ms).toBeLessThanOrEqual(300_000);
      break;
    case 'paused':
      expect(worker.condition.kind).toBe('paused');
      break;
    case 'crashed':
      expect(state.failures).toBeGreaterThanOrEqual(MAX_FAILURES);
      expect(active).toEqual([]);
      break;
    case 'scheduled':
    case 'idle':
      expect(active).toEqual([]);
      expect(worker.condition.kind).toBe('in_service');
  }
}
