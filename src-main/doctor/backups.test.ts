import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { type Config, defaultConfig } from '../settings/config-schema.ts';
import { backupsCheck } from './backups.ts';

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

let data_dir: string;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-doctor-'));
  mkdirSync(join(data_dir, 'backups'));
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

const look = async (settings: Partial<Config> = {}) => {
  const [finding] = await backupsCheck.run({
    config: { ...defaultConfig(data_dir), ...settings },
    clock: systemClock,
    server: undefined,
  });
  return finding;
};
const databaseMade = (hours: number) => {
  mkdirSync(join(data_dir, 'postgres'));
  writeFileSync(join(data_dir, 'postgres', 'PG_VERSION'), '18');
  utimesSync(join(data_dir, 'postgres', 'PG_VERSION'), hoursAgo(hours), hoursAgo(hours));
};
const backupMade = (hours: number) =>
  writeFileSync(
    join(data_dir, 'backups', `archon-${hoursAgo(hours).toISOString().replaceAll(':', '-')}.tar.gz`),
    'x'.repeat(1500),
  );

const late = { status: 'warning', advice: expect.stringContaining('`archon backup`') };

describe('what doctor says of backups', () => {
  it('has nothing to say before there is a database, or where a server has it', async () => {
    expect(await look()).toMatchObject({ status: 'ok', detail: 'nothing to back up yet' });
    databaseMade(1000);
    expect(await look({ 'database.url': 'postgres://db/archon' })).toMatchObject({ status: 'ok' });
  });

  it('gives a new database its time, and no more', async () => {
    databaseMade(2);
    expect(await look()).toMatchObject({ status: 'ok', detail: 'none yet' });
    expect(await look({ 'backup.interval_hours': 1 })).toMatchObject({ status: 'ok' });
    utimesSync(join(data_dir, 'postgres', 'PG_VERSION'), hoursAgo(80), hoursAgo(80));
    expect(await look()).toMatchObject({ ...late, detail: 'none yet' });
  });

  it('tells the age of the newest and warns when it is older than three intervals', async () => {
    databaseMade(1000);
    backupMade(80);
    expect(await look()).toMatchObject({ ...late, detail: expect.stringMatching(/^the newest is 80 h .*1\.5 kB/) });
    expect(await look({ 'backup.interval_hours': 48 })).toMatchObject({ status: 'ok' });
    backupMade(70);
    expect(await look()).toMatchObject({ status: 'ok', detail: expect.stringContaining('70 h') });
  });

  it('does not miss what is turned off', async () => {
    databaseMade(1000);
    expect(await look({ 'backup.interval_hours': 0 })).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('backup.interval_hours is 0'),
    });
  });
});
