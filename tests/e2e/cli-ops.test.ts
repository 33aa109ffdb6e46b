/** `archon ops`: on a running server, on a data folder, and alone beside servers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpsAlertDetail } from '../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../src-main/app-files.ts';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { OpsRecords } from '../../src-main/ops-agent/records/ops-records.ts';
import { HistoryStore } from '../../src-main/storage/history-store.ts';
import { archonHere, type HereOptions } from '../support/cli-here.ts';
import { DataFolder, type RunningServer } from '../support/cli-process.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../support/postgres-server.ts';

const NOBODY = '0198c2f0-0000-7000-8000-000000000001';
const runOn = async (folder: DataFolder, args: readonly string[], options: Partial<HereOptions> = {}) => {
  const place = { data_dir: folder.path, working_dir: join(folder.path, '..') };
  return await archonHere(['ops', ...args], { ...place, isTTY: false, ...options });
};

describe('archon ops on a running server', () => {
  let folder: DataFolder;
  let server: RunningServer;
  beforeAll(async () => {
    folder = DataFolder.withDatabase();
    server = await folder.serve();
  });
  afterAll(async () => {
    await server.stop();
    await folder.remove();
  });
  const ops = (...args: string[]) => runOn(folder, args);
  const json = async (...args: string[]) => JSON.parse((await ops(...args, '--json')).stdout);

  it('says how the agent is, has it look, pauses it and lets it act again', async () => {
    const looked = await json('status', '--look');
    expect(looked).toMatchObject({ mode: 'automatic', paused: null, last_round: { trigger: 'person' } });
    const paused = await ops('pause', '--for', '2h', '--reason', 'the disk is being replaced');
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringMatching(/does nothing until .* \(UTC\)/) });
    const status = await ops('status');
    expect(status.stdout).toMatch(/paused +by .*the disk is being replaced.*until 2/);
    expect((await ops('resume')).stdout).toContain('The agent acts again, in mode automatic.');
    expect((await json('status')).paused).toBeNull();
    expect(await ops('pause', '--for', 'tomorrow')).toMatchObject({ code: EXIT_CODES.usage.code });
  });

  it('keeps alerts quiet, and says what is missing or unknown', async () => {
    const usage = EXIT_CODES.usage.code;
    const asked: [string[], string][] = [
      [[], 'Say which alerts'],
      [['--match', 'rule=disk-full', '--all'], 'Say which alerts'],
      [['--match', 'rule=disk-full'], 'Say how long: --for 2h'],
      [['--match', 'rule=disk-full', '--for', '2h'], 'Say why'],
      [['--match', 'rule=disc-full', '--for', '2h', '--reason', 'x'], 'Is it disk-full?'],
      [['--match', 'disk-full', '--for', '2h', '--reason', 'x'], 'such as rule=dead-letters'],
    ];
    for (const [args, words] of asked) {
      expect(await ops('silence', ...args)).toMatchObject({ code: usage, stderr: expect.stringContaining(words) });
    }
    const silence = await json(
      'silence',
      '--match',
      'rule=disk-full',
      '--for',
      '2h',
      '--reason',
      'moved',
      '--hold-actions',
    );
    expect(silence).toMatchObject({
      matchers: [{ label: 'rule', value: 'disk-full' }],
      hold_actions: true,
      status: 'holds',
    });
    const { from, to } = silence.time;
    expect(Date.parse(to) - Date.parse(from)).toBe(7_200_000);
    expect((await ops('silence', '--list')).stdout).toContain('rule=disk-full');
    expect((await ops('silence', '--end', silence.id)).stdout).toContain('Ended rule=disk-full');
    expect((await json('silence', '--list')).items[0]).toMatchObject({
      status: 'over',
      ended: { by: expect.any(String) },
    });
  });

  it('lists alerts and actions, and knows none that there is not', async () => {
    expect(await ops('alerts')).toMatchObject({ code: 0 });
    expect(await ops('actions', '--state', 'helped')).toMatchObject({ code: 0, stderr: 'There are none.\n' });
    const missing = EXIT_CODES.not_found.code;
    expect(await ops('alerts', NOBODY)).toMatchObject({ code: missing });
    expect(await ops('approve', NOBODY)).toMatchObject({ code: missing });
    expect(await ops('alerts', '--state', 'loud')).toMatchObject({
      code: EXIT_CODES.usage.code,
      stderr: expect.stringContaining('There are: pending, firing'),
    });
  });

  it('makes a report, writes it and prints it; sends it where somebody takes it', async () => {
    const out = join(folder.path, '..', 'report.html');
    expect(await ops('report', '--last')).toMatchObject({ code: EXIT_CODES.not_found.code });
    expect(await ops('report', '--format', 'html', '--out', out)).toMatchObject({ code: 0 });
    expect(readFileSync(out, 'utf8')).toContain('<!doctype html>');
    expect(await ops('report', '--out', out)).toMatchObject({ code: EXIT_CODES.usage.code });
    const printed = await ops('report', '--last');
    expect(printed.stdout).toContain('| Uptime |');
    const report = await json('report', '--last');
    expect(report).toMatchObject({ trigger: 'person', data: { figures: expect.any(Array) } });
    const values = new Map(report.data.figures.map((one: { key: string; value: unknown }) => [one.key, one.value]));
    expect(values.get('memories_added')).toBe(0);
    expect(await ops('report', '--last', '--send')).toMatchObject({
      code: EXIT_CODES.failed.code,
      stderr: expect.stringContaining('No channel takes reports'),
    });
  });
});

describe('archon ops on a data folder', () => {
  it('ends with a code of its own while something critical fires', async () => {
    const folder = DataFolder.withDatabase();
    try {
      fire(folder);
      const { code, stdout } = await runOn(folder, ['status']);
      expect(stdout).toContain('off: ');
      expect(stdout).toContain('The database is away');
      expect(code).toBe(EXIT_CODES.alerting.code);
    } finally {
      await folder.remove();
    }
  });
});

/** As an agent leaves it whose process was ended. */
function fire(folder: DataFolder): void {
  const history = new HistoryStore(join(folder.path, 'history.db'), sqliteMigrationsFolder);
  const at = new Date().toISOString();
  const alert: OpsAlertDetail = {
    id: NOBODY,
    fingerprint: 'component-unhealthy database',
    rule_id: 'component-unhealthy',
    rule_name: 'A component is unhealthy',
    severity: 'critical',
    labels: { component: 'database' },
    summary: 'The database is away',
    cause: null,
    advice: null,
    signal: 'component_status',
    value: 2,
    worst: 2,
    limit: 2,
    notify: true,
    state: { state: 'firing', since: at },
    started_at: at,
    ended_at: null,
    fired: 1,
    unknown_since: null,
    acknowledged: null,
    silenced_by: null,
    inhibited_by: null,
    escalation: 0,
    timeline: [],
  };
  const records = new OpsRecords(history.db, { shared: false });
  records.put(LOCAL_ORG_ID, 'alert', { id: alert.id, at_ms: Date.now(), open: true, document: alert });
  history.close();
}

