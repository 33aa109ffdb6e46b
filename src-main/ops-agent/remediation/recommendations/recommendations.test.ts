import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../../tests/support/test-clock.ts';
import { silentLogger } from '../../../../tests/support/test-databases.ts';
import { sqliteMigrationsFolder } from '../../../app-files.ts';
import { LOCAL_ORG_ID } from '../../../identity/scope.ts';
import type { SecretBox } from '../../../secrets/secret-box.ts';
import { defaultConfig } from '../../../settings/config-schema.ts';
import { LiveSettings } from '../../../settings/live-settings.ts';
import { HistoryStore } from '../../../storage/history-store.ts';
import type { OpsSources } from '../../deps.ts';
import { OpsRecords } from '../../records/ops-records.ts';
import { RoundLog } from '../../records/round-log.ts';
import type { Advisor, Found } from './advisor.ts';
import { Recommendations } from './recommendations.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };
const other = { org_id: '00000000-0000-7000-8000-0000000000b2', actor: 'bo' };
const never = new AbortController().signal;
const found = (id: string, more: Partial<Found> = {}): Found => ({
  id,
  title: `Do ${id}`,
  detail: 'It helps.',
  impact: 'low',
  evidence: [],
  statement: null,
  apply: null,
  ...more,
});

describe('recommendations', () => {
  let folder: string;
  let history: HistoryStore;
  let clock: TestClock;
  let tells: Found[];
  let looks: number;
  let recommendations: Recommendations;
  const advisor: Advisor = {
    name: 'test',
    of: 'operator',
    look: () => {
      looks += 1;
      return tells;
    },
  };
  const broken: Advisor = { name: 'broken', of: 'organisation', look: () => Promise.reject(new Error('no')) };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-recommendations-'));
    history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
    clock = new TestClock('2026-11-30T12:00:00.000Z');
    tells = [];
    looks = 0;
    recommendations = new Recommendations(
      {
        records: new OpsRecords(history.db, { shared: false }),
        rounds: new RoundLog(history.db),
        settings: new LiveSettings(defaultConfig(folder)),
        clock,
        logger: silentLogger,
        // The advisors of the test ask nothing.
        secrets: {} as SecretBox,
        sources: {} as OpsSources,
        node: 'here:1',
      },
      [broken, advisor],
    );
  });
  afterEach(() => {
    history.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ids = () => recommendations.list(scope).items.map(({ id }) => id);
  const look = () => recommendations.refresh(scope, never);

  it('are looked for in the first round, and then every ten minutes of rounds', async () => {
    for (let minute = 0; minute < 25; minute += 1) {
      recommendations.round({ org_id: LOCAL_ORG_ID, elapsed_ms: 60_000 }, never);
      await recommendations.idle();
    }
    expect(looks).toBe(3);
  });

  it('stand with the most important first, whatever one advisor fails with', async () => {
    tells = [found('a'), found('b', { impact: 'high' }), found('c', { impact: 'medium' })];
    await look();
    expect(ids()).toEqual(['b', 'c', 'a']);
    expect(recommendations.list(scope).looked_at).toBe('2026-11-30T12:00:00.000Z');
  });

  it('of what all share are not those of an organisation', async () => {
    tells = [found('a')];
    await recommendations.refresh(other, never);
    expect(recommendations.list(other).items).toEqual([]);
    expect(looks).toBe(0);
  });

  it('keep since when they hold, and are gone a day after they do not', async () => {
    tells = [found('a')];
    await look();
    clock.advance({ minutes: 30 });
    await look();
    expect(recommendations.list(scope).items[0]).toMatchObject({
      found_at: '2026-11-30T12:00:00.000Z',
      seen_at: '2026-11-30T12:30:00.000Z',
    });
    tells = [];
    clock.advance({ days: 1 });
    await look();
    expect(ids()).toEqual(['a']);
    clock.advance({ minutes: 1 });
    await look();
    expect(ids()).toEqual([]);
    expect(() => recommendations.toApply(scope, 'a')).toThrow('There is no recommendation');
  });

  it('that a person left stay so, also when they come back after a while', async () => {
    tells = [found('a')];
    await look();
    expect(recommendations.dismiss(scope, { recommendation: 'a', dismissed: true }).state).toMatchObject({ by: 'ada' });
    tells = [];
    clock.advance({ days: 5 });
    await look();
    expect(ids()).toEqual([]);
    tells = [found('a')];
    await look();
    expect(recommendations.list(scope).items[0]?.state.state).toBe('dismissed');
    expect(recommendations.open(scope)).toEqual([]);
    recommendations.dismiss(scope, { recommendation: 'a', dismissed: false });
    expect(recommendations.open(scope)).toHaveLength(1);
  });

  it('are done once, and open again when they hold a day later all the same', async () => {
    tells = [found('a', { apply: { remediator: 'backup-now', target: {} } }), found('b')];
    await look();
    expect(recommendations.toApply(scope, 'a').apply.remediator).toBe('backup-now');
    expect(() => recommendations.toApply(scope, 'b')).toThrow('does not do this by itself');
    recommendations.applied(scope, 'a', '0199d3a0-0000-7000-8000-000000000001');
    expect(() => recommendations.toApply(scope, 'a')).toThrow('already');
    await look();
    expect(recommendations.open(scope).map(({ id }) => id)).toEqual(['b']);
    clock.advance({ days: 1, minutes: 1 });
    await look();
    expect(recommendations.open(scope)).toHaveLength(2);
  });
});
