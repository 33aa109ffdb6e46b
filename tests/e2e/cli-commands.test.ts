/** Commands that open the data folder themselves. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { archonHere } from '../support/cli-here.ts';
import { DataFolder } from '../support/cli-process.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { readZip } from '../support/zip-reader.ts';

const folders: DataFolder[] = [];
const newFolder = () => {
  const folder = new DataFolder();
  folders.push(folder);
  return folder;
};
/** With an empty database, which takes long to make. */
const folderWithDatabase = () => {
  const folder = DataFolder.withDatabase();
  folders.push(folder);
  return folder;
};
/** Where what matters is an answer, not the process that gives it. */
const here = (folder: DataFolder, args: readonly string[], env: Record<string, string> = {}) =>
  archonHere(args, { data_dir: folder.path, working_dir: join(folder.path, '..'), env, isTTY: false });
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

/** Conversations as OpenAI-style lines. */
function writeConversations(folder: DataFolder, count: number, name = 'talks.jsonl'): string {
  const file = join(folder.path, '..', name);
  const line = (index: number) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `Question ${index}: which apples keep until spring?` },
        { role: 'assistant', content: `Answer ${index}: Boskoop, in a cool cellar.` },
      ],
    });
  writeFileSync(file, `${Array.from({ length: count }, (_, index) => line(index)).join('\n')}\n`);
  return file;
}

interface Findings {
  findings: { status: string; check: string; detail: string; advice: string | null }[];
}
const finding = (result: { json(): Findings }, name: string) =>
  result.json().findings.find((candidate) => candidate.check === name);

describe('import, context, export and import again', () => {
  it('brings conversations in once, assembles context of them, and moves all of it to another folder', async () => {
    const source = folderWithDatabase();
    const target = folderWithDatabase();
    const file = writeConversations(source, 200);
    const first = await source.archon(['import', file, '--user', 'mira', '--json']);
    expect(first.json()).toMatchObject({ state: 'succeeded', format: 'openai-jsonl', added: { messages: 400 } });
    const second = await source.archon(['import', file, '--user', 'mira', '--json']);
    expect(second.json()).toMatchObject({ added: { messages: 0, working: 0 }, already_there: { messages: 400 } });

    const context = await source.archon([
      'context',
      '--user',
      'mira',
      '--query',
      'apples in spring',
      '--max-tokens',
      '2000',
    ]);
    expect(context.stdout).toMatch(/tokens +[\d,]+ of 2,000/);
    expect(context.stdout).toContain('Boskoop');

    const out = join(source.path, '..', 'all.archon');
    expect((await source.archon(['export', '-o', out])).code).toBe(0);
    const again = await source.archon(['export', '-o', out]);
    expect(again.code).toBe(EXIT_CODES.usage.code);
    expect(again.stderr).toContain('--force');

    expect((await target.archon(['import', out])).code).toBe(0);
    const figures = async (folder: DataFolder) => {
      const { counts, tokens, by_type } = (await folder.archon(['stats', '--user', 'mira', '--json'])).json();
      return { counts, tokens, by_type };
    };
    expect(await figures(target)).toEqual(await figures(source));
  });
});

describe('import', () => {
  it('imports the rest when some records are broken, lists them, and says so by its exit code', async () => {
    const folder = folderWithDatabase();
    const file = join(folder.path, '..', 'mixed.jsonl');
    writeFileSync(
      file,
      '{"messages":[{"role":"user","content":"hello"}]}\n{broken\n{"messages":[{"role":"user","content":"bye"}]}\n',
    );
    const result = await folder.archon(['import', file, '--user', 'u']);
    expect(result.code).toBe(EXIT_CODES.partly.code);
    expect(result.stdout).toMatch(/messages +2 +0/);
    expect(result.stderr).toContain('1 record was refused');
    expect(result.stderr).toContain('line 2');
  });

  it('stops at Ctrl-C, keeps what is imported, and goes on where it was', async () => {
    const folder = folderWithDatabase();
    const file = writeConversations(folder, 2000);
    const stopped = await folder.archon(['import', file, '--user', 'u', '--json'], {
      // The first line of progress says that it is under way.
      onStart: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    });
    expect(stopped.code).toBe(EXIT_CODES.interrupted.code);
    expect(stopped.stdout).toContain('"cancelled"');
    const rest = await folder.archon(['import', file, '--user', 'u', '--json']);
    expect(rest.code).toBe(0);
    const { added, already_there } = rest.json();
    expect(added.messages + already_there.messages).toBeLessThanOrEqual(4000);
    const stats = await folder.archon(['stats', '--user', 'u', '--json']);
    expect(stats.json().counts.working).toBe(4000);
  });

  it.each([
    [['import', 'nothing.jsonl', '--user', 'u'], 'not_found', 'There is no file'],
    [['import', '.', '--user', 'u'], 'usage', 'is not a file'],
    [['import'], 'usage', "missing required argument 'file'"],
    [['import', 'x', '--format', 'word'], 'usage', 'Allowed choices'],
  ] as const)('%j is refused', async (args, ending, message) => {
    const result = await here(newFolder(), args);
    expect(result.code).toBe(EXIT_CODES[ending].code);
    expect(result.stderr).toContain(message);
  });
});

