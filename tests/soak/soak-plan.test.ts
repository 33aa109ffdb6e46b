import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDrill, planSoak, SERVICES, SOAK_FAULT_KINDS, type SoakFault, type SoakPlanOptions } from './soak-plan.ts';

const OPTIONS = { services: SERVICES, shortest_ms: 2000, longest_ms: 30_000 };

function first(count: number, options: SoakPlanOptions): SoakFault[] {
  return planSoak(options).take(count).toArray();
}

describe('the plan of a soak', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(first(40, { ...OPTIONS, seed: 7 })).toEqual(first(40, { ...OPTIONS, seed: 7 }));
    expect(first(40, { ...OPTIONS, seed: 8 })).not.toEqual(first(40, { ...OPTIONS, seed: 7 }));
  });

  it('has every kind once in each round, and lasts as long as asked', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const faults = first(SOAK_FAULT_KINDS.length * 2, { ...OPTIONS, seed });
        for (const round of [faults.slice(0, SOAK_FAULT_KINDS.length), faults.slice(SOAK_FAULT_KINDS.length)]) {
          expect(round.map(({ kind }) => kind).sort()).toEqual([...SOAK_FAULT_KINDS].sort());
        }
        for (const { lasts_ms, services } of faults) {
          expect(lasts_ms).toBeGreaterThanOrEqual(2000);
          expect(lasts_ms).toBeLessThanOrEqual(30_000);
          expect(services.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('strikes each service alone and both at once, and only what is there', () => {
    const struck = new Set(first(60, { ...OPTIONS, seed: 1 }).map(({ services }) => services.join('+')));
    expect([...struck].sort()).toEqual(['postgres', 'postgres+redis', 'redis']);
    const alone = first(60, { ...OPTIONS, services: ['redis'], seed: 1 });
    expect(new Set(alone.map(({ services }) => services.join('+')))).toEqual(new Set(['redis']));
  });
});

describe('the drill', () => {
  it('has every store away for a minute, and all of them', () => {
    const away = planDrill(SERVICES)
      .filter(({ kind, lasts_ms }) => kind === 'refuse' && lasts_ms === 60_000)
      .map(({ services }) => services.join('+'))
      .toArray();
    expect(away).toEqual(['postgres', 'redis', 'postgres+redis']);
  });

  it('strikes only what is there, and ends', () => {
    const faults = planDrill(['redis']).toArray();
    expect(faults.map(({ kind }) => kind)).toEqual(['refuse', 'black_hole', 'flap', 'restart']);
    expect(faults.every(({ services }) => services.join() === 'redis')).toBe(true);
  });
});
