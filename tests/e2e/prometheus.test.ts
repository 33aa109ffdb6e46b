/** A real Prometheus, with the files we ship, on a running `archon serve`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DataFolder } from '../support/cli-process.ts';
import { prometheusAvailable, prometheusProgram } from '../support/prometheus.ts';

/** What is looked at of the answers of Prometheus. https://prometheus.io/docs/prometheus/latest/querying/api/ */
interface Answer {
  result?: { value?: [number, string] }[];
  groups?: { rules: { name: string; health: string; lastError?: string }[] }[];
  alerts?: { state: string }[];
}

const SHIPPED = resolve(import.meta.dirname, '..', '..', 'resources', 'monitoring');
const PATIENCE = { timeout: 120_000, interval: 200 };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolveListening) => server.once('listening', resolveListening));
  const address = server.address();
  await new Promise((resolveClosed) => server.close(resolveClosed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe.runIf(prometheusAvailable)('Prometheus', () => {
  const place = mkdtempSync(join(tmpdir(), 'archon-prometheus-'));
  let data: DataFolder | undefined;
  let prometheus: ChildProcess | undefined;
  afterAll(async () => {
    if (prometheus && prometheus.exitCode === null) {
      const ended = new Promise((resolveEnd) => prometheus?.once('close', resolveEnd));
      prometheus.kill('SIGTERM');
      await ended;
    }
    await data?.remove();
    rmSync(place, { recursive: true, force: true });
  });

  it('scrapes a server with the token of its file, answers a query, and has no alert', async () => {
    data = DataFolder.withDatabase();
    const { facts } = await data.serve();
    cpSync(SHIPPED, place, { recursive: true });
    writeFileSync(join(place, 'archon-token'), facts.token ?? '', { mode: 0o600 });
    const config = readFileSync(join(place, 'prometheus.yml'), 'utf8')
      .replace('127.0.0.1:8181', new URL(facts.url).host)
      .replaceAll('15s', '1s');
    writeFileSync(join(place, 'prometheus.yml'), config);
    const port = await freePort();
    prometheus = spawn(
      prometheusProgram,
      [
        `--config.file=${join(place, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(place, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => undefined);
      const body: { data?: Answer } | undefined = await response?.json();
      return body?.data;
    };
    const value = async (query: string) => {
      const data = await ask(`query?query=${encodeURIComponent(query)}`);
      return Number(data?.result?.[0]?.value?.[1]);
    };
    await expect.poll(() => value('up{job="archon"}'), PATIENCE).toBe(1);
    await fetch(`${facts.url}/api/memory/users`, { headers: { authorization: `Bearer ${facts.token}` } });
    const counted = 'archon_api_requests_total{route="memories.users",outcome="success"}';
    await expect.poll(() => value(counted), PATIENCE).toBe(1);
    expect(await value('count(archon_collector_up == 1)')).toBeGreaterThan(4);
    const rules = (await ask('rules'))?.groups?.[0]?.rules ?? [];
    expect(rules.length).toBeGreaterThan(10);
    for (const { name, health, lastError } of rules) expect([name, health, lastError]).not.toContain('err');
    const alerts = (await ask('alerts'))?.alerts;
    expect(alerts?.filter(({ state }) => state === 'firing')).toEqual([]);
  });
});
