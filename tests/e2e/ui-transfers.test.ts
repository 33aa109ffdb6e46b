/** Imports and exports that are left, come back to, cancelled, gone on with, and read about afterwards. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient, TransferJob } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { copyTemplate } from '../support/template-folder.ts';
import { type GeneratedFile, writeChatGptExport } from '../support/transfer-generators.ts';
import { agentOf } from '../support/ui-agent.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { dialog, eventually, findInPalette, PATIENCE_MS, toast, visit, waitForFirstRun } from '../support/ui-page.ts';

/** How long an import may take on the slowest machine. */
const IMPORT_MS = 6 * PATIENCE_MS;
const LINE = (index: number) =>
  `${JSON.stringify({
    messages: [
      { role: 'user', content: `Is it ${index}?` },
      { role: 'assistant', content: 'Yes.' },
    ],
  })}\n`;
/** Takes longer than leaving its dialog does. */
const WITH_ERRORS = `${Array.from({ length: 1500 }, (_, index) => LINE(index)).join('')}${'not json\n'.repeat(25)}`;

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: transfers', { timeout: IMPORT_MS }, (host) => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-transfers-'));
  const dataDir = join(folder, 'data');
  /** Takes long enough to be left in the middle on any machine. */
  let large = join(folder, 'conversations.json');
  let holds: GeneratedFile;
  let ui: OpenUi;
  let agent: ArchonClient;
  const open = async () => {
    ui = await host.open({ dataDir });
    agent = agentOf(ui);
  };
  beforeAll(async () => {
    copyTemplate(dataDir);
    holds = await writeChatGptExport(large, { conversations: 150, messages_per: 60 });
    await open();
    await waitForFirstRun(ui.page);
  });
  afterAll(async () => {
    await ui?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const transfers = () => dialog(ui.page, 'Transfers');
  const row = (name: string) => transfers().getByRole('listitem', { name, exact: true }).first();
  const inRow = (name: string, button: string | RegExp) => row(name).getByRole('button', { name: button });
  const indicator = (name: string | RegExp) => ui.page.getByRole('button', { name });
  const openTransfers = async () => {
    await indicator(/^(Transfers|Importing|Exporting)/).click();
    await transfers().waitFor();
  };
  const leave = async () => {
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  const window = () => dialog(ui.page, /^Import/);
  const chooseLarge = async () => {
    const input = ui.page.getByLabel('File to import');
    if (ui.desktop === undefined) await input.setInputFiles(large);
    else await ui.desktop.chooseFile(input, large);
    await window().getByText('How the file begins').waitFor({ timeout: PATIENCE_MS });
  };
  const begin = async (user_id: string) => {
    await window().getByLabel('Whose memory it becomes').fill(user_id);
    await window().getByRole('button', { name: 'Import', exact: true }).click();
    await window().getByRole('button', { name: 'Go on in the background' }).click();
    await window().waitFor({ state: 'detached' });
  };
  const importLarge = async (user_id: string) => {
    await ui.page.keyboard.press('Control+i');
    await chooseLarge();
    await begin(user_id);
    await eventually(async () => (await newest()).progress.records_done).toBeGreaterThan(0);
    return (await newest()).job_id;
  };
  const newest = async (): Promise<TransferJob> => {
    const [job] = (await agent.transfer.jobs({})).items;
    if (job === undefined) throw new Error('there is no job');
    return job;
  };
  const ended = async (job_id: string) => {
    const state = async () => (await agent.transfer.job({ job_id })).state;
    await expect.poll(state, { timeout: IMPORT_MS, interval: 200 }).not.toBe('running');
    return await agent.transfer.job({ job_id });
  };
  /** What an archive of the person would hold: nothing twice, nothing missing. */
  const expectAllOnce = async (user_id: string) => {
    const { job_id } = await agent.transfer.export({ scope: { kind: 'user', user_id } });
    const { sessions, messages, working } = holds;
    expect(await ended(job_id)).toMatchObject({ state: 'succeeded', exported: { sessions, messages, working } });
    await agent.transfer.forget({ job_id });
  };

  it('says that there are none, and where they come from', async () => {
    await findInPalette(ui.page, 'transfers', /^Transfers/);
    await transfers().getByText('Nothing was imported or exported yet').waitFor();
    await transfers().getByRole('button', { name: 'Import' }).click();
    await dialog(ui.page, 'Import').waitFor();
    await leave();
  });

  it('shows how far one is while its dialog is closed, tells its end, and keeps its errors', async () => {
    await ui.page.keyboard.press('Control+i');
    const buffer = Buffer.from(WITH_ERRORS);
    await ui.page
      .getByLabel('File to import')
      .setInputFiles({ name: 'talks.jsonl', mimeType: 'application/json', buffer });
    await window().getByText('How the file begins').waitFor({ timeout: PATIENCE_MS });
    await begin('eva');
    await indicator(/^Importing \d+ %$/).waitFor({ timeout: PATIENCE_MS });
    const end = toast(ui.page, 'Import finished with 25 errors');
    await end.waitFor({ timeout: IMPORT_MS });
    await end.getByText('talks.jsonl').waitFor();
    await end.getByRole('button', { name: 'Show' }).click();
    await row('talks.jsonl').getByText('Added 1,500 sessions, 3,000 messages, 3,000 working memories.').waitFor();
    const errors = row('talks.jsonl').getByRole('region', { name: 'Records that could not be imported' });
    await errors.getByText('line 1,501').waitFor();
    await eventually(() => errors.getByRole('listitem').count()).toBe(25);
    await errors.getByRole('button', { name: 'Copy the errors' }).waitFor();
    await inRow('talks.jsonl', '25 errors').focus();
    await ui.page.keyboard.press('Enter');
    await errors.waitFor({ state: 'detached' });
    await leave();
    await indicator('Transfers').waitFor();
  });

  it('cancels one from the list, and goes on with it there', async () => {
    await importLarge('finn');
    await openTransfers();
    await row('conversations.json').getByRole('progressbar').waitFor();
    await inRow('conversations.json', 'Cancel the import').click();
    await row('conversations.json').getByText('Import cancelled').waitFor({ timeout: PATIENCE_MS });
    await inRow('conversations.json', 'Resume').click();
    const later = transfers().getByText('A later import of the file went on with it.');
    await later.waitFor({ timeout: PATIENCE_MS });
    await leave();
    const { job_id } = await newest();
    expect(await ended(job_id)).toMatchObject({ state: 'succeeded', resumed_from_record: expect.any(Number) });
    await expectAllOnce('finn');
  });

  it('goes on while the window is closed', async () => {
    const job_id = await importLarge('gina');
    if (ui.desktop === undefined) {
      const context = ui.page.context();
      const url = ui.page.url();
      await ui.page.close();
      expect(await ended(job_id)).toMatchObject({ state: 'succeeded' });
      ui.page = await context.newPage();
      await ui.page.goto(url);
    } else {
      await ui.desktop.closeWindow();
      expect(await ended(job_id)).toMatchObject({ state: 'succeeded' });
      await ui.desktop.app.clickTray();
    }
    await openTransfers();
    await row('conversations.json').getByText('Import finished').waitFor({ timeout: PATIENCE_MS });
    await row('conversations.json').getByText('for gina').waitFor();
    await leave();
    await expectAllOnce('gina');
  });

  it('was interrupted when Archon was killed, says so, and goes on', async () => {
    const job_id = await importLarge('hana');
    const server = join(dataDir, 'server.json');
    process.kill(JSON.parse(readFileSync(server, 'utf8')).pid, 'SIGKILL');
    await ui.desktop?.exited;
    await ui.close();
    // It tells of the one that was killed.
    rmSync(server);
    await open();
    await indicator('Transfers 1 stopped').waitFor({ timeout: PATIENCE_MS });
    expect(await agent.transfer.job({ job_id })).toMatchObject({ state: 'interrupted', can_resume: 'at_once' });
    await openTransfers();
    await row('conversations.json').getByText('Import interrupted').waitFor();
    await row('conversations.json').getByText('Archon was stopped while the job was running.').waitFor();
    await inRow('conversations.json', 'Resume').click();
    await eventually(async () => (await newest()).job_id).not.toBe(job_id);
    expect(await ended((await newest()).job_id)).toMatchObject({ state: 'succeeded', error_count: 0 });
    await row('conversations.json').getByText('Import finished').waitFor({ timeout: PATIENCE_MS });
    await leave();
    await expectAllOnce('hana');
  });

  it('asks for the same file when it is not there any more, and goes on with it', async () => {
    const job_id = await importLarge('ines');
    await agent.transfer.cancel({ job_id });
    const uploads = join(dataDir, 'uploads');
    for (const name of host.kind === 'server' ? readdirSync(uploads) : []) rmSync(join(uploads, name));
    if (host.kind === 'desktop') {
      const moved = join(folder, 'moved.json');
      renameSync(large, moved);
      large = moved;
    }
    await openTransfers();
    await inRow('conversations.json', 'Resume').click();
    await row('conversations.json')
      .getByText(
        host.kind === 'server'
          ? /is not kept any longer. Import it again/
          : /cannot be read where it was. Import it again/,
      )
      .waitFor();
    await inRow('conversations.json', 'Choose the file again').click();
    await window().getByText('Choose the same file again: conversations.json').waitFor();
    await chooseLarge();
    expect(await window().getByLabel('Whose memory it becomes').inputValue()).toBe('ines');
    await begin('ines');
    const again = await newest();
    expect(again).toMatchObject({ user_id: 'ines' });
    // It went on with the one before, and is no import of its own.
    expect(await agent.transfer.job({ job_id })).toMatchObject({ state: 'cancelled', can_resume: null });
    expect(await ended(again.job_id)).toMatchObject({ state: 'succeeded' });
    await expectAllOnce('ines');
  });

  it('gives an export again after its dialog was closed, until it is deleted', async () => {
    await visit(ui.page, { user: 'eva', tab: 'working' });
    await ui.page.keyboard.press('Control+e');
    await dialog(ui.page, 'Export').getByRole('button', { name: 'Export', exact: true }).click();
    await dialog(ui.page, 'Export').getByText('Export finished').waitFor({ timeout: PATIENCE_MS });
    await leave();
    const job = await newest();
    if (job.kind !== 'export') throw new Error('no export');
    await openTransfers();
    const save = async (): Promise<number> => {
      if (ui.desktop === undefined) {
        const download = ui.page.waitForEvent('download');
        await row('Memory of eva').getByText('Download').click();
        return statSync(await (await download).path()).size;
      }
      const filePath = join(folder, `saved-${basename(job.file_name)}`);
      rmSync(filePath, { force: true });
      ui.desktop.answerDialog({ canceled: false, filePath });
      await inRow('Memory of eva', /^Save as/).click();
      await eventually(() => statSync(filePath, { throwIfNoEntry: false })?.size).toBe(job.bytes);
      return statSync(filePath).size;
    };
    expect(await save()).toBe(job.bytes);
    expect(await save()).toBe(job.bytes);
    await inRow('Memory of eva', 'Details').click();
    await row('Memory of eva')
      .getByText(`SHA-256 ${job.sha256?.slice(0, 16)}`)
      .waitFor();
    await inRow('Memory of eva', /^Dismiss/).click();
    await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Delete the archive' }).click();
    await ui.page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await row('Memory of eva').waitFor({ state: 'detached' });
    await expect(agent.transfer.download({ job_id: job.job_id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await inRow('talks.jsonl', 'Dismiss talks.jsonl').click();
    await row('talks.jsonl').waitFor({ state: 'detached' });
    expect((await agent.stats.user({ user_id: 'eva' })).counts.session).toBe(1500);
    await leave();
  });

  it('says so when there is nothing to export', async () => {
    await visit(ui.page, { user: 'nobody', tab: 'working' });
    await ui.page.keyboard.press('Control+e');
    await dialog(ui.page, 'Export').getByText('Only nobody').click();
    await dialog(ui.page, 'Export').getByRole('button', { name: 'Export', exact: true }).click();
    await dialog(ui.page, 'Export').getByText('There was nothing to export: nobody has no memory.').waitFor();
    expect(await dialog(ui.page, 'Export').getByText('Download').count()).toBe(0);
    await leave();
  });

  it.runIf(host.kind === 'server')('sends only the rest of a file when the page was closed in the middle', async () => {
    const context = ui.page.context();
    const url = ui.page.url();
    const path = join(folder, 'long.json');
    const { messages } = await writeChatGptExport(path, { conversations: 40, messages_per: 200 });
    const { size } = statSync(path);
    const PIECE = 4 * 1024 * 1024;
    expect(size).toBeGreaterThan(PIECE);
    /** A page whose pieces go as far as `pieces`, and what it sent of them. */
    const newPage = async (pieces: number) => {
      const sent: number[] = [];
      const page = await context.newPage();
      await page.routeWebSocket(/\/rpc/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((message) => {
          const isPiece = message.length > 100_000;
          if (isPiece && sent.length >= pieces) return;
          if (isPiece) sent.push(message.length);
          server.send(message);
        });
      });
      await page.goto(url);
      return { page, sent };
    };
    await ui.page.close();
    const first = await newPage(1);
    ui.page = first.page;
    await indicator('Transfers').waitFor({ timeout: PATIENCE_MS });
    await ui.page.keyboard.press('Control+i');
    await ui.page.getByLabel('File to import').setInputFiles(path);
    await window()
      .getByText(/^Sending 4\.2 MB of /)
      .waitFor({ timeout: PATIENCE_MS });
    await ui.page.close();
    const second = await newPage(Number.POSITIVE_INFINITY);
    ui.page = second.page;
    await indicator('Transfers 1 stopped').waitFor({ timeout: PATIENCE_MS });
    await openTransfers();
    await transfers().getByText('Sending stopped after 4.2 MB of').waitFor();
    await transfers().getByRole('button', { name: 'Choose the file again' }).first().click();
    await ui.page.getByLabel('File to import').setInputFiles(path);
    await window().getByText('How the file begins').waitFor({ timeout: PATIENCE_MS });
    const sent = second.sent.reduce((sum, bytes) => sum + bytes, 0);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(size - PIECE + 100_000);
    await begin('jan');
    const job = await ended((await newest()).job_id);
    expect(job).toMatchObject({ state: 'succeeded', error_count: 0, added: { messages } });
    await indicator('Transfers').waitFor({ timeout: PATIENCE_MS });
  });
});
