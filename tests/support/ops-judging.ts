/** Rules and alerts of the ops agent on a real history.db, as one node of several has them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpsLabels, type OpsMonitor, type OpsObservation, opsRuleDraft } from '../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../src-main/app-files.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { Alerts } from '../../src-main/ops-agent/alerts/alerts.ts';
import type { AlertChange } from '../../src-main/ops-agent/parts.ts';
import { OpsRecords } from '../../src-main/ops-agent/records/ops-records.ts';
import { RoundLog } from '../../src-main/ops-agent/records/round-log.ts';
import { Rules } from '../../src-main/ops-agent/rules/rules.ts';
import type { SecretBox } from '../../src-main/secrets/secret-box.ts';
import { type Config, defaultConfig } from '../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../src-main/settings/live-settings.ts';
import { HistoryStore } from '../../src-main/storage/history-store.ts';
import { TestClock } from './test-clock.ts';
import { silentLogger } from './test-databases.ts';

export const ORG = LOCAL_ORG_ID;
export const MINUTE_MS = 60_000;
export const as = (actor: string) => ({ org_id: ORG, actor });
export const ada = as('ada');

export const sees = (
  signal: OpsObservation['signal'],
  value: number,
  labels: OpsLabels = {},
  detail: string | null = null,
): OpsObservation => ({ signal, value, labels, detail });

/** Dead letters above a number. */
export const draftOf = (given: Partial<Parameters<typeof opsRuleDraft.parse>[0] & object> = {}) =>
  opsRuleDraft.parse({
    name: 'Mine',
    conditions: [{ signal: 'worker_overdue_seconds', operator: '>', limit: { kind: 'number', value: 10 } }],
    severity: 'medium',
    ...given,
  });

// Rules and alerts have no secrets.
const noSecrets = {} as SecretBox;

export class JudgingNode {
  readonly folder: string;
  readonly clock: TestClock;
  readonly settings: LiveSettings;
  readonly told: { actor: string; keys: string[] }[] = [];
  store!: HistoryStore;
  records!: OpsRecords;
  rounds!: RoundLog;
  rules!: Rules;
  alerts!: Alerts;

  constructor(clock = new TestClock('2026-11-30T12:00:00Z')) {
    this.folder = mkdtempSync(join(tmpdir(), 'archon-judging-'));
    this.clock = clock;
    this.settings = new LiveSettings(defaultConfig(this.folder));
    this.open();
  }

  /** As after a restart: only what is in the file is known. */
  restart(): void {
    this.store.close();
    this.open();
  }

  open(): void {
    this.store = new HistoryStore(join(this.folder, 'history.db'), sqliteMigrationsFolder);
    this.records = new OpsRecords(this.store.db, { shared: true, clock: this.clock });
    this.rounds = new RoundLog(this.store.db);
    const deps = {
      records: this.records,
      rounds: this.rounds,
      settings: this.settings,
      clock: this.clock,
      logger: silentLogger,
      secrets: noSecrets,
      node: 'test-host:1',
    };
    this.rules = new Rules({ ...deps, noteSettings: ({ actor }, keys) => this.told.push({ actor, keys }) });
    this.alerts = new Alerts({ ...deps, rules: this.rules });
  }

  set(values: Partial<Config>): void {
    this.settings.setDevice({ ...this.settings.device, ...values });
  }

  /** A round a minute after the one before. */
  round(
    observations: readonly OpsObservation[],
    { failed = [], elapsed_ms = MINUTE_MS }: { failed?: readonly OpsMonitor[]; elapsed_ms?: number } = {},
  ): readonly AlertChange[] {
    this.clock.advance({ ms: elapsed_ms });
    const round = { org_id: ORG, at_ms: this.clock.now(), elapsed_ms, observations, failed };
    return this.alerts.judge({ ...round, mode: 'automatic', paused: false });
  }

  /** What came of rounds with the same to see. */
  rounds_of(count: number, observations: readonly OpsObservation[]): string[] {
    return Array.from({ length: count }, () => this.round(observations).map(({ what }) => what)).flat();
  }

  /** Takes in what another node wrote, as if both had shared it. */
  takeFrom(other: JudgingNode): void {
    this.records.merge(ORG, other.records.unsaved(ORG, 1000));
  }

  close(): void {
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
