import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importPreview } from '../../../src-contract/index.ts';
import { writeChatGptExport, writeClaudeCodeSession } from '../../../tests/support/transfer-generators.ts';
import { ORG, TransferHarness } from '../../../tests/support/transfer-harness.ts';
import { systemClock } from '../../clock.ts';
import { ArchonError } from '../../errors.ts';
import { inspectSource } from '../records/source-file.ts';
import { ImportPreviews } from './import-previews.ts';
import { BEGINNING_BYTES } from './source-beginning.ts';

const previews = new ImportPreviews(systemClock);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archon-preview-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = (name: string) => join(folder, name);
const previewOf = async (path: string, format: Parameters<ImportPreviews['of']>[1] = 'auto') =>
  importPreview.parse(await previews.of(await inspectSource(path), format));
const write = async (name: string, content: string | Uint8Array) => {
  await writeFile(place(name), content);
  return place(name);
};
const refusal = async (path: string, format: Parameters<ImportPreviews['of']>[1] = 'auto'): Promise<ArchonError> => {
  const error: unknown = await previewOf(path, format).catch((thrown: unknown) => thrown);
  if (!(error instanceof ArchonError)) throw error;
  return error;
};
const openAi = (count: number, text = (n: number) => `Message ${n}`) =>
  JSON.stringify({
    id: 'talk',
    title: 'Boats',
    created: '2025-03-04T05:06:07Z',
    messages: Array.from({ length: count }, (_, n) => ({ role: n % 2 === 0 ? 'user' : 'assistant', content: text(n) })),
  });

