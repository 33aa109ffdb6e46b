import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPS_UNITS } from '../../../../src-contract/ops-signals.ts';
import { signalValue, unitValue } from './signal-value.ts';

describe('the number of a signal', () => {
  it.each([
    ['component_status', 0, 'healthy'],
    ['component_status', 1, 'degraded'],
    ['component_status', 2, 'unhealthy'],
    ['component_status', 0.5, '0.5'],
    ['dead_letters', 1234, '1,234'],
    ['breaker_open_seconds', 304, '5 min 4 s'],
    ['breaker_open_seconds', 0, '0 s'],
    ['session_outbox_lag_seconds', 0.25, '0.25 s'],
    ['api_latency_p95_ms', 512.6, '513 ms'],
    ['api_latency_p95_ms', 2.71999, '2.72 ms'],
    ['disk_percent', 86.04, '86 %'],
    ['disk_percent', 0.0461, '0.05 %'],
    ['database_bytes', 1_234_567_890, '1.2 GB'],
    ['api_requests_per_minute', 0.4, '0.4 a minute'],
    ['worker_crashes_per_hour', 4, '4 an hour'],
    ['journal_growth', -12, '-12'],
  ] as const)('%s of %d is %s', (signal, value, words) => {
    expect(signalValue(signal, value)).toBe(words);
  });

  it('has words for every number of every unit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPS_UNITS), fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (unit, value) => {
        expect(unitValue(unit, value)).toMatch(/^-?[\dahdu]/);
      }),
    );
  });
});
