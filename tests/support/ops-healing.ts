/** The healing part of the ops agent on a real history.db, with alerts, rules and remediators that a test sets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type {
  OpsAlertDetail,
  OpsLabels,
  OpsMode,
  OpsRemediation,
  OpsRemediatorName,
  OpsRule,
  OpsTimelineEntry,
} from '../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../src-main/app-files.ts';
import { isoTime } from '../../src-main/clock.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { NodeReports } from '../../src-main/ops-agent/agent/node-reports.ts';
import type { OpsSources } from '../../src-main/ops-agent/deps.ts';
import type { AlertBook, Round } from '../../src-main/ops-agent/parts.ts';
import { OpsRecords } from '../../src-main/ops-agent/records/ops-records.ts';
import { RoundLog } from '../../src-main/ops-agent/records/round-log.ts';
import type { Registry } from '../../src-main/ops-agent/remediation/registry.ts';
import { Remediation } from '../../src-main/ops-agent/remediation/remediation.ts';
import { type Done, fact, type Remediator } from '../../src-main/ops-agent/remediation/remediator.ts';
import type { SecretBox } from '../../src-main/secrets/secret-box.ts';
import { type Config, defaultConfig } from '../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../src-main/settings/live-settings.ts';
import { HistoryStore } from '../../src-main/storage/history-store.ts';
import { TestClock } from './test-clock.ts';
import { silentLogger } from './test-databases.ts';

export const NODE = 'test-host:1';
export const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };

/** Alerts as the judge would have them. */
export class FakeAlerts implements AlertBook {
  readonly alerts = new Map<string, OpsAlertDetail>();
  readonly held = new Set<string>();
  readonly usedUp: string[] = [];
  readonly #now: () => string;

  constructor(now: () => string) {
    this.#now = now;
  }

  fire(rule_id: string, labels: OpsLabels = { worker: 'cleanup' }): OpsAlertDetail {
    const now = this.#now();
    const alert: OpsAlertDetail = {
      id: uuidv7(),
      fingerprint: JSON.stringify([rule_id, labels]),
      rule_id,
      rule_name: rule_id,
      severity: 'high',
      labels,
      summary: 'A worker crashes.',
      cause: null,
      advice: null,
      signal: 'worker_crashes_per_hour',
      value: 5,
      worst: 5,
      limit: 3,
      notify: true,
      state: { state: 'firing', since: now },
      started_at: now,
      ended_at: null,
      fired: 1,
      unknown_since: null,
      acknowledged: null,
      silenced_by: null,
      inhibited_by: null,
      escalation: 0,
      timeline: [],
    };
    this.alerts.set(alert.id, alert);
    return alert;
  }

  change(id: string, change: Partial<OpsAlertDetail>): void {
    const alert = this.alerts.get(id);
    if (alert) this.alerts.set(id, { ...alert, ...change });
  }

  resolve(id: string): void {
    const now = this.#now();
    this.change(id, { state: { state: 'resolved', since: now, at: now }, ended_at: now });
  }

  active(): OpsAlertDetail[] {
    return [...this.alerts.values()].filter(({ state }) => state.state !== 'resolved');
  }

  get(_org_id: string, id: string): OpsAlertDetail | undefined {
    return this.alerts.get(id);
  }

