import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asImport, ORG, OTHER_ORG, TransferHarness } from '../../tests/support/transfer-harness.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

const content = Buffer.from(`${JSON.stringify({ role: 'user', content: 'sent in pieces' })}\n`);
const begin = (size = content.length) => harness.jobs.beginUpload(ORG, { name: 'chats.jsonl', size });
const send = (upload_id: string, offset: number, end: number) =>
  harness.jobs.receiveChunk(ORG, upload_id, offset, content.subarray(offset, end));
const files = () => readdir(join(harness.folder, 'uploads'));
const importOf = (upload_id: string) =>
  harness.jobs.startImport(ORG, { source: { kind: 'upload', upload_id }, format: 'auto', user_id: 'alice' });

describe('a file sent in pieces', () => {
  it('is imported when it is complete, and removed after', async () => {
    const { upload_id, received } = await begin();
    expect(received).toBe(0);
    expect(await send(upload_id, 0, 10)).toEqual({ upload_id, received: 10 });
    await expect(importOf(upload_id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`10 of ${content.length} bytes`),
    });
    expect(await send(upload_id, 10, content.length)).toEqual({ upload_id, received: content.length });
    const { job_id } = await importOf(upload_id);
    const job = asImport(await harness.jobs.finished(ORG, job_id));
    expect(job).toMatchObject({ state: 'succeeded', name: 'chats.jsonl', added: { messages: 1 } });
    expect(await files()).toEqual([]);
    await expect(importOf(upload_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes a piece that is sent again, in whole or in part, only once', async () => {
    const { upload_id } = await begin();
    await send(upload_id, 0, 10);
    expect((await send(upload_id, 0, 10)).received).toBe(10);
    expect((await send(upload_id, 5, 15)).received).toBe(15);
    expect((await send(upload_id, 0, 3)).received).toBe(15);
    await Promise.all([send(upload_id, 15, 20), send(upload_id, 15, 25), send(upload_id, 10, 20)]);
    await send(upload_id, 25, content.length);
    const { job_id } = await importOf(upload_id);
    expect(asImport(await harness.jobs.finished(ORG, job_id))).toMatchObject({
      error_count: 0,
      added: { messages: 1 },
    });
  });

  it('refuses a piece after a gap and names the byte it expects', async () => {
    const { upload_id } = await begin();
    await send(upload_id, 0, 10);
    await expect(send(upload_id, 12, 20)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('expected begins at 10'),
    });
  });

  it('refuses more than was announced, and pieces that are too large', async () => {
    const { upload_id } = await begin(5);
    await expect(send(upload_id, 0, 6)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(harness.jobs.receiveChunk(ORG, upload_id, 0, new Uint8Array(5 * 1024 * 1024))).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('at most 4194304 bytes'),
    });
  });

  it('refuses what the disk has no room for', async () => {
    await expect(begin(64 * 1024 ** 3 * 1024)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  });

  it('of another organisation is not there', async () => {
    const { upload_id } = await begin();
    await expect(harness.jobs.receiveChunk(OTHER_ORG, upload_id, 0, content)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(
      harness.jobs.startImport(OTHER_ORG, { source: { kind: 'upload', upload_id }, format: 'auto', user_id: 'eve' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(harness.jobs.receiveChunk(ORG, randomUUID(), 0, content)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('goes on being received after a restart, and is removed after a week', async () => {
    const { upload_id } = await begin();
    await send(upload_id, 0, 10);
    harness.clock.advance({ days: 6 });
    await harness.restart();
    expect((await send(upload_id, 10, 20)).received).toBe(20);
    harness.clock.advance({ days: 2 });
    await harness.restart();
    expect(await files()).toEqual([]);
    await expect(send(upload_id, 20, 25)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