describe('the preview of a file to import', () => {
  it('shows the first conversations of a ChatGPT export, packed or not', async () => {
    const path = place('conversations.json');
    await writeChatGptExport(path, { conversations: 30, messages_per: 20 });
    const preview = await previewOf(path);
    expect(preview).toMatchObject({ name: 'conversations.json', format: 'chatgpt', needs_user: true, archive: null });
    expect(preview.errors).toEqual([]);
    expect(preview.conversations).toHaveLength(3);
    for (const conversation of preview.conversations) {
      expect(conversation.messages).toHaveLength(4);
      expect(conversation.title).toEqual(expect.any(String));
      expect(conversation.started_at).toMatch(/^20/);
    }
    const packed = await previewOf(await write('packed.json.gz', gzipSync(await readFile(path))));
    expect(packed.conversations).toEqual(preview.conversations);
  });

  it('shows a Claude Code session as one conversation', async () => {
    const path = place('session.jsonl');
    await writeClaudeCodeSession(path, { messages: 300 });
    const preview = await previewOf(path);
    expect(preview).toMatchObject({ format: 'claude-code', needs_user: true, errors: [] });
    expect(preview.conversations).toHaveLength(1);
    expect(preview.conversations[0]?.messages).toHaveLength(4);
  });

  it('shows a Claude.ai export', async () => {
    const chat = (n: number) => ({
      uuid: `c${n}`,
      name: `Chat ${n}`,
      created_at: '2025-01-02T03:04:05Z',
      updated_at: '2025-01-02T03:04:05Z',
      chat_messages: [{ uuid: `m${n}`, sender: 'human', text: 'Hello', created_at: '2025-01-02T03:04:05Z' }],
    });
    const preview = await previewOf(await write('claude.json', JSON.stringify([chat(1), chat(2)])));
    const shown = (n: number) => ({
      title: `Chat ${n}`,
      started_at: '2025-01-02T03:04:05.000Z',
      messages: [{ role: 'user', text: 'Hello' }],
    });
    expect(preview).toMatchObject({ format: 'claude-ai', conversations: [shown(1), shown(2)] });
  });

  it('shortens long texts and says nothing of times that the file does not hold', async () => {
    const long = 'wörd '.repeat(200);
    const lines = [{ messages: [{ role: 'user', content: long }] }, { role: 'user', content: 'x' }];
    const preview = await previewOf(await write('long.jsonl', lines.map((line) => JSON.stringify(line)).join('\n')));
    const [first] = preview.conversations;
    expect(first?.started_at).toBeNull();
    expect(first?.messages[0]?.text).toHaveLength(280);
    expect(first?.messages[0]?.text.endsWith('…')).toBe(true);
  });

  it('shows the header of our own archive, and none of its content', async () => {
    const harness = await TransferHarness.create();
    const path = await harness.file('talk.jsonl', openAi(3));
    await harness.import(path);
    const job = await harness.jobs.startExport(ORG, { scope: { kind: 'user', user_id: 'alice' } });
    await harness.jobs.finished(ORG, job.job_id);
    const file = await harness.jobs.exportFile(ORG, job.job_id);
    expect(await previewOf(file.path)).toMatchObject({
      format: 'archon',
      needs_user: false,
      conversations: [],
      archive: { app_version: '0.1.0', scope: { kind: 'user', user_id: 'alice' } },
      errors: [],
    });
    await harness.dispose();
  });

  it('tells what is wrong with the records it looked at, and shows the others', async () => {
    const good = openAi(2);
    const path = await write(
      'faults.jsonl',
      `${good}\n{"messages": [}\n{"messages":[{"role":"wizard","content":"x"}]}\n42\n`,
    );
    const preview = await previewOf(path);
    expect(preview.conversations).toHaveLength(1);
    expect(preview.errors.map(({ line, record }) => [line, record])).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(preview.errors[1]?.message).toContain('wizard');
  });

  it('takes the kind it is told, unless the file is plainly another', async () => {
    const path = await write('told.jsonl', openAi(2));
    expect(await previewOf(path, 'openai-jsonl')).toMatchObject({ format: 'openai-jsonl' });
    const error = await refusal(path, 'chatgpt');
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.message).toContain('openai-jsonl');
  });

  it('names the kinds there are when a file is none of them', async () => {
    for (const [name, content] of [
      ['text.txt', 'Dear diary,\ntoday I sailed.\n'],
      ['data.json', '[{"a":1},{"a":2}]'],
      ['number.json', '42'],
      ['binary.bin', Buffer.from([0, 1, 2, 3, 255, 254])],
      ['open.json', '[{"mapping"'],
      ['bad.gz', Buffer.concat([gzipSync('x').subarray(0, 12)])],
    ] as const) {
      const error = await refusal(await write(name, content));
      expect(error.code, name).toBe('VALIDATION_FAILED');
      expect(error.issues[0]?.field, name).toBe('source');
      expect(error.message, name).toContain('chatgpt: ChatGPT export');
    }
  });

  it('tells of a newer or damaged archive', async () => {
    const header = { type: 'header', format: 'archon-archive', version: 99, created_at: '2026-01-01T00:00:00Z' };
    const newer = await refusal(await write('newer.archon', `${JSON.stringify(header)}\n`));
    expect(newer.message).toContain('version 99');
    const damaged = await refusal(await write('damaged.archon', `${JSON.stringify({ ...header, version: 1 })}\n`));
    expect(damaged.message).toContain('damaged');
  });

  describe('reads no more than the beginning', () => {
    it('of a file of any size', async () => {
      const line = openAi(40, () => 'x'.repeat(5000));
      const preview = await previewOf(await write('large.jsonl', `${`${line}\n`.repeat(150)}{"broken`));
      expect(preview).toMatchObject({ format: 'openai-jsonl', errors: [] });
      expect(preview.conversations).toHaveLength(1);
    });

    it('of a record that does not end: not taken for a broken one', async () => {
      const endless = `{"messages":[{"role":"user","content":"${'x'.repeat(BEGINNING_BYTES)}`;
      const error = await refusal(await write('endless.jsonl', endless));
      expect(error.message).toContain('more than 16 MiB');
      expect(error.message).toContain('openai-jsonl');
      const told = await previewOf(place('endless.jsonl'), 'openai-jsonl');
      expect(told).toMatchObject({ conversations: [], errors: [] });
      const after = await previewOf(await write('then-endless.jsonl', `${openAi(2)}\n${endless}`));
      expect(after).toMatchObject({ errors: [] });
      expect(after.conversations).toHaveLength(1);
    });

    it('of a conversation of a hundred thousand messages', async () => {
      const many = `${openAi(100_000)}\n${openAi(3).replace('"talk"', '"next"')}`;
      const preview = await previewOf(await write('many.jsonl', many));
      expect(preview.conversations.map(({ messages }) => messages.length)).toEqual([4, 3]);
    });

    it('of a file that unpacks to a thousand times its size', async () => {
      const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '));
      const error = await refusal(await write('bomb.gz', bomb));
      expect(error.code).toBe('VALIDATION_FAILED');
    });
  });

  it('writes nothing and may be asked for by many at once', async () => {
    const path = await write('shared.jsonl', openAi(10));
    const all = await Promise.all(Array.from({ length: 20 }, () => previewOf(path)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  });
});