describe('what is wrong on the command line', () => {
  it.each([
    [['bogus'], "unknown command 'bogus'"],
    [['serch', 'x'], 'search'],
    [['search', 'x'], "required option '--user <id>'"],
    [['search', 'x', '--user', 'u', '--limit', 'many'], 'whole number'],
    [['search', 'x', '--user', 'u', '--limit', '-5'], 'limit'],
    [['search', 'x', '--user', ' u'], 'user_id'],
    [['context', '--user', 'u', '--max-tokens', '1'], 'max_tokens'],
    [['stats', '--log-level', 'loud'], 'log.level (from --log-level): must be one of'],
    [['token', 'create', '--name', 'x', '--org', 'none'], 'UUID'],
    [['export', '--user', 'u', '--org', '-o', 'x'], 'not both'],
    [['users', '--config', 'missing.json'], 'missing.json'],
  ])('%j is a usage error that says why', async (args, message) => {
    const result = await here(folderWithDatabase(), args);
    expect(result.code).toBe(EXIT_CODES.usage.code);
    expect(result.stderr).toContain(message);
    expect(result.stdout).toBe('');
  });

  it('is one JSON document with --json', async () => {
    const result = await folderWithDatabase().archon(['search', 'x', '--user', ' u', '--json']);
    expect(result.json()).toEqual({
      error: {
        code: 'VALIDATION_FAILED',
        message: expect.stringContaining('user_id'),
        exit_code: EXIT_CODES.usage.code,
      },
    });
  });

  it('helps', async () => {
    const folder = newFolder();
    expect((await folder.archon(['--help'])).stdout).toContain('Usage: archon');
    const serve = await folder.archon(['serve', '--help']);
    expect(serve.code).toBe(0);
    expect(serve.stdout).toContain('--server-body-limit-bytes');
    expect((await folder.archon(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/);
    expect(existsSync(folder.path)).toBe(false);
  });
});

describe('config', () => {
  it('shows every value and where it comes from, never a secret', async () => {
    const folder = newFolder();
    mkdirSync(folder.path, { recursive: true });
    writeFileSync(join(folder.path, 'archon.config.json'), '{"server":{"port":9001},"redis.password":"hunter2"}');
    const env = { ARCHON_DATABASE_URL: 'postgres://u:hunter3@db/x', ARCHON_PROT: '1' };
    const result = await folder.archon(['config', '--log-level', 'warn', '--json'], { env });
    const key = (name: string) => result.json().keys.find((candidate: { name: string }) => candidate.name === name);
    expect(key('server.port')).toMatchObject({ value: 9001, source: join(folder.path, 'archon.config.json') });
    expect(key('log.level')).toMatchObject({ value: 'warn', source: '--log-level' });
    expect(key('database.url').source).toBe('ARCHON_DATABASE_URL');
    const text = await folder.archon(['config'], { env });
    for (const said of [result.stdout, result.stderr, text.stdout]) {
      expect(said).not.toContain('hunter');
    }
    expect(result.stderr).toContain('Did you mean ARCHON_PORT?');
  });
});

describe('migrate', () => {
  it('says what it would do, does it, and finds nothing the second time', async () => {
    const folder = newFolder();
    const dry = await folder.archon(['migrate', '--dry-run', '--json']);
    expect(dry.json()).toMatchObject({ current: 0, applied: false });
    expect(dry.json().pending[0]).toEqual({ version: 1, name: 'foundation' });
    expect(existsSync(folder.path)).toBe(false);
    expect((await folder.archon(['migrate', '--json'])).json()).toMatchObject({ applied: true });
    const again = await folder.archon(['migrate', '--json']);
    expect(again.json()).toMatchObject({ applied: false, pending: [] });
  });
});

describe('backup and restore', () => {
  it('take the memory of one folder into another, and keep what was replaced', async () => {
    const source = folderWithDatabase();
    const target = folderWithDatabase();
    const file = writeConversations(source, 20);
    await source.archon(['import', file, '--user', 'mira']);
    const out = join(source.path, '..', 'backup.tar.gz');
    expect((await source.archon(['backup', '--out', out])).code).toBe(0);
    await target.archon(['import', writeConversations(target, 3), '--user', 'tess']);

    const unasked = await target.archon(['restore', out]);
    expect(unasked.code).toBe(EXIT_CODES.usage.code);
    expect(unasked.stderr).toContain('Say --yes');
    const restored = await target.archon(['restore', out, '--yes', '--json']);
    expect(restored.json()).toMatchObject({ working_memories: 40, replaced: expect.stringContaining('replaced-') });
    expect(existsSync(join(restored.json().replaced, 'postgres', 'PG_VERSION'))).toBe(true);
    const users = await target.archon(['users', '--json']);
    expect(users.json().users.map((user: { user_id: string }) => user.user_id)).toEqual(['mira']);

    const fresh = newFolder();
    expect((await fresh.archon(['restore', out, '--json'])).json()).toMatchObject({
      working_memories: 40,
      replaced: null,
    });
  });

  it.each([
    [['restore', 'nothing.tar.gz'], {}, 'not_found', 'There is no file'],
    [['restore', '.'], {}, 'usage', 'is not a file'],
    [['backup'], { ARCHON_DATABASE_URL: 'postgres://u@127.0.0.1:9/x' }, 'usage', 'pg_dump'],
    [['restore', '.'], { ARCHON_DATABASE_URL: 'postgres://u@127.0.0.1:9/x' }, 'usage', 'database.url'],
    [['backup', '-o', 'missing/b.tar.gz'], {}, 'not_found', 'There is no folder'],
  ] as const)('%j with %j is refused', async (args, env, ending, message) => {
    const result = await here(newFolder(), args, env);
    expect(result.code).toBe(EXIT_CODES[ending].code);
    expect(result.stderr).toContain(message);
  });
});

describe('doctor', () => {
  it('is content with a fresh folder, and does not make it', async () => {
    const folder = newFolder();
    const result = await folder.archon(['doctor', '--server-port', '0', '--json']);
    expect(result.code).toBe(0);
    expect(finding(result, 'data folder')?.detail).toContain('first start');
    expect(existsSync(folder.path)).toBe(false);
  });

  it('opens the embedded database that is there', async () => {
    const folder = folderWithDatabase();
    const result = await folder.archon(['doctor', '--server-port', '0', '--json']);
    expect(finding(result, 'database')).toMatchObject({ status: 'ok', detail: expect.stringContaining('opens') });
    expect(finding(result, 'lock')?.status).toBe('ok');
  });

  it('finds a port that another program has, a database and a Redis that are away, and says what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const env = { ARCHON_DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/x', ARCHON_REDIS_URL: 'redis://127.0.0.1:9' };
    const result = await newFolder().archon(['doctor', '--server-port', String(port), '--json'], { env });
    other.close();
    expect(result.code).toBe(EXIT_CODES.failed.code);
    for (const name of ['port', 'database', 'sessions']) {
      expect(finding(result, name)).toMatchObject({ status: 'failed', advice: expect.stringMatching(/\w+/) });
    }
    expect(result.stdout).not.toContain('hunter2');
  });

  it('warns when others can read the data folder', async () => {
    const folder = newFolder();
    mkdirSync(folder.path, { recursive: true });
    chmodSync(folder.path, 0o755);
    const result = await folder.archon(['doctor', '--server-port', '0', '--json']);
    expect(finding(result, 'privacy')).toMatchObject({
      status: 'warning',
      advice: expect.stringContaining('chmod 700'),
    });
  });

  it.runIf(postgresAvailable)('looks at a real PostgreSQL before and after the first start', async () => {
    const server = await startPostgres({ fsync: 'off' });
    const url = await server.createDatabase('archon');
    const folder = newFolder();
    const env = { ARCHON_DATABASE_URL: url };
    const before = await folder.archon(['doctor', '--server-port', '0', '--json'], { env });
    expect(finding(before, 'migrations')?.status).toBe('warning');
    expect(finding(before, 'rights')?.status).toBe('ok');
    expect((await folder.archon(['migrate'], { env })).code).toBe(0);
    const after = await folder.archon(['doctor', '--server-port', '0', '--json'], { env });
    expect(finding(after, 'migrations')?.status).toBe('ok');
    expect(finding(after, 'rights')?.detail).toContain('archon_app');
    expect(after.code).toBe(0);
    expect((await folder.archon(['users', '--json'], { env })).json()).toEqual({ users: [] });
    await server.remove();
  });

  it.runIf(postgresAvailable)('says which SQL an administrator must run for a login with few rights', async () => {
    const server = await startPostgres({ fsync: 'off' });
    const url = await server.createDatabase('archon');
    const admin = new pg.Client(url);
    await admin.connect();
    await admin.query('CREATE ROLE guest LOGIN');
    const folder = newFolder();
    const env = { ARCHON_DATABASE_URL: url.replace('postgres@', 'guest@') };
    const doctor = async () =>
      finding(await folder.archon(['doctor', '--server-port', '0', '--json'], { env }), 'rights');
    const refused = await folder.archon(['migrate', '--json'], { env });
    expect(refused.code).toBe(EXIT_CODES.failed.code);
    const [, ...sql] = refused.json().error.message.split('\n');
    expect(await doctor()).toMatchObject({ status: 'failed', advice: expect.stringContaining(sql.join(' ')) });
    await admin.query(sql.join('\n'));
    expect(await doctor()).toMatchObject({ status: 'ok' });
    expect((await folder.archon(['migrate'], { env })).code).toBe(0);
    // What only a coming version needs is no failure; what every query needs is.
    await admin.query('REVOKE archon_search FROM guest');
    expect(await doctor()).toMatchObject({
      status: 'warning',
      advice: expect.stringContaining('GRANT archon_search TO'),
    });
    await admin.query('REVOKE archon_app FROM guest');
    expect(await doctor()).toMatchObject({ status: 'failed', detail: expect.stringContaining('archon_app') });
    await admin.end();
    await server.remove();
  });

  it.runIf(redisAvailable)('looks at a real Redis', async () => {
    const redis = await startRedis();
    const env = { ARCHON_REDIS_URL: redis.url };
    const result = await newFolder().archon(['doctor', '--server-port', '0', '--json'], { env });
    expect(finding(result, 'sessions')).toMatchObject({ status: 'ok', detail: expect.stringContaining('Redis') });
    await redis.remove();
  });
});

