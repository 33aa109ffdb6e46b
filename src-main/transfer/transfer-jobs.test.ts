import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImportKind, TransferJob } from '../../src-contract/index.ts';
import { writeChatGptExport, writeClaudeCodeSession } from '../../tests/support/transfer-generators.ts';
import { asImport, ORG, OTHER_ORG, TransferHarness } from '../../tests/support/transfer-harness.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

const chat = (text: string, more: object = {}) => `${JSON.stringify({ role: 'user', content: text, ...more })}\n`;
const NOTHING = { sessions: 0, messages: 0, working: 0, longterm: 0, revisions: 0, links: 0 };
const file = (path: string) => ({ kind: 'file', path }) as const;
const start = (
  path: string,
  user_id: string | undefined = 'alice',
  scope = ORG,
  format: ImportKind | 'auto' = 'auto',
) => harness.jobs.startImport(scope, { source: file(path), format, user_id });

/** Stops the import from outside once this many working memories are stored. */
function whenStored(count: number, act: () => void): void {
  harness.memory.onInsert = () => {
    if (harness.memory.working.size < count) return;
    harness.memory.onInsert = () => undefined;
    act();
  };
}

describe('importing a file', () => {
  it.each([
    [
      'a ChatGPT export',
      'chatgpt',
      (path: string) => writeChatGptExport(path, { conversations: 30, messages_per: 20 }),
    ],
    ['a Claude Code session', 'claude-code', (path: string) => writeClaudeCodeSession(path, { messages: 1003 })],
  ])('adds everything of %s once, however often it is imported', async (_what, format, write) => {
    const path = join(harness.folder, 'file');
    const expected = await write(path);
    const first = await harness.import(path);
    expect(first).toMatchObject({ state: 'succeeded', format, error_count: 0, already_there: NOTHING });
    expect(first.added).toEqual({ ...NOTHING, ...expected });
    expect(first.progress.bytes_done).toBe(first.progress.bytes_total);
    const second = await harness.import(path);
    expect(second).toMatchObject({
      state: 'succeeded',
      added: NOTHING,
      already_there: first.added,
      resumed_from_record: 0,
    });
  });

  it('reads a packed file like a plain one', async () => {
    const path = await harness.file('packed', gzipSync(chat('hello') + chat('again')));
    expect(await harness.import(path)).toMatchObject({
      state: 'succeeded',
      format: 'openai-jsonl',
      added: { messages: 2 },
    });
  });

  it('keeps two users apart who import the same conversations', async () => {
    const conversation_id = '0b8c5a6e-3f1d-4c57-9a52-6c1f0e6d7a11';
    const path = await harness.file('a.jsonl', chat('shared', { conversation_id }));
    const alice = await harness.import(path, { user_id: 'alice' });
    const bob = await harness.import(path, { user_id: 'bob' });
    expect([alice.added, bob.added]).toEqual([
      { ...NOTHING, sessions: 1, messages: 1, working: 1 },
      { ...NOTHING, sessions: 1, messages: 1, working: 1 },
    ]);
    const sessions = harness.sessions.all(ORG, harness.clock.now());
    expect(sessions.map(({ user_id }) => user_id).sort()).toEqual(['alice', 'bob']);
    expect(sessions.find(({ user_id }) => user_id === 'alice')?.session_id).toBe(conversation_id);
    for (const row of harness.memory.working.values()) {
      expect(sessions.find(({ session_id }) => session_id === row.session_id)?.user_id).toBe(row.user_id);
    }
    // Also when the first has forgotten the conversation in the meantime.
    await harness.sessions.delete(ORG, conversation_id);
    expect((await harness.import(path, { user_id: 'bob' })).added).toEqual(NOTHING);
  });

  it('adds what is new when a conversation has grown', async () => {
    const path = await harness.file('a.jsonl', chat('one', { conversation_id: 'c1' }));
    await harness.import(path);
    await writeFile(path, chat('one', { conversation_id: 'c1' }) + chat('two', { conversation_id: 'c1' }));
    expect(await harness.import(path)).toMatchObject({
      added: { sessions: 0, messages: 1, working: 1 },
      already_there: { sessions: 1, messages: 1 },
    });
  });

  it('goes on when another user begins a session under the same id in the meantime', async () => {
    const taken = { conversation_id: '0b8c5a6e-3f1d-4c57-9a52-6c1f0e6d7a11' };
    const free = { conversation_id: '0b8c5a6e-3f1d-4c57-9a52-6c1f0e6d7a12' };
    const path = await harness.file('a.jsonl', chat('one', taken) + chat('two', free));
    harness.sessions.onWrite = () => {
      harness.sessions.onWrite = () => undefined;
      const now = new Date(harness.clock.now()).toISOString();
      const bobs = {
        session_id: taken.conversation_id,
        user_id: 'bob',
        title: null,
        started_at: now,
        last_accessed_at: now,
        expires_at: '2027-01-01T00:00:00.000Z',
        ttl_seconds: 3600,
        context: { active_project_id: null, active_task_ids: [], mentioned_files: [], metadata: {} },
      };
      void harness.sessions.create(ORG, bobs, [], harness.clock.now());
    };
    const job = await harness.import(path);
    expect(job).toMatchObject({ state: 'succeeded', added: { sessions: 1, messages: 1 }, error_count: 1 });
    expect(job.errors[0]?.message).toContain('1 messages of "0b8c5a6e-3f1d-4c57-9a52-6c1f0e6d7a11" were refused');
  });

  it('keeps the first 1,000 errors and counts all', async () => {
    const path = await harness.file('a.jsonl', chat('good') + 'broken\n'.repeat(1500) + chat('good too'));
    const job = await harness.import(path);
    expect(job).toMatchObject({ state: 'succeeded', error_count: 1500, added: { messages: 2 } });
    expect(job.errors).toHaveLength(1000);
    expect(job.errors[0]).toMatchObject({ line: 2, record: 2 });
  });

  it('tells the line of a fault inside a long record', async () => {
    const path = await harness.file(
      'a.json',
      '[\n{"messages": [{"role": "user", "content": "x"}]},\n{\n"messages": [\n{"role": }\n]}\n]',
    );
    expect((await harness.import(path)).errors).toEqual([
      { line: 3, record: 2, message: expect.stringMatching(/^malformed JSON(?: on line 5)?: /) },
    ]);
  });

  it('leaves out a record that would take gigabytes of memory, small as it is, and imports the rest', async () => {
    const bomb = `[\n{"mapping":{},"x":[${'{},'.repeat(1_600_000)}{}]},\n`;
    const path = await harness.file('a.json.gz', gzipSync(`${bomb}{"messages":[{"role":"user","content":"x"}]}]`));
    const job = await harness.import(path);
    expect(job).toMatchObject({ state: 'succeeded', added: { messages: 1 }, error_count: 1 });
    expect(job.errors).toEqual([{ line: 2, record: 1, message: expect.stringContaining('more than 3000000 values') }]);
  });

  it('says what it can import when it does not know the file', async () => {
    const path = await harness.file('a.json', '{"hello": "world"}');
    const job = await harness.import(path);
    expect(job.state).toBe('failed');
    expect(job.failure).toMatch(
      /^a\.json is nothing Archon can import\. It imports: chatgpt: .*claude-ai: .*claude-code: .*openai-jsonl: .*archon: /,
    );
  });

  it('says why when all of the file was left out', async () => {
    const narrow = await TransferHarness.create({ record_limits: { max_record_bytes: 1000, max_record_values: 10 } });
    const path = await narrow.file('a.json', `[\n{"mapping":{},"x":[${'{},'.repeat(10)}{}]}]`);
    expect(await narrow.import(path)).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/^a\.json is nothing .* \(line 2: .*more than 10 values.*\)\. It imports/),
    });
    await narrow.dispose();
  });

  it('says what the file looks like when it was said to be something else', async () => {
    const path = await harness.file('a.jsonl', chat('x'));
    const job = await harness.import(path, { format: 'chatgpt' });
    expect(job).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/no file of kind chatgpt: it looks like openai-jsonl/),
    });
  });

  it('refuses before it starts what cannot be', async () => {
    const path = await harness.file('a.jsonl', chat('x'));
    const refusal = (field: string) => ({
      code: 'VALIDATION_FAILED',
      issues: [{ field, message: expect.any(String) }],
    });
    await expect(harness.jobs.startImport(ORG, { source: file(path), format: 'auto' })).rejects.toMatchObject(
      refusal('user_id'),
    );
    await expect(harness.jobs.startImport(ORG, { source: file(path), format: 'chatgpt' })).rejects.toMatchObject(
      refusal('user_id'),
    );
    await expect(start(path, ' padded ')).rejects.toMatchObject(refusal('user_id'));
    await expect(start(join(harness.folder, 'missing'))).rejects.toMatchObject(refusal('source.path'));
    await expect(start(harness.folder)).rejects.toMatchObject(refusal('source.path'));
    expect(harness.jobs.list(ORG)).toEqual([]);
  });

  it('loses only the memory the database refuses', async () => {
    harness.memory.refused_text = 'too long';
    const path = await harness.file('a.jsonl', chat('one') + chat('too long') + chat('three'));
    const job = await harness.import(path);
    expect(job).toMatchObject({ state: 'succeeded', added: { messages: 3, working: 2 }, error_count: 1 });
    expect(job.errors[0]?.message).toContain('the database refused the working memory');
  });
});

