import { afterEach, describe, expect, it, vi } from 'vitest';
import { tellAll } from './tell-all.ts';

afterEach(() => vi.unstubAllGlobals());

describe('telling all', () => {
  it('goes on after one that throws, and reports it', () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const fault = new Error('not mine');
    const told: string[] = [];
    tellAll<[string]>(
      [
        (word) => told.push(`first ${word}`),
        () => {
          throw fault;
        },
        (word) => told.push(`last ${word}`),
      ],
      'news',
    );
    expect(told).toEqual(['first news', 'last news']);
    expect(report.mock.calls).toEqual([[fault]]);
  });
});
