import { expect, it } from 'vitest';
import { compareFacts } from './compare-facts.ts';

it('puts what was measured before and after side by side, also what was measured only once', () => {
  expect(
    compareFacts(
      [
        { label: 'State', value: 'crashed' },
        { label: 'Failures', value: '4' },
      ],
      [
        { label: 'Failures', value: '0' },
        { label: 'Run', value: 'succeeded' },
      ],
    ),
  ).toEqual([
    { label: 'State', before: 'crashed', after: undefined },
    { label: 'Failures', before: '4', after: '0' },
    { label: 'Run', before: undefined, after: 'succeeded' },
  ]);
});