describe('an import that is interrupted', () => {
  const CONVERSATIONS = 40;
  let path: string;
  beforeEach(async () => {
    path = join(harness.folder, 'conversations.json');
    await writeChatGptExport(path, { conversations: CONVERSATIONS, messages_per: 50 });
  });
  const all = { sessions: CONVERSATIONS, messages: CONVERSATIONS * 50, working: CONVERSATIONS * 50 };
  const stored = () => ({
    sessions: harness.sessions.held.size,
    messages: [...harness.sessions.held.values()].reduce((sum, { messages }) => sum + messages.length, 0),
    working: harness.memory.working.size,
  });

  it('goes on where it was cancelled, when it is started again', async () => {
    const { job_id } = await start(path);
    let cancelled: Promise<TransferJob> | undefined;
    whenStored(600, () => {
      cancelled = harness.jobs.cancel(ORG, job_id);
    });
    const first = asImport(await harness.jobs.finished(ORG, job_id));
    expect(await cancelled).toEqual(first);
    expect(first).toMatchObject({ state: 'cancelled', failure: null });
    expect(stored().working).toBeGreaterThanOrEqual(600);
    expect(stored().working).toBeLessThan(all.working);

    const second = await harness.import(path);
    expect(second).toMatchObject({ state: 'succeeded', error_count: 0 });
    expect(second.resumed_from_record).toBeGreaterThan(10);
    expect(stored()).toEqual(all);
    // Counts go on too: the job tells of the whole file.
    expect(second.added.messages + second.already_there.messages).toBe(all.messages);
    expect(await harness.import(path)).toMatchObject({ added: NOTHING, resumed_from_record: 0 });
  });

  it('goes on after the process was killed, from at most half a second before', async () => {
    const { job_id } = await start(path);
    await new Promise<void>((resolve) => {
      harness.memory.onInsert = () => {
        harness.clock.advance({ ms: 100 });
        if (harness.memory.working.size < 1200) return;
        // The process is gone: what this one still does must not count.
        harness.memory.onInsert = () => {
          throw new Error('killed');
        };
        resolve();
      };
    });
    await harness.jobs.finished(ORG, job_id);
    harness.db.prepare("UPDATE transfer_jobs SET state = 'running', job = json_set(job, '$.state', 'running')").run();
    harness.memory.onInsert = () => undefined;
    await harness.restart();
    expect(harness.jobs.get(ORG, job_id)).toMatchObject({
      state: 'interrupted',
      failure: expect.stringContaining('Start it again'),
    });
    const second = await harness.import(path);
    expect(second.resumed_from_record).toBeGreaterThan(10);
    expect(second.state).toBe('succeeded');
    expect(stored()).toEqual(all);
  });

  it('goes on at once, without being given its file again', async () => {
    const { job_id } = await start(path);
    whenStored(600, () => void harness.jobs.stop());
    expect(await harness.jobs.finished(ORG, job_id)).toMatchObject({ state: 'interrupted', can_resume: 'at_once' });
    await harness.restart();
    const resumed = asImport(await harness.jobs.resume(ORG, job_id));
    expect(resumed.resumed_from_record).toBeGreaterThan(10);
    const ended = asImport(await harness.jobs.finished(ORG, resumed.job_id));
    expect(ended).toMatchObject({ state: 'succeeded', user_id: 'alice', error_count: 0, can_resume: null });
    expect(ended.added.messages + ended.already_there.messages).toBe(all.messages);
    expect(stored()).toEqual(all);
    // The job before is a thing of the past: what it began is done.
    expect(harness.jobs.get(ORG, job_id)).toMatchObject({ state: 'interrupted', can_resume: null });
    await expect(harness.jobs.resume(ORG, job_id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('does not go on with a file that has changed or is gone, and says what to do', async () => {
    const { job_id } = await start(path);
    whenStored(600, () => void harness.jobs.cancel(ORG, job_id));
    await harness.jobs.finished(ORG, job_id);
    await writeFile(path, chat('another file'));
    await expect(harness.jobs.resume(ORG, job_id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/has changed .* Import it again/),
    });
    await rm(path);
    // Whoever asks need not be who named the file: where it lay is not said.
    const { name } = asImport(harness.jobs.get(ORG, job_id));
    const gone = await harness.jobs.resume(ORG, job_id).catch((error: unknown) => error);
    expect(gone).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(`${name} cannot be read`) });
    expect(`${gone} ${JSON.stringify(gone)}`).not.toContain(path);
    expect(harness.jobs.list(ORG)).toHaveLength(1);
  });

  it('of an upload goes on with what was sent, as long as it is kept', async () => {
    const bytes = await readFile(path);
    const { upload_id } = await harness.jobs.beginUpload(ORG, { name: 'sent.json', size: bytes.length });
    await harness.jobs.receiveChunk(ORG, upload_id, 0, bytes);
    const source = { kind: 'upload', upload_id } as const;
    const { job_id } = await harness.jobs.startImport(ORG, { source, format: 'auto', user_id: 'alice' });
    whenStored(600, () => void harness.jobs.cancel(ORG, job_id));
    await harness.jobs.finished(ORG, job_id);
    whenStored(1200, () => void harness.jobs.cancel(ORG, second.job_id));
    const second = await harness.jobs.resume(ORG, job_id);
    await harness.jobs.finished(ORG, second.job_id);
    // Forgetting the first must not take the file from the second.
    await harness.jobs.forget(ORG, job_id);
    const kept = join(harness.folder, 'uploads', upload_id);
    await rename(kept, `${kept}.away`);
    await expect(harness.jobs.resume(ORG, second.job_id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/not kept any longer. Import it again/),
    });
    await rename(`${kept}.away`, kept);
    const third = await harness.jobs.resume(ORG, second.job_id);
    expect(await harness.jobs.finished(ORG, third.job_id)).toMatchObject({ state: 'succeeded' });
    expect(stored()).toEqual(all);
    expect(await readdir(join(harness.folder, 'uploads'))).toEqual([]);
  });

  it('of a version that did not keep where its file was asks for the same file', async () => {
    const { job_id } = await start(path);
    whenStored(600, () => void harness.jobs.cancel(ORG, job_id));
    await harness.jobs.finished(ORG, job_id);
    harness.db.prepare("UPDATE transfer_jobs SET checkpoint = json_remove(checkpoint, '$.request')").run();
    expect(harness.jobs.get(ORG, job_id)).toMatchObject({ can_resume: 'same_file' });
    await expect(harness.jobs.resume(ORG, job_id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Import the same file again'),
    });
    expect((await harness.import(path)).resumed_from_record).toBeGreaterThan(10);
    expect(harness.jobs.get(ORG, job_id)).toMatchObject({ can_resume: null });
  });

  it('comes to rest as interrupted when Archon stops, and nothing starts any more', async () => {
    const { job_id } = await start(path);
    let stopped: Promise<void> | undefined;
    whenStored(400, () => {
      stopped = harness.jobs.stop();
    });
    const job = await harness.jobs.finished(ORG, job_id);
    await stopped;
    expect(job).toMatchObject({ state: 'interrupted', finished_at: expect.any(String) });
    await expect(start(path)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await expect(harness.jobs.startExport(ORG, { scope: { kind: 'org' } })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    await harness.restart();
    expect((await harness.import(path)).state).toBe('succeeded');
    expect(stored()).toEqual(all);
  });

  it('goes on with a packed archive in the middle, checksums and all', async () => {
    await harness.import(path);
    const exported = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await harness.jobs.finished(ORG, exported.job_id);
    const archive = (await harness.jobs.exportFile(ORG, exported.job_id)).path;
    const { job_id } = await harness.jobs.startImport(OTHER_ORG, { source: file(archive), format: 'auto' });
    let inserts = 0;
    harness.memory.onInsert = () => {
      inserts += 1;
      harness.clock.advance({ ms: 400 });
      if (inserts === 4) void harness.jobs.cancel(OTHER_ORG, job_id);
    };
    const first = await harness.jobs.finished(OTHER_ORG, job_id);
    expect(first.state).toBe('cancelled');
    harness.memory.onInsert = () => undefined;
    const again = await harness.jobs.startImport(OTHER_ORG, { source: file(archive), format: 'auto' });
    expect(again.resumed_from_record).toBeGreaterThan(all.messages);
    const second = asImport(await harness.jobs.finished(OTHER_ORG, again.job_id));
    expect(second).toMatchObject({ state: 'succeeded', failure: null, error_count: 0 });
    expect(second.added).toEqual({ ...NOTHING, ...all });
  });

  it('counts the conversation it goes on with once', async () => {
    const long = join(harness.folder, 'session.jsonl');
    const holds = await writeClaudeCodeSession(long, { messages: 2000 });
    const { job_id } = await start(long);
    whenStored(600, () => void harness.jobs.cancel(ORG, job_id));
    expect((await harness.jobs.finished(ORG, job_id)).state).toBe('cancelled');
    const second = await harness.import(long);
    expect(second.resumed_from_record).toBeGreaterThan(100);
    expect(second).toMatchObject({
      added: { sessions: 1, messages: holds.messages },
      already_there: { sessions: 0, messages: 0 },
    });
  });

  it('goes on in the middle though a conversation of the file has only begun', async () => {
    const begun = `${JSON.stringify({ role: 'system', content: 'You help', conversation_id: 'other' })}\n`;
    const lines = Array.from({ length: 2000 }, (_, index) => chat(`m${index}`, { conversation_id: 'one' }));
    const mixed = await harness.file('a.jsonl', begun + lines.join(''));
    const { job_id } = await start(mixed);
    whenStored(1000, () => void harness.jobs.cancel(ORG, job_id));
    await harness.jobs.finished(ORG, job_id);
    const second = await harness.import(mixed);
    expect(second.resumed_from_record).toBeGreaterThan(500);
    expect(second).toMatchObject({ added: { sessions: 2, messages: 2001 }, already_there: { messages: 0 } });
    expect((await harness.import(mixed)).added).toEqual(NOTHING);
  });

  it('begins anew in other stores, which hold nothing of what was read', async () => {
    const { job_id } = await start(path);
    whenStored(600, () => void harness.jobs.cancel(ORG, job_id));
    expect((await harness.jobs.finished(ORG, job_id)).state).toBe('cancelled');
    harness.store_identity = 'other stores';
    harness.sessions.held.clear();
    harness.memory.working.clear();
    await harness.restart();
    expect(await harness.import(path)).toMatchObject({ state: 'succeeded', resumed_from_record: 0, added: all });
    expect(stored()).toEqual(all);
  });

  it('tries again while the stores are away for a moment', async () => {
    harness.sessions.failures = 2;
    harness.memory.failures = 2;
    expect(await harness.import(path)).toMatchObject({ state: 'succeeded', added: all });
  });

  it('fails when they stay away, says so, and goes on later', async () => {
    whenStored(600, () => {
      harness.memory.failures = 1000;
    });
    const failed = await harness.import(path);
    expect(failed).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/database is away.*Start it again to go on/),
    });
    harness.memory.failures = 0;
    harness.sessions.failures = 1000;
    expect(await harness.import(path)).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/session store is away/),
    });
    harness.sessions.failures = 0;
    expect((await harness.import(path)).state).toBe('succeeded');
    expect(stored()).toEqual(all);
  });
});

