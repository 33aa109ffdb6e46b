/** Bringing a file in: what it is, whose it becomes, how far it is, how it ended. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { writeChatGptExport } from '../support/transfer-generators.ts';
import { agentOf } from '../support/ui-agent.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { dialog, eventually, PATIENCE_MS, sessionList, toast, visit, waitForFirstRun } from '../support/ui-page.ts';

const CHAT = [
  {
    messages: [
      { role: 'user', content: 'What is the capital of Peru?' },
      { role: 'assistant', content: 'Lima.' },
    ],
  },
  {
    messages: [
      { role: 'user', content: 'And of Chile?' },
      { role: 'assistant', content: 'Santiago.' },
    ],
  },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: importing', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  const folder = mkdtempSync(join(tmpdir(), 'archon-import-'));
  /** Takes long enough to be stopped in the middle on any machine. */
  const large = join(folder, 'conversations.json');
  let largeMessages: number;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    ({ messages: largeMessages } = await writeChatGptExport(large, { conversations: 300, messages_per: 60 }));
  });
  afterAll(async () => {
    await ui?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async () => {
    await ui.page.keyboard.press('Control+i');
    await dialog(ui.page, 'Import').getByRole('button', { name: 'Choose a file' }).waitFor();
  };
  const choose = async (name: string, content: string | Buffer) => {
    const buffer = Buffer.from(content);
    await ui.page.getByLabel('File to import').setInputFiles({ name, mimeType: 'application/json', buffer });
  };
  const chooseLarge = async () => {
    const input = ui.page.getByLabel('File to import');
    if (ui.desktop === undefined) await input.setInputFiles(large);
    else await ui.desktop.chooseFile(input, large);
  };
  const window = () => dialog(ui.page, /^Import/);
  const inWindow = (name: string) => window().getByRole('button', { name, exact: true });
  const cancelled = async () => {
    await ui.page.keyboard.press('Escape');
    await window().waitFor({ state: 'detached' });
  };
  const lastJob = async () => (await agent.transfer.jobs({})).items[0];

  it('says what a file is and how it begins before anything is imported', async () => {
    await ui.page.getByRole('button', { name: /^Import conversations/ }).click();
    await choose('capitals.jsonl', CHAT);
    await window()
      .getByRole('option', { name: 'Detected: OpenAI-style messages (.jsonl)' })
      .waitFor({ state: 'attached' });
    const preview = window().getByRole('region', { name: 'How the file begins' });
    await preview.getByText('What is the capital of Peru?').waitFor();
    await preview.getByText('Lima.').waitFor();
    expect((await agent.memories.users({})).items).toEqual([]);
  });

  it('asks whose memory it becomes', async () => {
    await inWindow('Import').click();
    await window().getByText('Say whose memory the conversations become.').waitFor();
    await window().getByLabel('Whose memory it becomes').fill('eva');
    await inWindow('Import').click();
    await window().getByText('Import finished').waitFor({ timeout: PATIENCE_MS });
    await window().getByText('OpenAI-style messages').waitFor();
    expect(await window().getByRole('definition').allTextContents()).toEqual(['2', '4', '4']);
  });

  it('shows what was imported', async () => {
    await inWindow('Show the memory').click();
    await ui.page.getByRole('button', { name: 'User: eva' }).waitFor();
    await visit(ui.page, { user: 'eva', tab: 'session' });
    await eventually(() => sessionList(ui.page).getByRole('option').count()).toBe(2);
  });

  it('adds nothing when the same file is imported again, and says so', async () => {
    await start();
    await choose('capitals.jsonl', CHAT);
    await inWindow('Import').click();
    await window().getByText('Import finished').waitFor({ timeout: PATIENCE_MS });
    expect(await window().getByRole('definition').allTextContents()).toEqual([
      '0 · 2 already there',
      '0 · 4 already there',
      '0 · 4 already there',
    ]);
    await cancelled();
  });

  it('tells of the records it could not read, and imports the others', async () => {
    await start();
    await choose('half.jsonl', `${CHAT.replaceAll('Peru', 'Cuba')}{"messages": "none"}\nnot json\n`);
    await window().getByText('How the file begins').waitFor();
    await inWindow('Import').click();
    await window().getByText('2 records could not be imported').waitFor({ timeout: PATIENCE_MS });
    await window().getByText('line 3').waitFor();
    await window().getByText('line 4').waitFor();
    await window().getByText('Import finished').waitFor();
    await cancelled();
  });

  const NEWER = { type: 'header', format: 'archon-archive', version: 99, created_at: '2026-01-01T00:00:00Z' };
  it.each<[what: string, name: string, content: string | Buffer, sentence: RegExp]>([
    ['a picture', 'photo.json', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /is no text: photo\.json/],
    ['noise', 'noise.json', Buffer.from('f3a1ff00c80b91e27d4e', 'hex'), /is no text: .*Choose the JSON file/],
    ['other JSON', 'package.json', '{"name":"archon"}', /package\.json is nothing Archon can import.* It imports: /],
    [
      'plain words',
      'notes.jsonl',
      'Dear diary,\nnothing happened.\n',
      /is no JSON: notes\.jsonl .*Choose the JSON file/,
    ],
    ['JSON that was cut off', 'cut.json', '[{"messages":[{"role":"us', /was cut off: cut\.json .*copy it again/],
    [
      'a packed file that was cut off',
      'cut.json.gz',
      gzipSync(CHAT).subarray(0, 30),
      /damaged or was cut off: cut\.json/,
    ],
    [
      'a packed file with a password',
      'export.zip',
      Buffer.from('PK\u0003\u0004\u0014\u0000\u0001'),
      /ZIP file.*password/,
    ],
    ['an archive of a newer Archon', 'newer.archon', `${JSON.stringify(NEWER)}\n`, /version 99.*Update Archon/],
    ['a file without records', 'none.json', '[]', /holds nothing to import: none\.json .*Export it again/],
  ])('refuses %s with what to do, and offers another file', async (_what, name, content, sentence) => {
    const jobs = (await agent.transfer.jobs({})).items.length;
    await start();
    await choose(name, content);
    const problem = window().getByRole('alert');
    await problem.waitFor();
    expect(await problem.getByText(/^The file /).textContent()).toMatch(sentence);
    expect(await inWindow('Import').isDisabled()).toBe(true);
    expect((await agent.transfer.jobs({})).items).toHaveLength(jobs);
    await inWindow('Another file').click();
    await inWindow('Choose a file').waitFor();
    await cancelled();
  });

  it('refuses an empty file at once', async () => {
    await start();
    await choose('empty.jsonl', '');
    await window().getByText('empty.jsonl is empty. Choose another file, or export it again.').waitFor();
    await cancelled();
  });

  it('says that a file cannot be read, and reads it when it can', async () => {
    await start();
    if (ui.desktop === undefined) {
      await ui.page.evaluate(() => {
        const { arrayBuffer } = Blob.prototype;
        Blob.prototype.arrayBuffer = () => {
          Blob.prototype.arrayBuffer = arrayBuffer;
          return Promise.reject(new DOMException('The file has changed.', 'NotReadableError'));
        };
      });
      await choose('locked.jsonl', CHAT);
      await window().getByText('locked.jsonl cannot be read: it was moved, changed or locked').waitFor();
    } else {
      const path = join(folder, 'locked.jsonl');
      await ui.desktop.window.knowFile('locked.jsonl', Buffer.byteLength(CHAT), path);
      await choose('locked.jsonl', CHAT);
      await window().getByText(`The file is not there: ${path}.`).waitFor();
      writeFileSync(path, CHAT);
    }
    await inWindow('Try again').click();
    await window().getByText('What is the capital of Peru?').waitFor();
    await cancelled();
  });

  it('says what a file is when another kind was chosen, and keeps what was typed', async () => {
    await start();
    await choose('capitals.jsonl', CHAT);
    await window().getByText('What is the capital of Peru?').waitFor();
    await window().getByLabel('Whose memory it becomes').fill('eva');
    await window().getByLabel('Kind of file').selectOption('chatgpt');
    await window()
      .getByText(/is no file of kind chatgpt: it looks like openai-jsonl/)
      .waitFor();
    expect(await inWindow('Import').isDisabled()).toBe(true);
    await window().getByLabel('Kind of file').selectOption('openai-jsonl');
    await window().getByText('What is the capital of Peru?').waitFor();
    expect(await window().getByLabel('Whose memory it becomes').inputValue()).toBe('eva');
    await cancelled();
  });

  it('imports what stands before the place where a file was cut off', async () => {
    await start();
    await choose('cut.jsonl', `${CHAT.replaceAll('Peru', 'Cuba').replaceAll('Chile', 'Laos')}{"messages":[{"role":"us`);
    await window()
      .getByText(/^line 3: malformed JSON on line 3: Unterminated/)
      .waitFor();
    await inWindow('Import').click();
    await window().getByText('1 record could not be imported').waitFor({ timeout: PATIENCE_MS });
    await window().getByText('Import finished').waitFor();
    await cancelled();
  });

  it('stops in the middle, keeps what is there, and goes on from there', async () => {
    await start();
    await chooseLarge();
    await window()
      .getByRole('option', { name: /^Detected: ChatGPT export/ })
      .waitFor({ state: 'attached' });
    await window().getByLabel('Whose memory it becomes').fill('finn');
    await inWindow('Import').click();
    await window().getByRole('progressbar', { name: 'Import' }).waitFor();
    await eventually(async () => (await lastJob())?.progress.records_done ?? 0).toBeGreaterThan(0);
    await inWindow('Cancel the import').click();
    await window().getByText('Import cancelled.').waitFor({ timeout: PATIENCE_MS });
    const stopped = await lastJob();
    expect(stopped).toMatchObject({ state: 'cancelled', user_id: 'finn' });
    expect(stopped?.kind === 'import' && stopped.added.messages).toBeLessThan(largeMessages);
    await cancelled();
  });

  it('goes on when its dialog is closed, and the page can be used meanwhile', async () => {
    await start();
    await chooseLarge();
    await window().getByText('How the file begins').waitFor();
    await window().getByLabel('Whose memory it becomes').fill('finn');
    await inWindow('Import').click();
    await inWindow('Go on in the background').click();
    await window().waitFor({ state: 'detached' });
    await visit(ui.page, { user: 'eva', tab: 'session' });
    await eventually(() => sessionList(ui.page).getByRole('option').count()).toBeGreaterThan(1);
    await expect
      .poll(async () => (await lastJob())?.state, { timeout: 4 * PATIENCE_MS, interval: 200 })
      .toBe('succeeded');
    await toast(ui.page, 'Import finished').waitFor({ timeout: PATIENCE_MS });
    const { counts } = await agent.stats.user({ user_id: 'finn' });
    expect(counts.session).toBe(300);
    await visit(ui.page, { user: 'finn', tab: 'session' });
    await sessionList(ui.page).getByRole('option').first().waitFor();
  });

  it('takes a file that is dropped anywhere on the window', async () => {
    const transfer = await ui.page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'dropped.jsonl'));
      return data;
    }, CHAT);
    await ui.page.locator('body').dispatchEvent('dragover', { dataTransfer: transfer });
    await ui.page.getByText('Drop to import').waitFor();
    await ui.page.locator('body').dispatchEvent('drop', { dataTransfer: transfer });
    await window()
      .getByText(/^dropped\.jsonl/)
      .waitFor();
    await window().getByText('What is the capital of Peru?').waitFor();
    await cancelled();
    await toast(ui.page, /./).first().waitFor({ state: 'detached' });
  });
});
