import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factOf } from './facts.ts';
import { heuristicScore } from './importance.ts';
import { saysTheSame, statementOf } from './similarity.ts';

const same = (a: string, b: string) => saysTheSame(statementOf(a), statementOf(b));

describe('statements', () => {
  it.each([
    ['Mira likes Boskoop apples.', 'mira likes boskoop apples'],
    ['Mira likes Boskoop apples', 'Mira really likes the Boskoop apples!'],
    ['The team prefers squash merges', 'The team does prefer a squash merge'],
    ['Deploys happen on Friday at 10:00', 'The deploys happen on Friday at 10:00.'],
  ])('%j says the same as %j', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ['Mira lives in Ulm', 'Mira lives in Bonn'],
    ['Mira likes apples from the north', 'Mira does not like apples from the north'],
    ['The API can be reached from outside', "The API can't be reached from outside"],
    ['Deploys happen on Friday at 10:00', 'Deploys happen on Friday at 11:00'],
    [
      'The deploy window of the billing service in the EU is Tuesday',
      'The deploy window of the billing service in the EU is Thursday',
    ],
    ['Ada reports to Bob', 'Bob reports to Ada'],
    ['Mira likes apples', 'Mira likes apples, pears, plums, cherries and bread'],
    ['…', '!!!'],
  ])('%j does not say the same as %j', (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('say the same both ways round, and as themselves when they say anything', () => {
    const text = fc
      .array(fc.constantFrom('mira', 'likes', 'not', 'apples', '7', 'the', 'pears', 'in', 'Ulm'), { maxLength: 8 })
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(same(a, b)).toBe(same(b, a));
        expect(same(a, a)).toBe(statementOf(a).words.length > 0);
      }),
    );
  });
});

describe('facts', () => {
  it.each([
    ['Mira lives in Ulm.', 'Mira is based in Bonn'],
    ['The deploy window is Tuesday 10:00', 'The deploy window has changed to Thursday 14:00.'],
    ["Mira's manager is Ada", 'Mira’s manager is now Bob'],
    ['I work for Acme', 'I work at Initech'],
  ])('%j and %j are about the same and differ', (a, b) => {
    expect(factOf(a)?.key).toBeDefined();
    expect(factOf(a)?.key).toBe(factOf(b)?.key);
    expect(factOf(a)?.value).not.toBe(factOf(b)?.value);
  });

  it.each([
    'Mira likes Boskoop apples',
    'The API is down',
    'The report is due on Friday',
    'Mira moved to the platform team',
    'Mira lives in Ulm. She works at Acme.',
    '',
  ])('%j is nothing there can be one of only', (text) => {
    expect(factOf(text)).toBeUndefined();
  });

  it('of different people are different', () => {
    expect(factOf("Mira's manager is Ada")?.key).not.toBe(factOf("Tom's manager is Ada")?.key);
    expect(factOf('The staging host is a')?.key).not.toBe(factOf('The production host is a')?.key);
  });

  it('are found in no time in hostile texts', () => {
    for (const text of [`${'the a '.repeat(30)}name`, `${'a'.repeat(199)}`, `${"x's ".repeat(49)}is`]) {
      expect(factOf(text)).toBeUndefined();
    }
  });
});

it('importance grows with each of its figures and stays within 0 and 1', () => {
  const figures = fc.record({
    relevance: fc.double({ min: 0, max: 1, noNaN: true }),
    repetitions: fc.integer({ min: 1, max: 1000 }),
    accesses: fc.integer({ min: 0, max: 100_000 }),
  });
  fc.assert(
    fc.property(figures, (given) => {
      const score = heuristicScore(given);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1 + Number.EPSILON);
      expect(heuristicScore({ ...given, repetitions: given.repetitions + 1 })).toBeGreaterThanOrEqual(score);
      expect(heuristicScore({ ...given, accesses: given.accesses + 1 })).toBeGreaterThanOrEqual(score);
      expect(heuristicScore({ ...given, relevance: 1 })).toBeGreaterThanOrEqual(score);
    }),
  );
});
