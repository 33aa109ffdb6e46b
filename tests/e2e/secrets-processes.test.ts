/** Secrets of processes: what they say, what lies in their folder, what others see of them, and keys that change under `kill -9`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverClient } from '../../src-main/cli/connection.ts';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { DataFolder, type RunningServer } from '../support/cli-process.ts';
import { type Canary, Said } from '../support/secret-search.ts';

const SERVER_ENV = { ARCHON_LOG_LEVEL: 'trace', ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE: 'true' };
/** At once, and when some of it is done. */
const KILL_AFTER_MS = [0, 25] as const;

describe('secrets of processes', () => {
  let folder: DataFolder;
  let server: RunningServer;
  const client = () => serverClient(folder.serverFile());
  beforeAll(async () => {
    folder = DataFolder.withDatabase();
    server = await folder.serve([], SERVER_ENV);
  });
  afterAll(() => folder?.remove());

  it('stay readable when the process is killed while the key changes, and the next start goes on', async () => {
    const made = await Promise.all(
      [1, 2, 3].map((n) => client().webhooks.create({ name: `hook ${n}`, url: 'http://127.0.0.1:9/', enabled: false })),
    );
    expect(made).toHaveLength(3);
    for (const [round, after_ms] of KILL_AFTER_MS.entries()) {
      const rotation = client()
        .secrets.rotate({})
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, after_ms));
      await server.stop('SIGKILL');
      await rotation;
      server = await folder.serve([], SERVER_ENV);
      await expect
        .poll(async () => (await client().secrets.status({})).kept, { timeout: 20_000 })
        .toContainEqual({ where: 'Webhooks', count: 3, unreadable: 0, problem: null });
      expect(keys().length, `round ${round}`).toBeGreaterThanOrEqual(1);
    }
    const rotated = await folder.archon(['secrets', 'rotate', '--json']);
    expect(rotated.json()).toMatchObject({ protection: 'key_file', kept: [{ count: 3, unreadable: 0 }, {}, {}, {}] });
    const status = await folder.archon(['secrets', 'status']);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('key file') });
  });

  const keys = (): { key: string }[] => JSON.parse(readFileSync(join(folder.path, 'secret.key'), 'utf8')).keys;

  it('are in nothing the commands print, in no argument of a process, and in no file but their own', async () => {
    const said = new Said();
    const password = 'K4nari/+&%ö-of-the-database';
    const redis = 'K4nari/+&%ö-of-redis';
    const env = {
      ARCHON_DATABASE_URL: `postgres://u:${encodeURIComponent(password)}@127.0.0.1:9/x`,
      ARCHON_REDIS_URL: `redis://:${encodeURIComponent(redis)}@127.0.0.1:9`,
      ARCHON_SECRET_KEY: 'K4nari/+&%ö-passphrase',
      ARCHON_SECRET_KEY_OLD: 'K4nari/+&%ö-old-passphrase',
      ARCHON_REDIS_SENTINEL_PASSWORD: 'K4nari/+&%ö-sentinel',
      ARCHON_LOG_LEVEL: 'trace',
    };
    const tls_key = '-----BEGIN PRIVATE KEY-----\nK4nariTlsKeyContent\n-----END PRIVATE KEY-----\n';
    for (const name of ['tls.key', 'tls.crt']) writeFileSync(join(folder.path, '..', name), tls_key);
    const webhook = await client().webhooks.create({ name: 'canary', url: 'http://127.0.0.1:9/', enabled: true });
    const token = (await folder.archon(['token', 'create', '--name', 'canary', '--json'])).json().token;
    await client().webhooks.test({ id: webhook.id });
    const canaries: Canary[] = [
      { name: 'password of the database', secret: password },
      { name: 'password of Redis', secret: redis },
      { name: 'passphrase', secret: env.ARCHON_SECRET_KEY },
      { name: 'old passphrase', secret: env.ARCHON_SECRET_KEY_OLD },
      { name: 'password of the sentinels', secret: env.ARCHON_REDIS_SENTINEL_PASSWORD },
      { name: 'content of the TLS key', secret: 'K4nariTlsKeyContent' },
      { name: 'token', secret: token },
      { name: 'token of the server', secret: folder.serverFile().token },
      { name: 'secret of a webhook', secret: webhook.secret },
      ...keys().map(({ key }, n) => ({ name: `master key ${n}`, secret: key })),
    ];
    for (const pid of [server.facts.pid, process.pid]) {
      said.add(`arguments of process ${pid}`, cmdline(pid));
    }
    for (const args of [
      ['config', '--json'],
      ['doctor', '--fix'],
      ['secrets', 'status'],
      ['token', 'list'],
      ['diagnostics', '-o', 'd.zip'],
    ]) {
      const { stdout, stderr } = await folder.archon(args, { env: args[0] === 'secrets' ? {} : env });
      said.add(`archon ${args.join(' ')}`, stdout + stderr);
    }
    said.add('diagnostics.zip', readFileSync(join(folder.path, '..', 'd.zip')));
    await server.stop('SIGTERM');
    said.add('the terminal of the server', server.stderr());
    const tls = ['--server-tls-key-file', 'tls.key', '--server-tls-cert-file', 'tls.crt'];
    const beginning = await folder.archon(['serve', ...tls, '--server-port', '0'], { env: SERVER_ENV });
    said.add('a server with a TLS key that is none', beginning.stdout + beginning.stderr);
    expect(beginning).toMatchObject({ code: EXIT_CODES.usage.code, stdout: expect.any(String) });
    const away = await folder.archon(['users'], { env });
    said.add('a command whose database is away', away.stdout + away.stderr);
    expect(away.code).toBe(EXIT_CODES.store_away.code);
    said.addFolder('data folder', folder.path, (name) => name === 'secret.key');
    expect(said.leaks(canaries)).toEqual([]);
    expect(said.sources.filter((source) => source.startsWith('data folder/postgres')).length).toBeGreaterThan(100);
  });
});

/** As `ps` shows it to everybody. */
function cmdline(pid: number): string {
  return readdirSync('/proc').includes(String(pid)) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
}
