/** The page of the workers: how they are, and everything that can be done with them. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { visibleText } from '../../src-renderer/ui/content/visible-text.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { agentOf, numbered, writeWorking } from '../support/ui-agent.ts';
import { Calls } from '../support/ui-calls.ts';
import { HOSTILE_TEXTS } from '../support/ui-hostile-texts.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { LayoutShifts, overflows } from '../support/ui-layout.ts';
import { type Outage, outageOf } from '../support/ui-outage.ts';
import {
  dialog,
  eventually,
  offlineBanner,
  PATIENCE_MS,
  toast,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';
import {
  act,
  closeWorker,
  expectState,
  factOf,
  healthSentence,
  newestRun,
  nodeRows,
  openRuns,
  openWorkers,
  runRows,
  showAilingWorkers,
  visitWorkers,
  workerCard,
  workerDrawer,
} from '../support/ui-workers-page.ts';
import { sampleHealth } from '../support/worker-samples.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: workers', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let calls: Calls;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    calls = await Calls.of(ui);
    await waitForFirstRun(ui.page);
    await writeWorking(agent, 'ada', numbered('note', 40));
    await waitForInspector(ui.page);
    await openWorkers(ui.page);
  });
  afterAll(() => ui?.close());

  const scheduleDialog = (title: string) => dialog(ui.page, `Schedule of ${title}`);

  it('says in a sentence that all of them are well, and on which node', async () => {
    await healthSentence(ui.page).getByText('All 5 workers are well.', { exact: true }).waitFor();
    expect(await ui.page.getByRole('article').count()).toBe(5);
    await eventually(() => nodeRows(ui.page).count()).toBe(1);
    const [row] = await nodeRows(ui.page).allInnerTexts();
    expect(row).toMatch(
      host.kind === 'server' ? /Server\s+Live\s+automatic\s+100 %/ : /Desktop app\s+Live\s+automatic/,
    );
  });

  it('runs one now: its run is in the log, with what it looked at', async () => {
    await act(ui.page, 'Consolidation', 'Run now');
    await toast(ui.page, 'Consolidation was asked to run.').waitFor();
    await openRuns(ui.page, 'Consolidation');
    await eventually(async () => (await newestRun(ui.page)).Outcome).toBe('Succeeded');
    const [run] = (await agent.workers.runs({ worker: 'consolidation' })).items;
    expect(run?.items).toBeGreaterThanOrEqual(40);
    expect(await newestRun(ui.page)).toMatchObject({
      Trigger: 'By hand',
      By: run?.requested_by,
      Node: run?.node_name,
      'Looked at': String(run?.items),
      Changed: String(run?.changed),
      Error: '',
    });
    await runRows(ui.page).first().click();
    await workerDrawer(ui.page)
      .getByRole('region', { name: 'Details of the run' })
      .getByText(run?.run_id ?? '')
      .waitFor();
    await closeWorker(ui.page);
    expect(await factOf(ui.page, 'Consolidation', 'Last run')).toMatch(/^Succeeded .*4\d looked at/);
    await workerCard(ui.page, 'Consolidation')
      .getByRole('img', { name: /^Duration of the last 1 run: .* none failed$/ })
      .waitFor();
  });

  it('pauses one: it has no next run, and everybody can see who paused it', async () => {
    expect(await factOf(ui.page, 'Cleanup', 'Next run')).toMatch(/^in \d+ min/);
    await act(ui.page, 'Cleanup', 'Pause');
    await toast(ui.page, 'Cleanup is paused.').waitFor();
    await expectState(ui.page, 'Cleanup', 'Paused');
    expect(await factOf(ui.page, 'Cleanup', 'Next run')).toBe('none');
    expect((await agent.workers.get({ worker: 'cleanup' })).next_run_at).toBeNull();
    await healthSentence(ui.page).getByText('All 5 workers are well. Cleanup is paused.').waitFor();
    await visitWorkers(ui.page, '?worker=cleanup');
    await workerDrawer(ui.page)
      .getByText(/^Paused by .+, for \d+ s\.$/)
      .waitFor();
    await workerDrawer(ui.page).getByRole('region', { name: 'History of its state' }).getByText('Paused').waitFor();
    await closeWorker(ui.page);
  });

  it('runs a paused one when asked to, and resumes it', async () => {
    const before = (await agent.workers.get({ worker: 'cleanup' })).counts.runs;
    await act(ui.page, 'Cleanup', 'Run now');
    await eventually(async () => (await agent.workers.get({ worker: 'cleanup' })).counts.runs).toBe(before + 1);
    await expectState(ui.page, 'Cleanup', 'Paused');
    await act(ui.page, 'Cleanup', 'Resume');
    await expectState(ui.page, 'Cleanup', 'Scheduled');
    await eventually(() => factOf(ui.page, 'Cleanup', 'Next run')).toMatch(/^in \d+ min/);
  });

  it('is steered with the keyboard: P pauses and resumes, R runs the focused one', async () => {
    const card = ui.page.getByRole('button', { name: 'Details of Retention' });
    await card.focus();
    await ui.page.keyboard.press('p');
    await expectState(ui.page, 'Retention', 'Paused');
    await ui.page.keyboard.press('p');
    await expectState(ui.page, 'Retention', 'Scheduled');
    await ui.page.keyboard.press('r');
    await eventually(async () => (await agent.workers.get({ worker: 'retention' })).counts.runs).toBe(1);
    await eventually(() => factOf(ui.page, 'Retention', 'Last run')).toMatch(/^Succeeded/);
    // Of no other, and not while a menu has the keys.
    expect((await agent.workers.get({ worker: 'event-retry' })).state.state).not.toBe('paused');
    await ui.page.getByRole('button', { name: 'More for Retention' }).click();
    await ui.page.getByRole('menuitem', { name: 'Restart' }).waitFor();
    await ui.page.keyboard.press('p');
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('menu').waitFor({ state: 'detached' });
    expect((await agent.workers.get({ worker: 'retention' })).state.state).toBe('scheduled');
    await card.focus();
    await ui.page.keyboard.press('?');
    await dialog(ui.page, 'Keyboard shortcuts').getByText('Run the focused worker now').waitFor();
    await ui.page.keyboard.press('Escape');
  });

  it('gives one another interval', async () => {
    await act(ui.page, 'Consolidation', 'Change schedule');
    const form = scheduleDialog('Consolidation');
    await form.getByText('Now: every 15 minutes, as the configuration says.').waitFor();
    await form.getByLabel('Every', { exact: true }).fill('soon');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('A whole number from 1 on.').waitFor();
    await form.getByLabel('Every', { exact: true }).fill('2');
    await form.getByLabel('Unit').selectOption('hour');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await eventually(() => factOf(ui.page, 'Consolidation', 'Schedule')).toBe('every 2 hours');
    await eventually(() => factOf(ui.page, 'Consolidation', 'Next run')).toMatch(/^in 1 h 59 min/);
  });

  it('says what is wrong with a cron expression or a time zone, and keeps what was typed', async () => {
    await act(ui.page, 'Consolidation', 'Change schedule');
    const form = scheduleDialog('Consolidation');
    await form.getByText('At certain times').click();
    await form.getByLabel('Cron expression').fill('61 3 * * *');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText(/^It must be a cron expression: minute, hour, day/).waitFor();
    expect(await form.getByLabel('Cron expression').inputValue()).toBe('61 3 * * *');
    expect(await form.getByLabel('Cron expression').getAttribute('aria-invalid')).toBe('true');
    await form.getByLabel('Cron expression').fill('0 3 * * 1-5');
    await form.getByText('Runs at 03:00 from Monday to Friday.').waitFor();
    await form.getByLabel('Time zone').fill('Europe/Atlantis');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('It must be a time zone such as Europe/Berlin.').waitFor();
    await form.getByLabel('Time zone').fill('Europe/Berlin');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await eventually(() => factOf(ui.page, 'Consolidation', 'Schedule')).toBe(
      'at 03:00 from Monday to Friday (Europe/Berlin)0 3 * * 1-5',
    );
  });

  it('runs one only when asked to, and goes back to the default', async () => {
    await act(ui.page, 'Consolidation', 'Change schedule');
    const form = scheduleDialog('Consolidation');
    await form.getByText('Only when asked').click();
    await form.getByRole('button', { name: 'Save' }).click();
    await expectState(ui.page, 'Consolidation', 'Idle');
    expect(await factOf(ui.page, 'Consolidation', 'Next run')).toBe('none');
    await act(ui.page, 'Consolidation', 'Change schedule');
    await form.getByRole('button', { name: 'Back to the default: every 15 minutes' }).click();
    await form.waitFor({ state: 'detached' });
    await expectState(ui.page, 'Consolidation', 'Scheduled');
    expect((await agent.workers.get({ worker: 'consolidation' })).schedule_source).toBe('default');
  });

  it('takes the way back to the default back', async () => {
    const source = async () => (await agent.workers.get({ worker: 'consolidation' })).schedule_source;
    const undone = toast(ui.page, 'Consolidation is back on its default schedule.');
    await undone.getByRole('button', { name: 'Undo' }).click();
    await expectState(ui.page, 'Consolidation', 'Idle');
    expect((await agent.workers.get({ worker: 'consolidation' })).schedule).toEqual({ kind: 'manual' });
    await agent.workers.setSchedule({ worker: 'consolidation', schedule: null });
    await expectState(ui.page, 'Consolidation', 'Scheduled');
    expect(await source()).toBe('default');
  });

  it('asks before a changed schedule is left', async () => {
    await act(ui.page, 'Consolidation', 'Change schedule');
    const form = scheduleDialog('Consolidation');
    await form.getByLabel('Every', { exact: true }).fill('7');
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('button', { name: 'Keep editing' }).click();
    expect(await form.getByLabel('Every', { exact: true }).inputValue()).toBe('7');
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('button', { name: 'Discard changes' }).click();
    await form.waitFor({ state: 'detached' });
    await act(ui.page, 'Consolidation', 'Change schedule');
    await ui.page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
  });

  it('restarts one that does not run without asking', async () => {
    const before = (await agent.workers.get({ worker: 'retention' })).counts.runs;
    await act(ui.page, 'Retention', 'Restart');
    await toast(ui.page, 'Retention was restarted.').waitFor();
    await eventually(async () => (await agent.workers.get({ worker: 'retention' })).counts.runs).toBe(before + 1);
  });

  it('opens what a link names: a worker, its runs, only those that failed', async () => {
    await ui.page.reload();
    await visitWorkers(ui.page, '?worker=consolidation&view=runs');
    await workerDrawer(ui.page).getByRole('heading', { name: 'Consolidation' }).waitFor();
    await eventually(() => runRows(ui.page).count()).toBe(1);
    await workerDrawer(ui.page).getByRole('switch', { name: 'Failed runs only' }).click();
    await workerDrawer(ui.page).getByText('No run failed').waitFor();
    expect(new URL(ui.page.url()).search).toMatch(/failed=true/);
    await ui.page.reload();
    await workerDrawer(ui.page).getByText('No run failed').waitFor({ timeout: PATIENCE_MS });
    await ui.page.keyboard.press('Escape');
    await workerDrawer(ui.page).waitFor({ state: 'detached' });
    // Also from the card behind it.
    await visitWorkers(ui.page, '?worker=consolidation');
    await workerDrawer(ui.page).getByRole('heading', { name: 'Consolidation' }).waitFor();
    await workerCard(ui.page, 'Consolidation').focus();
    await ui.page.keyboard.press('Escape');
    await workerDrawer(ui.page).waitFor({ state: 'detached' });
    await visitWorkers(ui.page, '?worker=nobody');
    await workerDrawer(ui.page).getByText('None is called “nobody”.').waitFor();
    await closeWorker(ui.page);
  });

  it('shows what others do at once, and moves nothing', async () => {
    const shifts = await LayoutShifts.watch(ui.page);
    await agent.workers.pause({ worker: 'event-retry' });
    await expectState(ui.page, 'Event retry', 'Paused');
    await agent.workers.resume({ worker: 'event-retry' });
    await expectState(ui.page, 'Event retry', 'Scheduled');
    const before = (await agent.workers.get({ worker: 'consolidation' })).counts.runs;
    await agent.workers.runNow({ worker: 'consolidation' });
    const runs = workerCard(ui.page, 'Consolidation').getByRole('img', {
      name: new RegExp(`last ${before + 1} runs:`),
    });
    await runs.waitFor();
    expect(await shifts.seen()).toBeLessThan(0.01);
  });

  it('asks again by itself where no events come', async () => {
    await calls.hold('events/stream');
    await ui.page.reload();
    await ui.page.getByRole('article').first().waitFor({ timeout: PATIENCE_MS });
    await agent.workers.pause({ worker: 'event-retry' });
    await expectState(ui.page, 'Event retry', 'Paused');
    await agent.workers.resume({ worker: 'event-retry' });
    await expectState(ui.page, 'Event retry', 'Scheduled');
    await calls.mend();
  });

  it('says why something could not be done, and shows how it is', async () => {
    await calls.fail('workers/pause');
    await act(ui.page, 'Cleanup', 'Pause');
    await toast(ui.page, `Cleanup could not be paused: ${calls.message}`).waitFor();
    await expectState(ui.page, 'Cleanup', 'Scheduled');
    await calls.mend();
  });

  it('shows workers in every state, long errors and fifty nodes', async () => {
    await showAilingWorkers(calls);
    await expectState(ui.page, 'Retention', 'Crashed');
    await expectState(ui.page, 'Cleanup', 'Backing off');
    await healthSentence(ui.page).getByText('2 of 5 workers are not well.').waitFor();
    const health = ui.page.getByRole('region', { name: 'Health of the workers' });
    await health.getByText('Mend what the error says, then restart it.').waitFor();
    await health.getByText('No node is there for 25 % of the users.').waitFor();
    expect(await nodeRows(ui.page).count()).toBe(50);
    expect(await nodeRows(ui.page).nth(1).innerText()).toMatch(/Lost[\s\S]*start it again with --shard 2\/4/);
    expect(await overflows(ui.page)).toEqual([]);
    await health.getByRole('button', { name: 'Retention is out of service.' }).click();
    await workerDrawer(ui.page)
      .getByRole('region', { name: 'Last error' })
      .getByText(/connection refused/)
      .waitFor();
    await closeWorker(ui.page);
    // Without a node it cannot run, and says so to who asks.
    const run = workerCard(ui.page, 'Event retry').getByRole('button', { name: 'Run now' });
    expect(await run.getAttribute('aria-disabled')).toBe('true');
    await run.focus();
    await ui.page.keyboard.press('r');
    await toast(ui.page, 'No live node is there for it').waitFor();
    await calls.mend();
  });

  it('shows whatever an error says as text', async () => {
    const watch = new PageWatch(ui.page);
    await watch.setTrap();
    const text = HOSTILE_TEXTS.join('\n');
    await showAilingWorkers(calls, text);
    await visitWorkers(ui.page, '?worker=retention');
    const shown = workerDrawer(ui.page).getByRole('region', { name: 'Last error' });
    await eventually(async () => ((await shown.textContent()) ?? '').includes(visibleText(text))).toBe(true);
    expect(await overflows(ui.page)).toEqual([]);
    await workerDrawer(ui.page).getByRole('tab', { name: 'Runs' }).click();
    await runRows(ui.page).first().waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    await closeWorker(ui.page);
    expect(await watch.faults()).toEqual([]);
    await calls.mend();
  });

  it('says which setting has them run when nobody runs them, and when there are none', async () => {
    const none = sampleHealth([], { status: 'unhealthy', nodes: { live: 0, lost: 0 }, unassigned: 1 });
    await calls.answer('workers/health', none);
    await calls.answer('workers/nodes', { items: [] });
    await calls.answer('workers/list', { items: [] });
    await visitWorkers(ui.page);
    await healthSentence(ui.page).getByText('No process runs workers.').waitFor();
    await ui.page.getByText('There are no workers here').waitFor();
    expect(await ui.page.getByText(/workers\.enabled/).count()).toBe(2);
    await ui.page.getByText('No process runs workers, or has done so lately.').waitFor();
    await calls.mend();
  });

  it('says that they cannot be read, and tries again when asked to', async () => {
    await calls.fail('workers/list', 'workers/health', 'workers/nodes');
    await ui.page.reload();
    await ui.page.getByRole('main').getByText(calls.message).first().waitFor({ timeout: PATIENCE_MS });
    await calls.mendAndPress(ui.page.getByRole('main').getByRole('button', { name: 'Try again' }).first());
    await workerCard(ui.page, 'Consolidation').waitFor();
  });

  // Real Electron would take its page along.
  it.runIf(host.name !== 'desktop (Electron)')(
    'keeps what was read while the engine is away, and does nothing',
    async () => {
      const outage: Outage = await outageOf(ui);
      try {
        await ui.page.getByRole('article').first().waitFor({ timeout: PATIENCE_MS });
        await outage.begin();
        await offlineBanner(ui.page).waitFor({ timeout: PATIENCE_MS });
        const pause = workerCard(ui.page, 'Cleanup').getByRole('button', { name: 'Pause' });
        await eventually(() => pause.getAttribute('aria-disabled')).toBe('true');
        // It can be asked why, all the same.
        await pause.focus();
        await ui.page.keyboard.press('p');
        await toast(ui.page, 'Archon cannot be reached right now.').waitFor();
        expect(await ui.page.getByRole('article').count()).toBe(5);
        await outage.end();
        await agentOf(outage).workers.pause({ worker: 'cleanup' });
        await expectState(ui.page, 'Cleanup', 'Paused');
        await eventually(() =>
          workerCard(ui.page, 'Cleanup').getByRole('button', { name: 'Resume' }).getAttribute('aria-disabled'),
        ).toBe(null);
        await act(ui.page, 'Cleanup', 'Resume');
        await expectState(ui.page, 'Cleanup', 'Scheduled');
      } finally {
        await outage.remove();
      }
    },
  );
});

describe.runIf(chromiumAvailable && postgresAvailable).each(pageHosts())(
  '$name: workers that take long or fail',
  (host) => {
    let server: PostgresServer;
    let database: pg.Client;
    let ui: OpenUi;
    let agent: ArchonClient;
    beforeAll(async () => {
      server = await startPostgres({ fsync: 'off' });
      const url = await server.createDatabase('archon');
      ui = await host.open({ env: { ARCHON_DATABASE_URL: url } });
      agent = agentOf(ui);
      database = new pg.Client(url);
      await database.connect();
      await waitForFirstRun(ui.page);
      await openWorkers(ui.page);
    });
    afterAll(async () => {
      await database?.end();
      await ui?.close();
      await server?.remove();
    });

    /** The last thing a cleanup does waits until the lock is let go. */
    const block = async () => {
      await database.query('BEGIN');
      await database.query('LOCK TABLE archon_idempotency_keys IN ACCESS EXCLUSIVE MODE');
    };
    const letGo = () => database.query('ROLLBACK');

    it('cancels what one does, after a question', async () => {
      await block();
      await act(ui.page, 'Cleanup', 'Run now');
      await expectState(ui.page, 'Cleanup', 'Running');
      await workerCard(ui.page, 'Cleanup')
        .getByText(/^Running for \d+ s: /)
        .waitFor();
      await visitWorkers(ui.page, '?worker=cleanup');
      await workerDrawer(ui.page)
        .getByRole('region', { name: 'At work' })
        .getByText(/^\d+ s$/)
        .waitFor();
      const run = workerDrawer(ui.page).getByRole('button', { name: 'Run now' });
      expect(await run.getAttribute('aria-disabled')).toBe('true');
      await closeWorker(ui.page);
      await act(ui.page, 'Cleanup', 'Cancel the run');
      const question = ui.page.getByRole('alertdialog', { name: 'Cancel what Cleanup does?' });
      await question.getByRole('button', { name: 'Let it run' }).click();
      await expectState(ui.page, 'Cleanup', 'Running');
      await act(ui.page, 'Cleanup', 'Cancel the run');
      await question.getByRole('button', { name: 'Cancel the run' }).click();
      await toast(ui.page, 'Cleanup was cancelled.').waitFor();
      await expectState(ui.page, 'Cleanup', 'Scheduled');
      await letGo();
      await openRuns(ui.page, 'Cleanup');
      await eventually(async () => (await newestRun(ui.page)).Outcome).toBe('Cancelled');
      await closeWorker(ui.page);
    });

    it('restarts one that runs after a question: the run is cancelled, another one does it all', async () => {
      await block();
      await act(ui.page, 'Cleanup', 'Run now');
      await expectState(ui.page, 'Cleanup', 'Running');
      const [first] = (await agent.workers.get({ worker: 'cleanup' })).active_runs;
      await act(ui.page, 'Cleanup', 'Restart');
      const question = ui.page.getByRole('alertdialog', { name: 'Restart Cleanup while it runs?' });
      await question.getByRole('button', { name: 'Restart it' }).click();
      await toast(ui.page, 'Cleanup was restarted.').waitFor();
      await letGo();
      await openRuns(ui.page, 'Cleanup');
      await eventually(async () => (await newestRun(ui.page)).Outcome).toBe('Succeeded');
      const { items } = await agent.workers.runs({ worker: 'cleanup' });
      expect(items.find(({ run_id }) => run_id === first?.run_id)?.status).toBe('cancelled');
      expect(items[0]?.run_id).not.toBe(first?.run_id);
      await closeWorker(ui.page);
    });

    it('says why one fails and since when, and that it does well again', async () => {
      await database.query('ALTER TABLE archon_idempotency_keys RENAME TO archon_elsewhere');
      await act(ui.page, 'Cleanup', 'Run now');
      await expectState(ui.page, 'Cleanup', 'Backing off');
      const health = ui.page.getByRole('region', { name: 'Health of the workers' });
      await health.getByText('1 of 5 workers is not well.').waitFor();
      await health.getByText(/archon_idempotency_keys/).waitFor();
      await health.getByText(/Since \d+ \w+ \d+, \d\d:\d\d/).waitFor();
      await visitWorkers(ui.page, '?worker=cleanup&view=runs&failed=true');
      await eventually(async () => (await newestRun(ui.page)).Outcome).toBe('Failed');
      expect((await newestRun(ui.page)).Error).toMatch(/archon_idempotency_keys/);
      await workerDrawer(ui.page).getByRole('tab', { name: 'State' }).click();
      await workerDrawer(ui.page).getByRole('button', { name: 'Copy the error' }).waitFor();
      await closeWorker(ui.page);
      await database.query('ALTER TABLE archon_elsewhere RENAME TO archon_idempotency_keys');
      // Paused, it is not tried again in between.
      await act(ui.page, 'Cleanup', 'Pause');
      await eventually(async () => (await agent.workers.get({ worker: 'cleanup' })).active_runs).toEqual([]);
      await expectState(ui.page, 'Cleanup', 'Paused');
      await act(ui.page, 'Cleanup', 'Restart');
      await expectState(ui.page, 'Cleanup', 'Scheduled');
      await healthSentence(ui.page).getByText('All 5 workers are well.', { exact: true }).waitFor();
      await eventually(() => factOf(ui.page, 'Cleanup', 'Last run')).toMatch(/^Succeeded/);
      const worker = await agent.workers.get({ worker: 'cleanup' });
      expect(worker.counts).toMatchObject({ failures_in_a_row: 0 });
      expect(worker.counts.failures).toBeGreaterThan(0);
    });
  },
);