describe('archon ops run', () => {
  it('is refused on the embedded database, in words that say what to do', async () => {
    const folder = new DataFolder();
    const refused = await runOn(folder, ['run']);
    expect(refused).toMatchObject({ code: EXIT_CODES.usage.code, stderr: expect.stringContaining('Set database.url') });
    await folder.remove();
  });

  describe.runIf(postgresAvailable)('beside servers on PostgreSQL', () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres({ fsync: 'off' });
    });
    afterAll(() => postgres.remove());

    it('is paused by a command on a folder where nothing runs, and every node hears of it', async () => {
      const [here, there] = [new DataFolder(), new DataFolder()];
      const env = { ARCHON_DATABASE_URL: await postgres.createDatabase('ops_pause') };
      expect(await runOn(here, ['pause', '--reason', 'hands off'], { env })).toMatchObject({ code: 0, stderr: '' });
      const status = async () => JSON.parse((await runOn(there, ['status', '--json'], { env })).stdout);
      expect(await status()).toMatchObject({ paused: { reason: 'hands off' }, storage: { unsaved: 0 } });
      expect(await runOn(here, ['resume'], { env })).toMatchObject({ code: 0 });
      expect((await status()).paused).toBeNull();
      await here.remove();
      await there.remove();
    });

    it('runs until it is told to stop, and has a folder and a log of its own', async () => {
      const folder = new DataFolder();
      const env = { ARCHON_DATABASE_URL: await postgres.createDatabase('ops_run') };
      const ended = await runOn(folder, ['run', '--log-level', 'info'], { env, stop_after: /The ops agent runs here/ });
      expect(ended).toMatchObject({ code: 0 });
      expect(existsSync(join(folder.path, 'ops-agent', 'history.db'))).toBe(true);
      expect(readdirSync(join(folder.path, 'logs'))).toContain(`ops-${process.pid}.log`);
      expect(existsSync(join(folder.path, 'server.json'))).toBe(false);
      await folder.remove();
    });
  });
});
