import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';
import { ProcessWatch } from './process-watch.ts';

describe('ProcessWatch', () => {
  it('counts processor time from its start, not that of the process before', async () => {
    const metrics = new Metrics('1');
    const watch = new ProcessWatch(metrics);
    const before = process.cpuUsage();
    watch.start();
    watch.collect();
    const since = process.cpuUsage(before);
    watch.stop();
    const counted = await metrics.read('archon_process_cpu_seconds_total');
    expect(counted).toHaveLength(2);
    const seconds = counted.reduce((sum, { value }) => sum + value, 0);
    expect(seconds).toBeLessThanOrEqual((since.user + since.system) / 1e6);
  });
});
