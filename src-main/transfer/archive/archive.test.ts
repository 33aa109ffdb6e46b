import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { v5 as uuidv5 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExportJob, ExportScope } from '../../../src-contract/index.ts';
import { type GeneratedMemory, memoryOf, NOW } from '../../../tests/support/transfer-arbitraries.ts';
import { ORG, OTHER_ORG, TransferHarness } from '../../../tests/support/transfer-harness.ts';
import type { Scope } from '../../identity/scope.ts';
import { SourceReader } from '../records/source-file.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

async function fill(target: TransferHarness, memory: GeneratedMemory, scope = ORG): Promise<void> {
  for (const { record, messages } of memory.sessions)
    await target.sessions.create(scope, record, messages, target.clock.now());
  await target.memory.insert(scope, memory);
}

async function exportTo(target: TransferHarness, scope: Scope = ORG, what: ExportScope = { kind: 'org' }) {
  const { job_id } = await target.jobs.startExport(scope, { scope: what });
  const job = (await target.jobs.finished(scope, job_id)) as ExportJob;
  expect(job).toMatchObject({ state: 'succeeded', failure: null });
  const { path, name } = await target.jobs.exportFile(scope, job_id);
  return { job, path, name };
}

const linesOf = async (path: string) =>
  gunzipSync(await readFile(path))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const manifestOf = async (path: string) => (await linesOf(path)).at(-1);
const importArchive = (path: string, scope: Scope = ORG, target = harness) => importAs(target, path, scope);

async function importAs(target: TransferHarness, path: string, scope: Scope, user_id?: string) {
  const started = await target.jobs.startImport(scope, { source: { kind: 'file', path }, format: 'auto', user_id });
  const job = await target.jobs.finished(scope, started.job_id);
  if (job.kind !== 'import') throw new Error('an export');
  return job;
}

