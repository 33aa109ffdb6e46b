import { describe, expect, it } from 'vitest';
import { METRICS, type MetricDefinition } from './metric-definitions.ts';
import { Metrics } from './metrics.ts';

const definitions = Object.entries<MetricDefinition>(METRICS);

describe('the definitions', () => {
  it('have names as Prometheus asks for: a prefix, base units, and _total on counters alone', () => {
    for (const [name, { type }] of definitions) {
      expect(name).toMatch(/^archon_[a-z0-9_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/);
    }
  });

  it('have a closed set of values for every label, so that the number of series has a bound', () => {
    const series = definitions.map(([, { labels }]) =>
      Object.values(labels).reduce((product, values) => product * (values.length + 1), 1),
    );
    expect(series.reduce((sum, count) => sum + count, 0)).toBeLessThan(2500);
  });

  it('have buckets in ascending order, on histograms alone', () => {
    for (const [name, { type, buckets = [] }] of definitions) {
      expect(buckets.length > 0, name).toBe(type === 'histogram');
      expect([...buckets].sort((a, b) => a - b)).toEqual(buckets);
    }
  });
});

describe('Metrics', () => {
  it('counts a value that a label must not have as "other": nobody can make series', async () => {
    const metrics = new Metrics('1.2.3');
    metrics.count('archon_api_requests_total', { route: 'sessions.get', outcome: 'success' });
    for (let i = 0; i < 50; i += 1) {
      metrics.count('archon_api_requests_total', { route: `/users/${i}`, outcome: 'success' });
    }
    const readings = await metrics.read('archon_api_requests_total');
    expect(readings.filter(({ value }) => value > 0)).toEqual([
      { labels: { route: 'sessions.get', outcome: 'success' }, value: 1 },
      { labels: { route: 'other', outcome: 'success' }, value: 50 },
    ]);
  });

  it('are of one engine: what another counts is not among them', async () => {
    const [one, two] = [new Metrics('1'), new Metrics('1')];
    one.count('archon_worker_crashes_total', { worker: 'cleanup' });
    expect((await two.read('archon_worker_crashes_total')).map(({ value }) => value)).not.toContain(1);
  });

  it('have every counter at 0 before anything is counted, so that the first is an increase', async () => {
    const metrics = new Metrics('1');
    const text = await metrics.text();
    for (const outcome of ['success', 'client_error', 'server_error']) {
      expect(text).toContain(`archon_api_requests_total{route="working.create",outcome="${outcome}"} 0`);
    }
    expect(text).toMatch(/^archon_metric_history_failures_total 0$/m);
    expect(text).not.toContain('="other"');
  });

  it('are counted before they are read by whoever put that off', async () => {
    const metrics = new Metrics('1');
    metrics.beforeReading(() => metrics.count('archon_worker_crashes_total', { worker: 'cleanup' }));
    expect(await metrics.text()).toContain('archon_worker_crashes_total{worker="cleanup"} 1');
    const readings = await metrics.read('archon_worker_crashes_total');
    expect(readings.find(({ labels }) => labels.worker === 'cleanup')).toMatchObject({ value: 2 });
  });

  it('tell nothing of a gauge that was not read', async () => {
    const metrics = new Metrics('1');
    expect(await metrics.text()).not.toMatch(/^archon_session_outbox_events /m);
    metrics.set('archon_session_outbox_events', {}, 0);
    expect(await metrics.text()).toMatch(/^archon_session_outbox_events 0$/m);
    metrics.forget('archon_session_outbox_events');
    expect(await metrics.text()).not.toMatch(/^archon_session_outbox_events /m);
  });

  it('set a state to 1 and the others to 0', async () => {
    const metrics = new Metrics('1');
    metrics.setState('archon_breaker_state', 'state', { service: 'redis', state: 'open' });
    metrics.setState('archon_breaker_state', 'state', { service: 'redis', state: 'half_open' });
    expect(await metrics.read('archon_breaker_state')).toEqual([
      { labels: { service: 'redis', state: 'closed' }, value: 0 },
      { labels: { service: 'redis', state: 'half_open' }, value: 1 },
      { labels: { service: 'redis', state: 'open' }, value: 0 },
      { labels: { service: 'redis', state: 'isolated' }, value: 0 },
    ]);
  });
});
