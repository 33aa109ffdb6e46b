/** A server, and commands that talk to it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { appRoot } from '../../src-main/app-files.ts';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { readDemoFiles } from '../../src-main/demo/demo-files.ts';
import { DataFolder, type RunningServer } from '../support/cli-process.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { readZip } from '../support/zip-reader.ts';

const api = (url: string, token: string, path: string) =>
  fetch(url + path, { headers: { authorization: `Bearer ${token}` } });

describe('archon serve', () => {
  const folders: DataFolder[] = [];
  const newFolder = async () => {
    const folder = DataFolder.withDatabase();
    folders.push(folder);
    return folder;
  };
  afterEach(async () => {
    for (const folder of folders.splice(0)) await folder.remove();
  });

  it('shows the first token once, leaves its address for the command line, and takes it away when it stops', async () => {
    const folder = await newFolder();
    const first = await folder.serve();
    const token = first.facts.token ?? '';
    expect(token).toMatch(/^archon_/);
    expect((await api(first.facts.url, token, '/api/memory/users')).status).toBe(200);
    expect((await fetch(first.facts.docs_url)).status).toBe(200);
    const file = folder.serverFile();
    expect(file).toMatchObject({ url: first.facts.url, pid: first.facts.pid });
    expect(statSync(join(folder.path, 'server.json')).mode & 0o777).toBe(0o600);
    expect((await api(file.url, file.token, '/api/memory/users')).status).toBe(200);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect(existsSync(join(folder.path, 'server.json'))).toBe(false);

    const second = await folder.serve();
    expect(second.facts.token).toBeUndefined();
    expect((await api(second.facts.url, token, '/api/memory/users')).status).toBe(200);
    expect((await api(second.facts.url, file.token, '/api/memory/users')).status).toBe(401);
    expect(await second.stop('SIGINT')).toBe(0);
  });

  it('loads the demo when asked, and prints no token to the log', async () => {
    const folder = await newFolder();
    const server = await folder.serve(['--demo', '--log-level', 'trace']);
    const users = await (await api(server.facts.url, server.facts.token ?? '', '/api/memory/users')).json();
    expect(users.items.map((user: { user_id: string }) => user.user_id)).toEqual(['priya', 'tomas']);
    await server.stop();
    expect(server.stderr()).not.toContain(server.facts.token);
    expect(server.stderr()).not.toContain('Bearer');
  });

  it('keeps an error nobody handled in its log, and ends', async () => {
    const folder = await newFolder();
    const planted = join(folder.path, '..', 'planted.mjs');
    writeFileSync(planted, "process.on('SIGUSR2', () => { throw new Error('planted at redis://u:hunter2@cache') })");
    const server = await folder.serve([], { NODE_OPTIONS: `--import=${planted}` });
    expect(await server.stop('SIGUSR2')).toBe(EXIT_CODES.failed.code);
    const last =
      readFileSync(join(folder.path, 'logs', 'archon.log'), 'utf8')
        .trimEnd()
        .split('\n')
        .at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ level: 60, err: { message: 'planted at redis://[redacted]@cache' } });
    expect(server.stderr()).toContain('archon: unexpected error\nError: planted at');
    expect(server.stderr()).not.toContain('hunter2');
  });

  it.each([
    [['--server-host', '0.0.0.0'], 'server.allow_remote'],
    [['--server-host', '192.0.2.7', '--server-allow-remote'], 'server.host'],
    [['--server-port', '99999'], 'server.port (from --server-port)'],
    [['--server-tls-cert-file', 'a.pem'], 'HTTPS needs both'],
  ])('refuses %j and says what to do', async (args, message) => {
    const result = await (await newFolder()).archon(['serve', ...args]);
    expect(result.code).toBe(EXIT_CODES.usage.code);
    expect(result.stderr).toContain(message);
  });

  it.runIf(postgresAvailable)('ends at SIGTERM while it waits for another node to migrate the database', async () => {
    const postgres = await startPostgres({ fsync: 'off' });
    onTestFinished(() => postgres.remove());
    const url = await postgres.createDatabase('shared');
    const other = new pg.Client(url);
    await other.connect();
    await other.query('BEGIN; SELECT pg_advisory_xact_lock(7270214001)');
    const folder = await newFolder();
    const result = await folder.archon(['serve', '--server-port', '0'], {
      env: { ARCHON_DATABASE_URL: url },
      onStart: (child) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes('another node is migrating')) child.kill('SIGTERM');
        });
      },
    });
    await other.end();
    expect(result.code).toBe(EXIT_CODES.ok.code);
    expect(result.stdout).toBe('');
  });

  it('comes back after kill -9, with what it had acknowledged', async () => {
    const folder = await newFolder();
    const first = await folder.serve();
    const { url, token = '' } = first.facts;
    const acknowledged: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      const response = await fetch(`${url}/api/memory/working`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: 'u', memory_type: 'action', content: { text: `step ${index}` } }),
      });
      expect(response.status).toBe(201);
      acknowledged.push((await response.json()).id);
    }
    await first.stop('SIGKILL');
    // The file of the dead server is still there, and must mislead nobody.
    expect(existsSync(join(folder.path, 'server.json'))).toBe(true);
    expect((await folder.archon(['users', '--json'])).json().users).toMatchObject([
      { user_id: 'u', working_count: 10 },
    ]);
    const second = await folder.serve();
    for (const id of acknowledged) {
      expect((await api(second.facts.url, token, `/api/memory/working/${id}`)).status).toBe(200);
    }
    await second.stop();
  });
});

describe('beside a running server', () => {
  let folder: DataFolder;
  let server: RunningServer;
  beforeAll(async () => {
    folder = DataFolder.withDatabase();
    server = await folder.serve(['--demo']);
  });
  afterAll(() => folder?.remove());

  it('a second server on the same folder is refused', async () => {
    const result = await folder.archon(['serve', '--server-port', '0', '--json']);
    expect(result.code).toBe(EXIT_CODES.in_use.code);
    expect(result.json().error.code).toBe('DATA_FOLDER_IN_USE');
    expect(result.stderr).toContain(`process ${server.facts.pid}`);
  });

  it('search, context, stats and users answer through it', async () => {
    const search = await folder.archon(['search', 'deploy window', '--user', 'priya', '--limit', '3', '--json']);
    expect(search.json().hits).toHaveLength(3);
    const context = await folder.archon([
      'context',
      '--user',
      'tomas',
      '--query',
      'flour',
      '--max-tokens',
      '2000',
      '--json',
    ]);
    expect(context.json().total_tokens).toBeLessThanOrEqual(2000);
    expect(context.json().memory_block).toContain('flour');
    const stats = await folder.archon(['stats', '--json']);
    expect(stats.json().users).toHaveLength(2);
    expect((await folder.archon(['users', '--search', 'pri', '--json'])).json().users).toHaveLength(1);
  });

  it('the demo is not loaded twice', async () => {
    const before = (await folder.archon(['stats', '--json'])).json();
    const again = await folder.archon(['demo', '--json']);
    expect(again.json().added).toEqual({ sessions: 0, messages: 0, working: 0, longterm: 0, links: 0 });
    const after = (await folder.archon(['stats', '--json'])).json();
    expect(after.users.map(countsOf)).toEqual(before.users.map(countsOf));
  });

  it('a file larger than one piece is sent and imported, and a second time adds nothing', async () => {
    const file = join(folder.path, '..', 'big.jsonl');
    const filler = 'apples '.repeat(3000);
    const lines = Array.from({ length: 300 }, (_, index) =>
      JSON.stringify({ messages: [{ role: 'user', content: `question ${index} ${filler}` }] }),
    );
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect(statSync(file).size).toBeGreaterThan(5_000_000);
    const first = await folder.archon(['import', file, '--user', 'zoe', '--json']);
    expect(first.json()).toMatchObject({ state: 'succeeded', added: { messages: 300 }, error_count: 0 });
    expect(first.code).toBe(0);
    const second = await folder.archon(['import', file, '--user', 'zoe', '--json']);
    expect(second.json()).toMatchObject({ added: { messages: 0 }, already_there: { messages: 300 } });
  });

  it('an export is downloaded whole', async () => {
    const out = join(folder.path, '..', 'priya.archon');
    const result = await folder.archon(['export', '--user', 'priya', '-o', out, '--json']);
    const { memories } = readDemoFiles(join(appRoot, 'resources', 'demo'));
    const longterm = memories.filter(({ layer, user_id }) => layer === 'longterm' && user_id === 'priya').length;
    expect(result.json()).toMatchObject({ state: 'succeeded', bytes: statSync(out).size, exported: { longterm } });
    const sha256 = createHash('sha256').update(readFileSync(out)).digest('hex');
    expect(result.json().sha256).toBe(sha256);
  });

  it('diagnostics hold its log and what it says of itself, and no memories', async () => {
    const out = join(folder.path, '..', 'help.zip');
    const made = (await folder.archon(['diagnostics', '-o', out, '--json'])).json();
    expect(made.missing).toEqual([]);
    const files = readZip(readFileSync(out));
    expect(JSON.parse(String(files.get('health.json')))).toMatchObject({ status: expect.any(String) });
    expect(String(files.get('logs/archon.log'))).toContain('embedded database is running');
    expect([...files.values()].join('\n')).not.toContain(folder.serverFile().token);
  });

  it('tokens made and revoked count at once', async () => {
    const made = (await folder.archon(['token', 'create', '--name', 'ci', '--json'])).json();
    expect((await api(server.facts.url, made.token, '/api/memory/users')).status).toBe(200);
    const list = await folder.archon(['token', 'list', '--json']);
    expect(list.stdout).not.toContain(made.token);
    expect(list.json().tokens.map((token: { name: string }) => token.name)).toContain('ci');
    expect((await folder.archon(['token', 'revoke', made.token_id])).code).toBe(0);
    expect((await api(server.facts.url, made.token, '/api/memory/users')).status).toBe(401);
    expect((await folder.archon(['token', 'revoke', made.token_id])).code).toBe(EXIT_CODES.not_found.code);
  });

  it("a token of another organisation sees nothing, and what it writes is that organisation's", async () => {
    const org = '00000000-0000-7000-8000-00000000c0de';
    const made = (await folder.archon(['token', 'create', '--name', 'other', '--org', org, '--json'])).json();
    const users = await (await api(server.facts.url, made.token, '/api/memory/users')).json();
    expect(users.items).toEqual([]);
    const written = await fetch(`${server.facts.url}/api/memory/working`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: 'theirs', memory_type: 'action', content: { text: 'x' } }),
    });
    expect(await written.json()).toMatchObject({ org_id: org });
    expect((await folder.archon(['users', '--search', 'theirs', '--json'])).json().users).toEqual([]);
  });

  it('doctor finds everything in order', async () => {
    const { port } = folder.serverFile();
    const result = await folder.archon(['doctor', '--server-port', String(port), '--json']);
    expect(result.json().findings.filter((finding: { status: string }) => finding.status !== 'ok')).toEqual([]);
    const find = (name: string) => result.json().findings.find((finding: { check: string }) => finding.check === name);
    expect(find('lock').detail).toContain('our server');
    expect(find('port').detail).toContain('our server');
    expect(result.code).toBe(0);
  });

  it('backup is made by the server, copied where it is wanted, and known to doctor', async () => {
    const out = join(folder.path, '..', 'copy.tar.gz');
    const result = await folder.archon(['backup', '-o', out, '--json']);
    const { file, bytes, parts } = result.json();
    expect(parts).toEqual(['history.db', 'sessions.db', 'postgres']);
    for (const path of [file, out]) expect(statSync(path)).toMatchObject({ size: bytes });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out).equals(readFileSync(file))).toBe(true);
    const again = await folder.archon(['backup', '-o', out]);
    expect(again.code).toBe(EXIT_CODES.usage.code);
    expect(again.stderr).toContain('--force');
    const doctor = await folder.archon(['doctor', '--json']);
    const found = doctor.json().findings.find((finding: { check: string }) => finding.check === 'backups');
    expect(found).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^the newest is \d+ s old/) });
  });

  it('restore is refused, because the server has the data folder', async () => {
    const { file } = (await folder.archon(['backup', '--json'])).json();
    const result = await folder.archon(['restore', file, '--yes', '--json']);
    expect(result.code).toBe(EXIT_CODES.in_use.code);
    expect(result.json().error.message).toContain('Stop that process');
  });

  it('migrate is refused, because the server has the database open', async () => {
    expect((await folder.archon(['migrate'])).code).toBe(EXIT_CODES.in_use.code);
  });
});

function countsOf(stats: { counts: unknown; tokens: unknown }) {
  return { counts: stats.counts, tokens: stats.tokens };
}