describe('a data folder that cannot be used', () => {
  it('is told when a part of its path is a file', async () => {
    const folder = newFolder();
    writeFileSync(folder.path, 'I am a file');
    const result = await folder.archon(['users', '--json']);
    expect(result.code).toBe(EXIT_CODES.store_away.code);
    expect(result.json().error.code).toBe('DATA_FOLDER_NOT_WRITABLE');
    expect(result.stderr).toContain('choose another folder');
  });

  it.runIf(process.getuid?.() !== 0)('is told when it is read-only', async () => {
    const folder = newFolder();
    mkdirSync(folder.path, { recursive: true });
    chmodSync(folder.path, 0o500);
    const result = await folder.archon(['users']);
    expect(result.code).toBe(EXIT_CODES.store_away.code);
  });
});

describe('archon diagnostics', () => {
  it('writes what can be known into one file, and says in it what nobody could be asked', async () => {
    const folder = newFolder();
    const url = 'postgres://ada:hunter2hunter2@127.0.0.1:1/nowhere';
    mkdirSync(join(folder.path, 'logs'), { recursive: true });
    writeFileSync(join(folder.path, 'logs', 'archon.log'), `{"level":30,"time":1,"msg":"connecting to ${url}"}\n`);
    const file = join(folder.path, '..', 'help.zip');
    const made = await folder.archon(['diagnostics', '--output', file, '--json'], {
      env: { ARCHON_DATABASE_URL: url },
    });
    expect(made).toMatchObject({ code: EXIT_CODES.ok.code });
    const files = readZip(readFileSync(file));
    const [manifest, doctor] = ['manifest.json', 'doctor.json'].map((name) => JSON.parse(String(files.get(name))));
    expect(manifest.missing).toEqual(made.json().missing);
    expect(manifest.missing).toContainEqual({ file: 'health.json', why: 'no server runs on this data folder' });
    expect(doctor).toContainEqual(expect.objectContaining({ check: 'database', status: 'failed' }));
    expect(String(files.get('logs/archon.log'))).toContain('connecting to postgres://[redacted]@127.0.0.1:1/nowhere');
    expect([...files.values()].join('\n')).not.toContain('hunter2hunter2');
    const again = await folder.archon(['diagnostics', '--output', file]);
    expect(again).toMatchObject({ code: EXIT_CODES.usage.code, stderr: expect.stringContaining('--force') });
  });
});