  tell(_org_id: string, id: string, entry: Omit<OpsTimelineEntry, 'at'>): void {
    this.change(id, { timeline: [...(this.alerts.get(id)?.timeline ?? []), { ...entry, at: this.#now() }] });
  }

  setCause(_org_id: string, id: string, cause: string): void {
    this.change(id, { cause });
  }

  attemptsUsedUp(_org_id: string, id: string): void {
    this.usedUp.push(id);
  }

  actionsHeld(_org_id: string, id: string): boolean {
    return this.held.has(id);
  }
}

/** A remediator that does what the test says. */
export class FakeRemediator implements Remediator {
  readonly title = 'Do something';
  readonly precondition = 'None.';
  readonly effect = 'None.';
  readonly risk = 'low';
  readonly verification = 'The test says so.';
  readonly name: OpsRemediatorName;
  done_by: Remediator['done_by'] = 'anybody';
  can_here = true;
  limit_ms = 60_000;
  blocked: string | null = null;
  /** Runs it was asked for. */
  readonly runs: OpsLabels[] = [];
  work: (signal: AbortSignal) => Promise<Partial<Done>> = async () => ({});
  check: Done['check'] = async (calm) => ({ verdict: calm ? 'helped' : 'not_yet' });

  constructor(name: OpsRemediatorName) {
    this.name = name;
  }

  targetOf(labels: OpsLabels): OpsLabels | undefined {
    if (this.done_by === 'process') return { ...labels, node: labels.node ?? NODE };
    return Object.keys(labels).length === 0 ? undefined : labels;
  }

  async targets() {
    return [{ target: { worker: 'cleanup' }, title: 'Cleanup', detail: null, blocked: this.blocked }];
  }

  async look() {
    return { what: 'Something would be done.', facts: [fact('Runs', this.runs.length)], blocked: this.blocked };
  }

  async run(_scope: unknown, target: OpsLabels, signal: AbortSignal): Promise<Done> {
    this.runs.push(target);
    const done = await this.work(signal);
    return { outcome: 'It was done.', within_ms: 600_000, check: (calm, stop) => this.check(calm, stop), ...done };
  }
}

export const remediation = (given: Partial<OpsRemediation> = {}): OpsRemediation => ({
  remediator: 'worker-restart',
  ask: false,
  cool_down_seconds: 300,
  max_attempts: 3,
  max_per_hour: 6,
  ...given,
});

export interface HealingWorld {
  clock: TestClock;
  alerts: FakeAlerts;
  /** Behind the rules with this remediator. */
  worker: FakeRemediator;
  breaker: FakeRemediator;
  records: OpsRecords;
  healing: Remediation;
  settings: LiveSettings;
  rules: Map<string, OpsRemediation>;
  /** A round, and all that it begins, to its end. */
  round(given?: { minutes?: number; mode?: OpsMode; paused?: boolean }): Promise<void>;
  /** The process ends without a word, and another begins on the same data. */
  kill(): void;
  stop(): Promise<void>;
}

export interface HealingOptions {
  settings?: Partial<Config>;
  node?: string;
  leads?: boolean;
  org_id?: string;
  /** Real ones, in place of those of the test. */
  remediators?: Partial<Registry>;
}

export function startHealing({
  settings: given = {},
  node = NODE,
  leads,
  org_id = LOCAL_ORG_ID,
  remediators = {},
}: HealingOptions = {}): HealingWorld {
  const folder = mkdtempSync(join(tmpdir(), 'archon-healing-'));
  const history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  const clock = new TestClock('2026-11-30T12:00:00.000Z');
  let grown_ms = 0;
  const settings = new LiveSettings({ ...defaultConfig(folder), ...given });
  const records = new OpsRecords(history.db, { shared: true });
  const alerts = new FakeAlerts(() => isoTime(clock.now()));
  const worker = new FakeRemediator('worker-restart');
  const breaker = new FakeRemediator('circuit-breaker-reset');
  const rules = new Map<string, OpsRemediation>([['worker-crashes', remediation()]]);
  const reports = new NodeReports({ records, node, monotonic_ms: () => grown_ms });
  const other = (name: OpsRemediatorName) => new FakeRemediator(name);
  const make = () =>
    new Remediation(
      {
        records,
        rounds: new RoundLog(history.db),
        settings,
        clock,
        logger: silentLogger,
        // Nothing that is tested with it has secrets.
        secrets: {} as SecretBox,
        node,
        ...(leads === undefined ? {} : { leads: () => leads }),
        others: () => reports.others(LOCAL_ORG_ID, { now_ms: clock.now(), interval_ms: 60_000, frozen: false }),
        // Remediators and advisors, which ask them, are those of the test.
        sources: { embedded: false } as OpsSources,
        alerts,
        rules: { all: () => [...rules].map(([id, remedy]) => ruleOf(id, remedy)) },
      },
      {
        elapsed_ms: () => grown_ms,
        advisors: [],
        remediators: {
          'circuit-breaker-reset': breaker,
          'worker-restart': worker,
          'cache-clear': other('cache-clear'),
          'event-replay': other('event-replay'),
          'cleanup-run': other('cleanup-run'),
          'reindex-advice': other('reindex-advice'),
          'table-analyze': other('table-analyze'),
          'backup-now': other('backup-now'),
          ...remediators,
        },
      },
    );
  const world = {
    clock,
    alerts,
    worker,
    breaker,
    records,
    settings,
    rules,
    healing: make(),
    round: async ({ minutes = 1, mode = 'automatic', paused = false }: Parameters<HealingWorld['round']>[0] = {}) => {
      const elapsed_ms = minutes * 60_000;
      clock.advance({ ms: elapsed_ms });
      grown_ms += elapsed_ms;
      const round: Round = {
        org_id,
        at_ms: clock.now(),
        observations: [],
        failed: [],
        elapsed_ms,
        mode,
        paused,
      };
      await world.healing.heal(round, []);
      await world.healing.idle();
      await world.healing.lookAfter();
    },
    kill: () => {
      world.healing = make();
      world.healing.start();
    },
    stop: async () => {
      await world.healing.stop();
      history.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  world.healing.start();
  return world;
}

const ruleOf = (id: string, remedy: OpsRemediation): OpsRule => ({
  id,
  name: id,
  description: '',
  advice: '',
  enabled: true,
  match: 'all',
  conditions: [],
  for_seconds: 0,
  resolve_after_seconds: 120,
  severity: 'high',
  notify: true,
  labels: {},
  remediation: remedy,
  escalation: [],
  origin: 'default',
  changed: false,
  revision: '1',
  updated_at: null,
  updated_by: null,
  limits: [],
  firing: 0,
});