describe('jobs', () => {
  it('are listed newest first and told of while they work', async () => {
    const path = await harness.file(
      'a.jsonl',
      Array.from({ length: 1000 }, (_, index) => chat(`message ${index}`)).join(''),
    );
    const { job_id } = await start(path);
    const seen: TransferJob[] = [];
    harness.jobs.onProgress(job_id, (job) => seen.push(job));
    const quiet = harness.jobs.onProgress(job_id, () => {
      throw new Error('must not be called');
    });
    quiet();
    harness.memory.onInsert = () => harness.clock.advance({ ms: 600 });
    expect(harness.jobs.get(ORG, job_id)).toMatchObject({ state: 'running', format: null, name: 'a.jsonl' });
    await harness.jobs.finished(ORG, job_id);
    const records = seen.map(({ progress }) => progress.records_done);
    expect(records.length).toBeGreaterThan(3);
    expect(records).toEqual([...records].sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ state: 'succeeded', progress: { records_done: 1000 } });
    const exported = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    expect(harness.jobs.list(ORG).map((job) => job.job_id)).toEqual([exported.job_id, job_id]);
    await harness.jobs.finished(ORG, exported.job_id);
  });

  it('two work at a time, the others wait, and one that waits can be cancelled', async () => {
    const paths = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => harness.file(name, chat(`${name} `.repeat(20)))),
    );
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const insert = harness.memory.insert.bind(harness.memory);
    let working = 0;
    let most = 0;
    harness.memory.insert = async (...given) => {
      working += 1;
      most = Math.max(most, working);
      await gate;
      working -= 1;
      return await insert(...given);
    };
    const jobs = await Promise.all(paths.map((path) => start(path)));
    const last = jobs[3];
    if (last === undefined) throw new Error('no job');
    expect(await harness.jobs.cancel(ORG, last.job_id)).toMatchObject({ state: 'cancelled', added: NOTHING });
    await vi.waitFor(() => expect(working).toBe(2));
    release();
    const ends = await Promise.all(jobs.slice(0, 3).map(({ job_id }) => harness.jobs.finished(ORG, job_id)));
    expect(ends.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(most).toBe(2);
  });

  it('of two users may read the same upload, one after the other', async () => {
    const narrow = await TransferHarness.create({ max_working: 1 });
    const content = Buffer.from(chat('one') + chat('two'));
    const { upload_id } = await narrow.jobs.beginUpload(ORG, { name: 'a.jsonl', size: content.length });
    await narrow.jobs.receiveChunk(ORG, upload_id, 0, content);
    const of = (user_id: string) =>
      narrow.jobs.startImport(ORG, { source: { kind: 'upload', upload_id }, format: 'auto', user_id });
    const jobs = [await of('alice'), await of('bob'), await of('carol')];
    await narrow.jobs.eraseUser(ORG, 'carol');
    for (const { job_id } of jobs.slice(0, 2)) {
      expect(await narrow.jobs.finished(ORG, job_id)).toMatchObject({ state: 'succeeded', added: { messages: 2 } });
    }
    expect(await readdir(join(narrow.folder, 'uploads'))).toEqual([]);
    await expect(of('dave')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await narrow.dispose();
  });

  it('of the same file do not run twice at once', async () => {
    const path = await harness.file('a.jsonl', chat('x'));
    const { job_id } = await start(path);
    await expect(start(path)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(job_id) });
    await harness.jobs.finished(ORG, job_id);
    await expect(start(path)).resolves.toMatchObject({ state: 'running' });
  });

  it('of another organisation are not there', async () => {
    const path = await harness.file('a.jsonl', chat('x'));
    const imported = await start(path);
    const exported = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    const gone = { code: 'NOT_FOUND' };
    for (const { job_id } of [imported, exported]) {
      expect(() => harness.jobs.get(OTHER_ORG, job_id)).toThrow(expect.objectContaining(gone));
      await expect(harness.jobs.cancel(OTHER_ORG, job_id)).rejects.toMatchObject(gone);
      await expect(harness.jobs.finished(OTHER_ORG, job_id)).rejects.toMatchObject(gone);
      expect((await harness.jobs.finished(ORG, job_id)).state).toBe('succeeded');
      await expect(harness.jobs.exportFile(OTHER_ORG, job_id)).rejects.toMatchObject(gone);
    }
    expect(harness.jobs.list(OTHER_ORG)).toEqual([]);
    // The same file may be imported there, from its beginning.
    expect(await harness.import(path, { scope: OTHER_ORG })).toMatchObject({ added: { messages: 1 } });
  });

  it('that do not exist are not found', async () => {
    const nowhere = '018f0000-0000-7000-8000-000000000000';
    expect(() => harness.jobs.get(ORG, nowhere)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await expect(harness.jobs.cancel(ORG, nowhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are forgotten when they have ended, an export with its archive', async () => {
    const imported = await harness.import(await harness.file('a.jsonl', chat('x')));
    const exported = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await expect(harness.jobs.forget(ORG, exported.job_id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await harness.jobs.finished(ORG, exported.job_id);
    for (const { job_id } of [imported, exported]) {
      await expect(harness.jobs.forget(OTHER_ORG, job_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await harness.jobs.forget(ORG, job_id);
      await expect(harness.jobs.forget(ORG, job_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(harness.jobs.list(ORG)).toEqual([]);
    expect(await readdir(join(harness.folder, 'exports'))).toEqual([]);
    expect(harness.memory.working.size).toBe(1);
  });

  it('are listed with their first errors only', async () => {
    const { job_id } = await harness.import(await harness.file('bad.jsonl', `${chat('x')}${'no\n'.repeat(30)}`));
    const [listed] = harness.jobs.list(ORG);
    expect(listed && asImport(listed)).toMatchObject({ error_count: 30, errors: { length: 20 } });
    expect(asImport(harness.jobs.get(ORG, job_id)).errors).toHaveLength(30);
  });

  it('of an erased user are forgotten, with their archives', async () => {
    const path = await harness.file('a.jsonl', chat('x'));
    await harness.import(path, { user_id: 'alice' });
    await harness.import(path, { user_id: 'bob' });
    const exported = await harness.jobs.startExport(ORG, { scope: { kind: 'user', user_id: 'alice' } });
    await harness.jobs.finished(ORG, exported.job_id);
    expect(await harness.jobs.eraseUser(ORG, 'alice')).toBe(2);
    expect(harness.jobs.list(ORG).map((job) => asImport(job).user_id)).toEqual(['bob']);
    expect(await readdir(join(harness.folder, 'exports'))).toEqual([]);
  });
});

describe('an export', () => {
  it('that was cancelled leaves no file', async () => {
    for (let index = 0; index < 3; index += 1) await harness.import(await harness.file(`f${index}`, chat(`x${index}`)));
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await expect(harness.jobs.exportFile(ORG, job_id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await harness.jobs.cancel(ORG, job_id)).toMatchObject({ state: 'cancelled' });
    await expect(harness.jobs.exportFile(ORG, job_id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readdir(join(harness.folder, 'exports')).catch(() => [])).toEqual([]);
  });

  it('that was cancelled in the middle leaves no half file', async () => {
    const many = Array.from({ length: 400 }, (_, index) => chat(`message ${index} ${'x'.repeat(400)}`)).join('');
    await harness.import(await harness.file('many.jsonl', many));
    const seen: string[] = [];
    const rows = harness.memory.rows.bind(harness.memory);
    harness.memory.rows = async function* (...given) {
      for await (const row of rows(...given)) {
        yield row;
        if (seen.length > 0) continue;
        seen.push(...(await readdir(join(harness.folder, 'exports'))));
        void harness.jobs.cancel(ORG, job_id);
      }
    };
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    expect(await harness.jobs.finished(ORG, job_id)).toMatchObject({ state: 'cancelled', sha256: null });
    expect(seen).toEqual([`${job_id}.archon.gz.partial`]);
    await expect(harness.jobs.exportFile(ORG, job_id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readdir(join(harness.folder, 'exports'))).toEqual([]);
  });

  it('fails with what to do when the disk is full, and leaves no file', async () => {
    await harness.import(await harness.file('f', chat('x')));
    harness.memory.rows = () => {
      throw Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    };
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    expect(await harness.jobs.finished(ORG, job_id)).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/disk .* is full: free some space/),
    });
    expect(await readdir(join(harness.folder, 'exports'))).toEqual([]);
  });

  it('cleans up at the next start what a killed one left behind', async () => {
    const exported = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await harness.jobs.finished(ORG, exported.job_id);
    await writeFile(join(harness.folder, 'exports', 'x.archon.gz.partial'), 'half');
    await harness.restart();
    expect(await readdir(join(harness.folder, 'exports'))).toEqual([`${exported.job_id}.archon.gz`]);
  });
});
