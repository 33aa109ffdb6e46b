import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, planFaults } from './fault-plan.ts';

describe('the plan of faults', () => {
  it('is the same for the same seed and another for another', () => {
    const plan = (seed: number) => planFaults({ seed, kinds: FAULT_KINDS, kills: 50 });
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7).map(({ kind }) => kind)).not.toEqual(plan(8).map(({ kind }) => kind));
  });

  it('begins a longer run with the same faults', () => {
    const plan = (kills: number) => planFaults({ seed: 7, kinds: ['server', 'worker', 'listener'], kills });
    expect(plan(50).slice(0, 8)).toEqual(plan(8));
  });

  it('has every kind as often as the others', () => {
    const kinds = ['server', 'worker', 'PostgreSQL', 'listener'] as const;
    const plan = planFaults({ seed: 3, kinds, kills: 52 });
    expect(plan).toHaveLength(52);
    for (const kind of kinds) expect(plan.filter((fault) => fault.kind === kind)).toHaveLength(13);
  });
});
