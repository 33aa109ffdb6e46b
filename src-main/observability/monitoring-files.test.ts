/** What we ship for Prometheus and Grafana names metrics that there are. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prometheusAvailable, promtool } from '../../tests/support/prometheus.ts';
import { appRoot } from '../app-files.ts';
import { METRICS, type MetricDefinition } from './metrics/metric-definitions.ts';

const folder = join(appRoot, 'resources', 'monitoring');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const FILES = ['archon-alerts.yml', 'grafana-dashboard.json'];

/** Every name a query may use. */
const series = new Set(
  Object.entries<MetricDefinition>(METRICS).flatMap(([name, { type }]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

interface Dashboard {
  panels: { id: number; title: string; gridPos: { x: number; w: number }; targets?: { expr: string }[] }[];
}

describe('resources/monitoring', () => {
  it.each(FILES)('%s names only metrics that there are', (file) => {
    const used = read(file).match(/\barchon_[a-z0-9_]+/g) ?? [];
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((name) => !series.has(name))).toEqual([]);
  });

  it('shows every metric on the dashboard, so that none is measured for nobody', () => {
    const dashboard = read('grafana-dashboard.json');
    const notShown = Object.keys(METRICS).filter((name) => !dashboard.includes(name));
    expect(notShown).toEqual(['archon_process_start_time_seconds']);
  });

  it('has a dashboard whose panels have ids of their own and fit on the grid', () => {
    const { panels }: Dashboard = JSON.parse(read('grafana-dashboard.json'));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos, title } of panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
  });

  it.runIf(prometheusAvailable)('has rules, and queries on the dashboard, that Prometheus can read', () => {
    expect(promtool(['check', 'rules', join(folder, 'archon-alerts.yml')])).toMatchObject({ status: 0 });
    const { panels }: Dashboard = JSON.parse(read('grafana-dashboard.json'));
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    // As a rule each, for promtool reads files of rules alone; Grafana's own variables are filled in.
    const rules = queries.map((expr, i) => ({ record: `q${i}`, expr: expr.replaceAll('$__rate_interval', '1m') }));
    const file = JSON.stringify({ groups: [{ name: 'dashboard', rules }] });
    const place = mkdtempSync(join(tmpdir(), 'archon-rules-'));
    writeFileSync(join(place, 'queries.yml'), file);
    const { status, said } = promtool(['check', 'rules', join(place, 'queries.yml')]);
    rmSync(place, { recursive: true });
    expect(status, said).toBe(0);
  });

  it.runIf(prometheusAvailable)('has a configuration that Prometheus takes', () => {
    const { status, said } = promtool(['check', 'config', '--syntax-only', join(folder, 'prometheus.yml')]);
    expect(status, said).toBe(0);
  });
});
