/** The log as a person reads it: who may, what it holds of an engine at work, and the file of diagnostics. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient, DiagnosticsPiece } from '../../../src-contract/index.ts';
import { router } from '../../../src-main/api/router.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { createLogs } from '../../../src-main/observability/logs/create-logs.ts';
import { Logs } from '../../../src-main/observability/logs/logs.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { readZip } from '../../support/zip-reader.ts';

const OTHER_ORG_ID = '00000000-0000-7000-8000-0000000000b2';
const SECRET = 'a-passphrase-nobody-may-see';
const MEMORY = 'the cellar key lies under the third stone';

describe('the log of an engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-logs-'));
  copyTemplate(folder);
  const config = { ...defaultConfig(folder), secret_key: SECRET };
  const logs = createLogs(config, { owner: 'archon' });
  let engine: Engine;
  beforeAll(async () => {
    engine = new Engine({ config, logger: logs.logger, logs });
    await engine.start();
  });
  afterAll(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function clientOf(interactive: boolean, org_id = LOCAL_ORG_ID): ArchonClient {
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const { services } = engine;
    const scope = { org_id, actor: 'ada' };
    const context = { services, scope, logger: logs.logger, host, local: true, interactive };
    return createRouterClient(router, { context });
  }
  const person = () => clientOf(true).logs;

  it('names the component of each entry, and is in a file for this user alone', async () => {
    const { items } = await person().list({ limit: 100 });
    expect(items.map(({ component, message }) => `${component}: ${message}`)).toContain(
      'storage: embedded database is running',
    );
    expect(readFileSync(join(folder, 'logs', 'archon.log'), 'utf8')).toContain('embedded database is running');
    const { items: components } = await person().components();
    expect(components.find(({ component }) => component === 'storage')?.entries).toBeGreaterThan(0);
  });

  it('is for a person of this computer, not for agents, nor for another organisation', async () => {
    for (const client of [clientOf(false).logs, clientOf(true, OTHER_ORG_ID).logs]) {
      const asked = [
        client.list({}),
        client.components(),
        client.level(),
        client.setLevel({ level: 'trace' }),
        client.diagnosticsContents(),
        client.tail({}),
        client.diagnostics(),
      ];
      for (const answer of asked) await expect(answer).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(logs.level().level).toBe('info');
  });

  it('is followed as it is written, and tells who changed its level', async () => {
    const stop = new AbortController();
    const items = await person().tail({ components: ['api', 'engine'] }, { signal: stop.signal });
    await person().setLevel({ level: 'debug', minutes: 5 });
    const { value } = await items.next();
    expect(value).toMatchObject({
      kind: 'entry',
      entry: { level: 'warn', message: 'the log level is debug now', fields: { actor: 'ada' } },
    });
    expect(await person().level()).toMatchObject({ level: 'debug', configured: 'info' });
    await person().setLevel({ level: 'fatal' });
    expect((await items.next()).value).toMatchObject({ entry: { message: 'the log level is fatal now' } });
    await person().setLevel({ level: null });
    expect(await person().level()).toMatchObject({ level: 'info', until: null });
    stop.abort();
    await items.return?.(undefined).catch(() => {});
  });

  it('goes into a file of diagnostics that says what is in it, without secrets and memories', async () => {
    const client = clientOf(true);
    await client.working.create({ user_id: 'ada', memory_type: 'decision', content: { text: MEMORY } });
    await client.sessions.create({ user_id: 'ada', messages: [{ role: 'user', content: MEMORY }] });
    logs.logger.error({ url: `postgres://ada:${SECRET}@db/a`, content: MEMORY }, 'planted');
    const contents = await client.logs.diagnosticsContents();
    const { files, progress, missing } = await bundleOf(await client.logs.diagnostics());
    expect([...files.keys()].sort()).toEqual(contents.files.map(({ file }) => file).sort());
    expect(progress).toEqual(contents.files.map(({ file }) => file).filter((file) => file !== 'manifest.json'));
    expect(missing).toEqual([]);
    const everything = [...files.values()].join('\n');
    expect(everything).not.toContain(SECRET);
    expect(everything).not.toContain('cellar');
    const json = (file: string) => JSON.parse(String(files.get(file)));
    expect(json('manifest.json')).toMatchObject({ missing: [], left_out: expect.any(Array) });
    expect(json('health.json').components.length).toBeGreaterThan(3);
    expect(json('database.json')).toMatchObject({
      version: expect.stringContaining('PostgreSQL'),
      migrations: expect.arrayContaining([expect.objectContaining({ version: 1 })]),
    });
    expect(json('versions.json')).toMatchObject({ node: process.versions.node });
    expect(json('settings.json')).toContainEqual({ name: 'secret_key', value: '********', is_default: false });
    expect(json('breakers.json')).toHaveLength(7);
    expect(json('metrics-24h.json').lines.length).toBeGreaterThan(10);
    expect(String(files.get('logs/archon.log'))).toContain('planted');
  });

  it('ends the file of diagnostics when nobody wants it any more', async () => {
    const stop = new AbortController();
    const pieces = await person().diagnostics(undefined, { signal: stop.signal });
    await pieces.next();
    stop.abort();
    await expect(bundleOf(pieces)).rejects.toThrow();
  });
});

async function bundleOf(pieces: AsyncIterable<DiagnosticsPiece>) {
  const bytes: Buffer[] = [];
  const progress: string[] = [];
  let missing: { file: string; why: string }[] | undefined;
  for await (const piece of pieces) {
    if (piece.kind === 'bytes') bytes.push(Buffer.from(piece.base64, 'base64'));
    else if (piece.kind === 'file') progress.push(piece.file);
    else missing = piece.missing;
  }
  return { files: readZip(Buffer.concat(bytes)), progress, missing };
}

describe('the files of several processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-log-files-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes entries as fast as it can until it is killed. */
  function writer(owner: 'archon' | 'worker'): ChildProcess {
    const script = `
      import { createLogs } from ${JSON.stringify(resolve('src-main/observability/logs/create-logs.ts'))};
      import { defaultConfig } from ${JSON.stringify(resolve('src-main/settings/config-schema.ts'))};
      const config = { ...defaultConfig(${JSON.stringify(folder)}), 'log.file_mb': 1, 'log.files': 3 };
      const { logger } = createLogs(config, { owner: '${owner}' });
      process.stdout.write('ready');
      for (let number = 0; ; number += 1) logger.info({ number, padding: 'x'.repeat(300) }, 'at work');
    `;
    return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  }
  const bytesOf = (name: string) => readFileSync(join(folder, 'logs', name)).length;
  const names = () => readdirSync(join(folder, 'logs')).sort();

  it('are their own, bounded under load, and whole when they are killed', async () => {
    const children = [writer('archon'), writer('worker'), writer('worker')];
    const ended = children.map((child) => new Promise((done) => child.once('exit', done)));
    const own = ['archon.log', `worker-${children[1]?.pid}.log`, `worker-${children[2]?.pid}.log`];
    await expect
      .poll(() => own.every((name) => names().includes(`${name}.2`)), { timeout: 60_000, interval: 100 })
      .toBe(true);
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
    expect(names()).toEqual(own.flatMap((name) => [name, `${name}.1`, `${name}.2`]).sort());
    for (const name of names()) expect(bytesOf(name)).toBeLessThanOrEqual(1024 ** 2);
    const logs = new Logs({
      level: 'info',
      file: { folder: join(folder, 'logs'), name: 'archon.log', max_bytes: 1024 ** 2, files: 3 },
    });
    const numbers: number[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await logs.list({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.broken).toBe(0);
      numbers.push(...page.items.map(({ fields }) => Number(fields.number)));
      cursor = page.next_cursor;
    }
    const [newest = 0] = numbers;
    expect(numbers.length).toBeGreaterThan(1000);
    expect(numbers).toEqual(numbers.map((_, index) => newest - index));
  });
});
