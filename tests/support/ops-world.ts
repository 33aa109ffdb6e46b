/**
 * A server with its ops agent, on real services that fail when told to, and with receivers of what it tells people. Its
 * rounds are made when a test asks for them: time is moved, not waited for.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { OpsAction, OpsAlert, OpsLabels } from '../../src-contract/index.ts';
import { LOCAL_ORG_ID, type Scope } from '../../src-main/identity/scope.ts';
import type { OpsServices } from '../../src-main/ops-agent/services.ts';
import type { Config } from '../../src-main/settings/config-schema.ts';
import { type FaultWorld, startFaultWorld, untilSo } from './fault-world.ts';
import { TestClock } from './test-clock.ts';

export const OPERATOR: Scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };

/** The clock of the computer and the one that only grows, which a test moves together. */
class MovedClock extends TestClock {
  steady_ms(): number {
    return this.now();
  }
}

export interface OpsWorld {
  world: FaultWorld;
  ops: OpsServices;
  clock: MovedClock;
  mails: readonly string[];
  slack: readonly string[];
  hooks: readonly string[];
  /** A minute passes, then the agent looks. */
  round(): Promise<void>;
  /** Likewise, once the process has taken what it measured in that minute. */
  measuredRound(): Promise<void>;
  /** Rounds of a minute, until it is so; at most so many. */
  roundsUntil(isSo: () => Promise<boolean>, most: number): Promise<void>;
  /** Newest first; only those with these labels. */
  alerts(rule: string, labels?: OpsLabels): Promise<OpsAlert[]>;
  /** Who was told what of an alert, such as `slack resolved`. */
  told(alert: OpsAlert | undefined): Promise<string[]>;
  actions(rule: string): Promise<OpsAction[]>;
  stop(): Promise<void>;
}

export async function startOpsWorld(settings: Partial<Config> = {}): Promise<OpsWorld> {
  const mails: string[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        // As quoted-printable has it: long lines are cut, and `=` is written by its number.
        mails.push(Buffer.concat(chunks).toString('utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='));
        done();
      });
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  const slack = await startReceiver();
  const hooks = await startReceiver();
  const clock = new MovedClock();
  const world = await startFaultWorld(
    {
      'ops.interval_seconds': 60,
      'alerts.group_wait_seconds': 0,
      'alerts.email_enabled': true,
      'alerts.email_to': ['ops@example.org'],
      'alerts.email_from': 'archon@example.org',
      'alerts.smtp_host': '127.0.0.1',
      'alerts.smtp_port': (smtp.server.address() as AddressInfo).port,
      'alerts.smtp_tls': 'none',
      'alerts.slack_enabled': true,
      'alerts.slack_url': slack.url,
      'alerts.webhook_enabled': true,
      'alerts.webhook_url': hooks.url,
      'alerts.webhook_secret': 'shared-with-the-receiver',
      'alerts.page_url': 'https://archon.example.org',
      'events.webhooks_allow_private': true,
      ...settings,
    },
    clock,
    'server',
  );
  const { ops } = world.server.engine.services;
  const { metrics } = world.server.engine.services;
  const look = async () => {
    await ops.agent.run(OPERATOR);
    // What it began goes on beside the round.
    await untilSo(async () => {
      const begun = await ops.actions.list(OPERATOR, { states: ['running', 'assigned'], limit: 50 });
      return begun.items.length === 0;
    });
  };
  const round = async () => {
    clock.advance({ minutes: 1 });
    await look();
  };
  return {
    world,
    ops,
    clock,
    mails,
    slack: slack.received,
    hooks: hooks.received,
    round,
    measuredRound: async () => {
      const { at } = metrics.current();
      clock.advance({ minutes: 1 });
      await untilSo(async () => metrics.current().at !== at);
      await look();
    },
    roundsUntil: async (isSo, most) => {
      for (let n = 0; n < most; n += 1) {
        await round();
        if (await isSo()) return;
      }
      const { items } = await ops.alerts.list(OPERATOR, { states: ['pending', 'firing', 'clearing'], limit: 50 });
      const told = items.map(({ rule_id, labels, state, value, severity }) => ({
        rule_id,
        labels,
        state: state.state,
        value,
        severity,
      }));
      const done = (await ops.actions.list(OPERATOR, { limit: 12 })).items.map(
        ({ remediator, state, outcome, created_at }) => [created_at, remediator, state.state, outcome],
      );
      throw new Error(`it did not come about in ${most} rounds: ${JSON.stringify({ told, done })}`);
    },
    alerts: async (rule, labels = {}) => {
      const { items } = await ops.alerts.list(OPERATOR, { rule, limit: 50 });
      return items.filter((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value));
    },
    told: async (alert) => {
      if (alert === undefined) return [];
      const { items } = await ops.channels.deliveries(OPERATOR, { alert: alert.id, states: ['sent'], limit: 50 });
      return items.map(({ kind, about }) => `${kind} ${about}`).sort();
    },
    actions: async (rule) => {
      const { items } = await ops.actions.list(OPERATOR, { limit: 200 });
      return items.filter(({ origin }) => origin.kind === 'rule' && origin.rule_id === rule);
    },
    stop: async () => {
      await world.stop();
      await Promise.all([slack.stop(), hooks.stop()]);
      await new Promise<void>((resolve) => smtp.close(resolve));
    },
  };
}

async function startReceiver() {
  const received: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(Buffer.concat(chunks).toString('utf8'));
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