/** Everything the fakes hold of an organisation, whatever order it came in. */
const heldBy = (target: TransferHarness, org_id: string) => {
  const rows = <T extends { org_id: string }>(table: Map<string, T>) =>
    [...table.values()]
      .filter((row) => row.org_id === org_id)
      .map((row) => withoutOrg(row))
      .sort(byJson);
  return {
    sessions: [...target.sessions.held.values()]
      .filter(({ session }) => session.org_id === org_id)
      .map(({ session, messages }) => ({ session: withoutOrg(session), messages }))
      .sort(byJson),
    working: rows(target.memory.working),
    longterm: rows(target.memory.longterm),
    revisions: rows(target.memory.revisions),
    links: rows(target.memory.links),
  };
};
const withoutOrg = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner) => (key === 'org_id' ? undefined : inner));
const byJson = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe('an archive', () => {
  it('gives back every field of everything, in another organisation too', async () => {
    await fc.assert(
      fc.asyncProperty(memoryOf(ORG.org_id), async (memory) => {
        const from = await TransferHarness.create();
        const to = await TransferHarness.create();
        try {
          await fill(from, memory);
          const first = await exportTo(from);
          const job = await importAs(to, first.path, OTHER_ORG);
          expect(job).toMatchObject({ state: 'succeeded', failure: null, format: 'archon', errors: [] });
          expect(job.added).toEqual(first.job.exported);
          expect(heldBy(to, OTHER_ORG.org_id)).toEqual(heldBy(from, ORG.org_id));
          const second = await exportTo(to, OTHER_ORG);
          expect(await manifestOf(second.path)).toEqual(await manifestOf(first.path));
          const again = await importAs(to, first.path, OTHER_ORG);
          expect(Object.values(again.added).every((count) => count === 0)).toBe(true);
          expect(again.already_there).toEqual(first.job.exported);
        } finally {
          await from.dispose();
          await to.dispose();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  async function someMemory(): Promise<GeneratedMemory> {
    const enough = memoryOf(ORG.org_id).filter(
      ({ sessions, working, longterm, revisions, links }) =>
        sessions.some(({ messages }) => messages.length > 2) &&
        working.length > 1 &&
        longterm.length > 1 &&
        revisions.length > 0 &&
        links.length > 0,
    );
    const [memory] = fc.sample(enough, { numRuns: 1, seed: 7 });
    if (memory === undefined) throw new Error('no sample');
    return memory;
  }

  it('of one user holds nothing of another', async () => {
    await fill(harness, await someMemory());
    const { path, name } = await exportTo(harness, ORG, { kind: 'user', user_id: 'alice' });
    expect(name).toBe('archon-alice-2026-06-01.archon.gz');
    const users = (await linesOf(path)).map(
      ({ user_id, row, session }) =>
        user_id ?? (row as { user_id?: string })?.user_id ?? (session as { user_id?: string })?.user_id,
    );
    expect(new Set(users.filter((user) => user !== undefined))).toEqual(new Set(['alice']));
  });

  it('begins with a header and ends with a manifest of counts and checksums', async () => {
    const memory = await someMemory();
    await fill(harness, memory);
    const { path, job } = await exportTo(harness);
    const lines = await linesOf(path);
    expect(lines[0]).toEqual({
      type: 'header',
      format: 'archon-archive',
      version: 1,
      created_at: NOW,
      app_version: '0.1.0',
      scope: { kind: 'org' },
    });
    expect(lines.at(-1)).toMatchObject({
      type: 'manifest',
      counts: { session: memory.sessions.length, working: memory.working.length, longterm: memory.longterm.length },
    });
    expect(job.bytes).toBe((await readFile(path)).length);
    expect(job.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('renames a user to a file name every system takes', async () => {
    const { name } = await exportTo(harness, ORG, { kind: 'user', user_id: '../../etc/Zoë: 3' });
    expect(name).toBe('archon-_etc_Zo_3-2026-06-01.archon.gz');
  });

  it('exports all sessions though some are used meanwhile, and touches none', async () => {
    for (let index = 0; index < 450; index += 1) {
      const accessed = new Date(Date.parse('2026-05-01T00:00:00Z') + index * 60_000).toISOString();
      const record = {
        session_id: `s${index}`,
        user_id: 'alice',
        title: null,
        started_at: accessed,
        last_accessed_at: accessed,
        expires_at: '2026-06-20T00:00:00.000Z',
        ttl_seconds: 3_000_000,
        context: { active_project_id: null, active_task_ids: [], mentioned_files: [], metadata: {} },
      };
      await harness.sessions.create(ORG, record, [], harness.clock.now());
    }
    const list = harness.sessions.list.bind(harness.sessions);
    let pages = 0;
    harness.sessions.list = async (...given) => {
      pages += 1;
      // The oldest session is used after the first page was read: it jumps in front of what was read.
      if (pages === 2) {
        harness.clock.advance({ ms: 1 });
        await harness.sessions.get(ORG, 's0', harness.clock.now());
      }
      return await list(...given);
    };
    const { job } = await exportTo(harness);
    expect(job.exported.sessions).toBe(450);
    expect((await harness.sessions.get(ORG, 's5', harness.clock.now(), false))?.last_accessed_at).toBe(
      '2026-05-01T00:05:00.000Z',
    );
  });

  it('gives a session that has expired since a new life, and leaves the others as they are', async () => {
    const memory = await someMemory();
    await fill(harness, memory);
    const { path, job } = await exportTo(harness);
    const later = await TransferHarness.create();
    later.clock.advance({ days: 400 });
    const imported = await importArchive(path, ORG, later);
    expect(imported).toMatchObject({ state: 'succeeded', added: job.exported });
    for (const session of later.sessions.all(ORG, later.clock.now())) {
      expect(Date.parse(session.expires_at)).toBe(later.clock.now() + session.ttl_seconds * 1000);
      expect(session.last_accessed_at < NOW).toBe(true);
    }
    await later.dispose();
  });

  it('can be given to another user, beside the first, with every reference intact', async () => {
    const memory = await someMemory();
    await fill(harness, memory);
    const { path, job } = await exportTo(harness, ORG, { kind: 'user', user_id: 'alice' });
    const imported = await importAs(harness, path, ORG, 'carol');
    expect(imported).toMatchObject({ state: 'succeeded', errors: [], added: job.exported });
    const carols = await exportTo(harness, ORG, { kind: 'user', user_id: 'carol' });
    expect(carols.job.exported).toEqual(job.exported);
    const ids = new Set([...harness.memory.working.values(), ...harness.memory.longterm.values()].map(({ id }) => id));
    for (const { memory_id, before } of harness.memory.revisions.values()) {
      expect(ids.has(memory_id)).toBe(true);
      expect(before.id).toBe(memory_id);
    }
    for (const { from_id, to_id } of harness.memory.links.values())
      expect(ids.has(from_id) && ids.has(to_id)).toBe(true);
    expect((await importAs(harness, path, ORG, 'carol')).added).toEqual({
      sessions: 0,
      messages: 0,
      working: 0,
      longterm: 0,
      revisions: 0,
      links: 0,
    });
    // Under the name it has, nothing is renamed.
    expect((await importAs(harness, path, ORG, 'alice')).already_there).toEqual(job.exported);
  });

  it('of several users cannot be given to one', async () => {
    await fill(harness, await someMemory());
    const { path } = await exportTo(harness);
    const job = await importAs(harness, path, ORG, 'carol');
    expect(job).toMatchObject({ state: 'failed', failure: expect.stringContaining('holds several users') });
    expect(
      heldBy(harness, ORG.org_id).sessions.every(({ session }) => (session as { user_id: string }).user_id !== 'carol'),
    ).toBe(true);
  });
});

describe('an archive that is not as it was written', () => {
  const session = {
    session_id: 's1',
    org_id: ORG.org_id,
    user_id: 'alice',
    title: null,
    started_at: NOW,
    last_accessed_at: NOW,
    expires_at: '2026-06-01T13:00:00.000Z',
    ttl_seconds: 3600,
    context: { active_project_id: null, active_task_ids: [], mentioned_files: [], metadata: {} },
    message_count: 0,
    token_count: 0,
  };
  const message = { message_id: 'm1', role: 'user', content: 'two words', timestamp: NOW, token_count: 2 };
  const working = {
    org_id: ORG.org_id,
    id: '018f0000-0000-7000-8000-000000000001',
    user_id: 'alice',
    session_id: 's1',
    memory_type: 'decision',
    content: { text: 'we take the train' },
    metadata: {},
    tags: [],
    token_count: 4,
    relevance_score: 1,
    relevance_at: NOW,
    created_at: NOW,
    updated_at: NOW,
    expires_at: '2026-06-20T00:00:00.000Z',
    deleted_at: null,
    language: 'english',
  };
  const longterm = {
    org_id: ORG.org_id,
    id: '018f0000-0000-7000-8000-000000000002',
    user_id: 'alice',
    memory_type: 'fact',
    content: { text: 'fact' },
    metadata: {},
    tags: [],
    token_count: 1,
    provenance: { source: 'api' },
    importance_score: 0.5,
    pinned: false,
    access_count: 0,
    last_accessed_at: null,
    created_at: NOW,
    updated_at: NOW,
    valid_from: NOW,
    valid_to: null,
    superseded_by: null,
    deleted_at: null,
    language: 'english',
  };
  const link = { org_id: ORG.org_id, from_id: working.id, to_id: longterm.id, relation: 'supports', created_at: NOW };
  const revision = {
    org_id: ORG.org_id,
    memory_id: working.id,
    layer: 'working',
    revision: 1,
    change: 'updated',
    actor: 'cli',
    before: working,
    created_at: NOW,
  };
  const header = {
    type: 'header',
    format: 'archon-archive',
    version: 1,
    created_at: NOW,
    app_version: '0.1.0',
    scope: { kind: 'org' },
  };

  async function importRecords(records: unknown[], first: unknown = header) {
    const { ArchiveChecksums } = await import('./archive-checksums.ts');
    const checksums = new ArchiveChecksums();
    for (const record of records) {
      const { type } = (typeof record === 'object' && record !== null ? record : {}) as { type?: string };
      if (
        type === 'session' ||
        type === 'message' ||
        type === 'working' ||
        type === 'longterm' ||
        type === 'revision' ||
        type === 'link'
      )
        checksums.add(type, record);
    }
    const lines = [first, ...records, { type: 'manifest', ...checksums.totals() }];
    const path = await harness.file('hand.archon.gz', gzipSync(lines.map((line) => JSON.stringify(line)).join('\n')));
    return await importArchive(path);
  }

  it('is refused when a later Archon wrote it', async () => {
    const job = await importRecords([], { ...header, version: 3 });
    expect(job).toMatchObject({ state: 'failed', failure: expect.stringMatching(/version 3.*Update Archon/) });
  });

  it('is refused when its header is damaged', async () => {
    expect(await importRecords([], { ...header, scope: 'all' })).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('header of the archive is damaged: scope'),
    });
  });

  it('keeps what could be read when it was cut off', async () => {
    const lines = [header, { type: 'working', row: working }].map((line) => JSON.stringify(line)).join('\n');
    const job = await importArchive(await harness.file('cut.archon.gz', gzipSync(lines)));
    expect(job).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('ends before its manifest'),
      added: { working: 1 },
    });
    const links = Array.from({ length: 20_000 }, (_, index) => ({
      type: 'link',
      row: { ...link, to_id: uuidv5(`${index}`, uuidv5.URL) },
    }));
    const whole = gzipSync([header, ...links].map((record) => JSON.stringify(record)).join('\n'));
    const cut = await importArchive(await harness.file('cut2.archon.gz', whole.subarray(0, whole.length - 20)));
    expect(cut).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/damaged or was cut off \(gzip: unexpected end of file\)/),
    });
    expect(cut.added.links).toBeGreaterThan(1000);
  });

  it('says which records changed or are missing', async () => {
    await fill(harness, { sessions: [], working: [], longterm: [], revisions: [], links: [] });
    const good = {
      type: 'manifest',
      counts: { session: 0, message: 0, working: 1, longterm: 0, revision: 0, link: 0 },
      sha256: Object.fromEntries(
        ['session', 'message', 'working', 'longterm', 'revision', 'link'].map((type) => [type, '0'.repeat(64)]),
      ),
    };
    const write = (manifest: unknown) =>
      harness.file(
        'changed.archon.gz',
        gzipSync([header, { type: 'working', row: working }, manifest].map((line) => JSON.stringify(line)).join('\n')),
      );
    expect(await importArchive(await write(good))).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('the checksum of its working records differs'),
    });
    expect(await importArchive(await write({ ...good, counts: { ...good.counts, working: 2 } }))).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('written with 2 records of type working, 1 were read'),
    });
    expect(harness.memory.working.size).toBe(1);
  });

  it('counts tokens itself: budgets must not rest on what a file says', async () => {
    await importRecords([
      { type: 'session', session },
      { type: 'message', session_id: 's1', user_id: 'alice', seq: 1, message: { ...message, token_count: 0 } },
      { type: 'working', row: { ...working, token_count: 0 } },
    ]);
    expect(harness.sessions.messagesOf('s1')[0]?.token_count).toBe(2);
    expect([...harness.memory.working.values()][0]?.token_count).toBe(4);
  });

  const hostile: [string, unknown, RegExp][] = [
    ['an id that is no UUID', { type: 'working', row: { ...working, id: '1; DROP TABLE' } }, /^row\.id: /],
    ['a number for a text', { type: 'working', row: { ...working, content: { text: 5 } } }, /^row\.content.*text/],
    ['a missing field', { type: 'working', row: { ...working, expires_at: undefined } }, /^row\.expires_at: /],
    ['a field of its own', { type: 'working', row: { ...working, admin: true } }, /admin/],
    [
      'a date in the future',
      { type: 'working', row: { ...working, created_at: '2027-01-01T00:00:00.000Z' } },
      /^row\.created_at: must not lie in the future/,
    ],
    [
      'a memory that never ends',
      { type: 'working', row: { ...working, expires_at: '9999-01-01T00:00:00.000Z' } },
      /^row\.expires_at: must not lie so far in the future/,
    ],
    [
      'a session that never ends',
      { type: 'session', session: { ...session, expires_at: '9999-01-01T00:00:00.000Z' } },
      /^session\.expires_at: /,
    ],
    [
      'a score beyond its range',
      { type: 'longterm', row: { ...longterm, importance_score: 5 } },
      /^row\.importance_score: /,
    ],
    [
      'an end before its beginning',
      { type: 'longterm', row: { ...longterm, valid_to: '2020-01-01T00:00:00.000Z' } },
      /^row\.valid_to: must not lie before/,
    ],
    ['a link to itself', { type: 'link', row: { ...link, to_id: link.from_id } }, /^row\.to_id: /],
    ['NUL in a text', { type: 'working', row: { ...working, content: { text: 'a\u0000b' } } }, /NUL/],
    ['a lone surrogate', { type: 'working', row: { ...working, tags: ['\ud800'] } }, /lone surrogate/],
    [
      'a language that is no name',
      { type: 'working', row: { ...working, language: "english'; --" } },
      /^row\.language: /,
    ],
    [
      'a key that poisons prototypes',
      JSON.parse(
        JSON.stringify({ type: 'working', row: working }).replace(
          '"metadata":{}',
          '"metadata":{"__proto__":{"admin":true}}',
        ),
      ),
      /__proto__/,
    ],
    [
      'another such key',
      { type: 'working', row: { ...working, metadata: { deep: { constructor: 1 } } } },
      /constructor/,
    ],
    [
      'such a key in a revision',
      JSON.parse(
        JSON.stringify({ type: 'revision', row: revision }).replace('"before":{', '"before":{"__proto__":{"a":1},'),
      ),
      /__proto__/,
    ],
    ['an unknown type', { type: 'secret', row: {} }, /type must be one of session, .*, but is "secret"/],
    ['no type', { row: {} }, /type must be one of session, .*, but is missing/],
    ['no object', [1, 2], /type/],
    [
      'a message without its session',
      { type: 'message', session_id: 'lost', user_id: 'alice', seq: 1, message },
      /must stand before its messages/,
    ],
  ];
  it.each(hostile)('loses only the record with %s', async (_what, record, why) => {
    const job = await importRecords([
      record,
      { type: 'longterm', row: { ...longterm, id: '018f0000-0000-7000-8000-00000000000a' } },
    ]);
    expect(job).toMatchObject({
      state: 'succeeded',
      error_count: 1,
      added: { longterm: 1, working: 0, sessions: 0, messages: 0 },
    });
    expect(job.errors[0]).toMatchObject({ line: 2, record: 2, message: expect.stringMatching(why) });
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('does not bring records of another user in with those of one', async () => {
    const job = await importRecords(
      [
        { type: 'working', row: working },
        { type: 'working', row: { ...working, id: longterm.id, user_id: 'mallory' } },
      ],
      {
        ...header,
        scope: { kind: 'user', user_id: 'alice' },
      },
    );
    expect(job.errors).toEqual([
      { line: 3, record: 3, message: 'user_id: the archive is of user "alice", this record of "mallory"' },
    ]);
    expect(job.added.working).toBe(1);
  });

  it('is not given to another user by half of it, when it is cancelled while its users are looked for', async () => {
    const rows = Array.from({ length: 8000 }, (_, index) => ({
      type: 'working',
      row: { ...working, id: uuidv5(`${index}`, uuidv5.URL), user_id: index < 7900 ? 'alice' : 'bob' },
    }));
    const lines = [header, ...rows].map((line) => JSON.stringify(line)).join('\n');
    const path = await harness.file('hand.archon', lines);
    const source = { kind: 'file', path } as const;
    const { job_id } = await harness.jobs.startImport(ORG, { source, format: 'auto', user_id: 'carol' });
    const chunks = SourceReader.prototype.chunks;
    let readers = 0;
    const spy = vi.spyOn(SourceReader.prototype, 'chunks').mockImplementation(async function* (this: SourceReader) {
      readers += 1;
      try {
        for await (const chunk of chunks.call(this)) {
          yield chunk;
          // Beside the one that waits after the header, one reads all records for their users.
          if (readers === 2) void harness.jobs.cancel(ORG, job_id);
        }
      } finally {
        readers -= 1;
      }
    });
    expect(await harness.jobs.finished(ORG, job_id)).toMatchObject({ state: 'cancelled' });
    spy.mockRestore();
    expect(await importAs(harness, path, ORG, 'carol')).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('holds several users'),
    });
    expect(harness.memory.working.size).toBe(0);
  });

  it('stores little at a time, however much of it is no text', async () => {
    const small = await TransferHarness.create({ batch: { messages: 200, characters: 10_000 } });
    const metadata = { big: 'x'.repeat(4000) };
    const records = [
      { type: 'session', session },
      ...Array.from({ length: 9 }, (_, index) => ({
        type: 'message',
        session_id: 's1',
        user_id: 'alice',
        seq: index + 1,
        message: { ...message, message_id: `m${index}`, metadata },
      })),
      ...Array.from({ length: 9 }, (_, index) => ({
        type: 'working',
        row: { ...working, id: uuidv5(`${index}`, uuidv5.URL), metadata },
      })),
    ];
    let writes = 0;
    small.sessions.onWrite = () => {
      writes += 1;
    };
    const lines = [header, ...records].map((line) => JSON.stringify(line)).join('\n');
    const job = await importArchive(await small.file('hand.archon', lines), ORG, small);
    expect(job.added).toMatchObject({ sessions: 1, messages: 9, working: 9 });
    expect(writes).toBeGreaterThanOrEqual(3);
    expect(small.memory.batches).toEqual([3, 3, 3]);
    await small.dispose();
  });

  it('loses only the record with a list that is far too long', async () => {
    const endless = { ...working, metadata: { list: Array.from({ length: 300_000 }, () => ({})) } };
    const job = await importRecords([
      { type: 'working', row: endless },
      { type: 'longterm', row: longterm },
    ]);
    expect(job).toMatchObject({ state: 'succeeded', error_count: 1, added: { longterm: 1, working: 0 } });
    expect(job.errors[0]).toMatchObject({ line: 2, message: expect.stringContaining('at most 20000 values') });
  });

  it("leaves another user's session alone", async () => {
    const { message_count: _m, token_count: _t, org_id: _o, ...record } = session;
    await harness.sessions.create(ORG, { ...record, user_id: 'bob' }, [], harness.clock.now());
    const job = await importRecords([
      { type: 'session', session },
      { type: 'message', session_id: 's1', user_id: 'alice', seq: 1, message },
    ]);
    expect(job.errors).toEqual([
      { line: 2, record: 2, message: 'session "s1" was left out: another user has a session with this id' },
    ]);
    expect(harness.sessions.messagesOf('s1')).toEqual([]);
  });

  it('loses only the rows the database refuses', async () => {
    harness.memory.refused_text = 'we take the train';
    const job = await importRecords([
      { type: 'working', row: working },
      { type: 'working', row: { ...working, id: longterm.id, content: { text: 'fine' } } },
    ]);
    expect(job).toMatchObject({ state: 'succeeded', added: { working: 1 } });
    expect(job.errors).toEqual([
      { line: 2, record: 2, message: 'the database refused the working memory: string is too long for tsvector' },
    ]);
  });
});
