import { describe, expect, it } from 'vitest';
import { breakerRows } from './breaker-rows.ts';
import { sample } from './setting-samples.ts';

const of = (...keys: string[]) => keys.map((key) => sample({ key, section: 'resilience' }));

describe('settings of circuit breakers', () => {
  it('stand in a line for each service; others are left', () => {
    const { rows, rest } = breakerRows(
      of(
        'resilience.deadline_seconds',
        'resilience.redis.enabled',
        'resilience.redis.threshold',
        'resilience.redis.reset_seconds',
        'resilience.llm.enabled',
      ),
    );
    expect(rows.map(({ service }) => service)).toEqual(['redis']);
    expect(rest.map(({ key }) => key)).toEqual(['resilience.deadline_seconds', 'resilience.llm.enabled']);
  });
});
