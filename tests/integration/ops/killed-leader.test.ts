/** The process that acts is killed in the midst of an action: the next one says so, and does not do it again at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsAction } from '../../../src-contract/index.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { childEnvironment } from '../../support/child-environment.ts';
import { startHealingNode } from '../../support/ops-healing-node.ts';
import type { OpsNode } from '../../support/ops-node.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const PATIENCE = { timeout: 30_000 };
const CHILD = resolve(import.meta.dirname, '../../support/ops-child.ts');
const ada = { org_id: LOCAL_ORG_ID, actor: 'ada' };

describe.runIf(postgresAvailable)('an ops agent that is killed in the midst of an action', () => {
  let test: TestDatabase;
  let folder: string;
  let child: ChildProcess | undefined;
  const nodes: OpsNode[] = [];
  beforeEach(async () => {
    const kind = databaseKinds.find(({ name }) => name === 'PostgreSQL');
    if (!kind) throw new Error('no PostgreSQL');
    test = await kind.open();
    await new Organisations(test.database).ensure(ada);
    folder = mkdtempSync(join(tmpdir(), 'archon-killed-leader-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    for (const node of nodes.splice(0)) await node.stop();
    await test.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const effects = () => readFileSync(join(folder, 'effects'), 'utf8').trim().split('\n');
  const taskOf = (name: string) => ({
    name,
    url: `${test.pool.connectionString}`,
    folder: mkdtempSync(join(folder, `${name}-`)),
    effects: join(folder, 'effects'),
  });
  const actions = (node: OpsNode): OpsAction[] =>
    node.records.list(LOCAL_ORG_ID, 'action', { limit: 10 }).map(({ document }) => document);

  /** Starts the one that acts, and kills it while it does. */
  async function killWhileActing(task: ReturnType<typeof taskOf>): Promise<void> {
    const acting = spawn(process.execPath, [CHILD, JSON.stringify(task)], {
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = acting;
    const [line] = await once(createInterface(acting.stdout), 'line');
    expect(line).toBe('acting');
    // Other nodes hear of it in a moment; on the disk it was before it began.
    await expect.poll(() => shared(), PATIENCE).toContain('running');
    acting.kill('SIGKILL');
    await once(acting, 'exit');
  }

  async function shared(): Promise<string> {
    const rows = await test.database.withScope(ada, (tx) =>
      tx.sql<{ document: string }>(`SELECT document::text AS document FROM archon_ops_records WHERE kind = 'action'`),
    );
    return rows.map(({ document }) => document).join();
  }

  async function start(task: ReturnType<typeof taskOf>): Promise<OpsNode> {
    const node = await startHealingNode(task, async () => {});
    nodes.push(node);
    await expect.poll(() => node.leads(), PATIENCE).toBe(true);
    await expect.poll(() => node.status().last_round?.error, PATIENCE).toBeNull();
    return node;
  }

  it('leaves it interrupted when it starts again: that was an attempt, and is not repeated at once', async () => {
    const task = taskOf('first');
    await killWhileActing(task);
    const again = await start(task);
    for (let rounds = 0; rounds < 3; rounds++) await again.agent.run(ada);
    expect(effects()).toEqual(['first']);
    expect(actions(again)).toMatchObject([{ node: 'first', attempt: 1, state: { state: 'interrupted' } }]);
  });

  it('is followed by another node, which knows of the action and leaves it alone', async () => {
    await killWhileActing(taskOf('first'));
    const next = await start(taskOf('second'));
    for (let rounds = 0; rounds < 3; rounds++) await next.agent.run(ada);
    expect(effects()).toEqual(['first']);
    // It cannot be known whether that process lives, until the time of the action is over.
    expect(actions(next)).toMatchObject([{ node: 'first', attempt: 1, state: { state: 'running' } }]);
  });
});
