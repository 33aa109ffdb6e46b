/** What only the SQLite store has to do: keep what it acknowledged, whatever happens to the process or the disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionStoreUnavailableError } from '../../../src-main/storage/sessions/session-store.ts';
import { SqliteSessionStore } from '../../../src-main/storage/sessions/sqlite-session-store.ts';
import { SqliteFileError } from '../../../src-main/storage/sqlite-faults.ts';
import { childEnvironment } from '../../support/child-environment.ts';
import {
  APPEND_SCOPE,
  newScope,
  SESSION_MIGRATIONS,
  sessionRecord,
  testMessage,
  testMessages,
} from '../../support/session-backends.ts';

const APPEND = fileURLToPath(new URL('../../support/append-messages.ts', import.meta.url));

describe('sessions in a SQLite file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-sessions-'));
    file = join(folder, 'sessions.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = () => new SqliteSessionStore(file, SESSION_MIGRATIONS);
  const append = (prefix: string, count: number) =>
    spawn(process.execPath, [APPEND, file, prefix, String(count)], {
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  /** Lines a process prints until it ends; `onLine` may end it. */
  const linesOf = async (child: ChildProcess, onLine: (count: number) => void = () => {}): Promise<string[]> => {
    const lines: string[] = [];
    if (!child.stdout) throw new Error('no output to read');
    for await (const line of createInterface({ input: child.stdout })) onLine(lines.push(line));
    return lines;
  };
  const storedIds = async (): Promise<string[]> => {
    const store = open();
    const range = { order: 'oldest_first' as const, limit: 100_000 };
    const stored = (await store.messages(APPEND_SCOPE, 'session-1', range, Date.now())) ?? [];
    const session = await store.get(APPEND_SCOPE, 'session-1', Date.now(), false);
    await store.close();
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, i) => i + 1));
    expect(session?.message_count).toBe(stored.length);
    return stored.map(({ message }) => message.message_id);
  };
  const integrity = () => {
    const db = new BetterSqlite3(file);
    const answer = db.pragma('integrity_check', { simple: true });
    db.close();
    return answer;
  };

  it('are there again after closing and opening', async () => {
    const scope = newScope();
    const now = Date.now();
    const before = open();
    const { session } = await before.create(scope, sessionRecord(now, { title: 'kept' }), testMessages(1, 5), now);
    await before.close();
    const after = open();
    expect(await after.get(scope, 'session-1', now, false)).toEqual(session);
    const stored = await after.messages(scope, 'session-1', { order: 'oldest_first', limit: 10 }, now);
    expect(stored?.map(({ message }) => message)).toEqual(testMessages(1, 5));
    await after.close();
  });

  it('lose nothing that was acknowledged when the process is killed', async () => {
    const child = append('a', 100_000);
    const acknowledged = await linesOf(child, (count) => {
      if (count === 50) child.kill('SIGKILL');
    });
    const stored = await storedIds();
    expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(integrity()).toBe('ok');
  });

  it('take the messages of two processes at once', async () => {
    const [first, second] = await Promise.all([linesOf(append('a', 150)), linesOf(append('b', 150))]);
    expect(first).toHaveLength(150);
    expect(second).toHaveLength(150);
    expect((await storedIds()).sort()).toEqual([...first, ...second].sort());
  });

  it.skipIf(process.platform === 'win32')('stay whole when the disk takes no more, which is said', async () => {
    // The limit of file size, in KiB, stands for the end of the disk; without the trap the process would be killed.
    const command = 'trap "" XFSZ; ulimit -f 800; exec "$0" "$@"';
    const child = spawn('bash', ['-c', command, process.execPath, APPEND, file, 'a', '100000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = await linesOf(child);
    const told = JSON.parse(lines.pop() ?? '{}');
    expect(told.kind).toMatch(/^(io|full)$/);
    expect(told.error).toContain(`SessionStoreUnavailableError: ${file}: the disk`);
    expect(lines.length).toBeGreaterThan(10);
    expect(await storedIds()).toEqual(lines);
    expect(integrity()).toBe('ok');
  });

  it('say which file is damaged when its pages are', async () => {
    const scope = newScope();
    const now = Date.now();
    const before = open();
    await before.create(scope, sessionRecord(now), testMessages(1, 500), now);
    await before.close();
    const bytes = readFileSync(file);
    // The first page, with the schema, stays, so that the file opens.
    writeFileSync(file, bytes.fill(0xa5, 4096));
    const store = open();
    const error = await store.get(scope, 'session-1', now).catch((reason: unknown) => reason);
    await store.close();
    expect(error).toBeInstanceOf(SessionStoreUnavailableError);
    if (!(error instanceof SessionStoreUnavailableError)) return;
    expect(error.message).toContain(`${file}: it is damaged`);
    expect(error.cause).toMatchObject({ kind: 'damaged', code: 'STORAGE_UNAVAILABLE', file });
  });

  it('are refused from a file that is no database', () => {
    writeFileSync(file, 'this is no database, whatever its name says. '.repeat(200));
    expect(open).toThrow(SqliteFileError);
    expect(open).toThrow(/is damaged or no SQLite database.*move the file aside/);
  });

  it('lose their answers to keyed writes a day later, within the limit of a sweep', async () => {
    const scope = newScope();
    const now = Date.now();
    const store = open();
    const message = testMessage(1, { content: 'said once' });
    const begin = sessionRecord(now);
    for (let n = 0; n < 5; n += 1) {
      const keyed = { key: `k${n}`, operation: 'append', request_sha256: 'x' };
      await store.append(scope, 'session-1', [{ ...message, message_id: `m${n}` }], now + n, { begin, keyed });
    }
    const rows = () => {
      const db = new BetterSqlite3(file);
      const [answers, contexts] = ['answers', 'answered_contexts'].map((table) =>
        db.prepare(`SELECT * FROM ${table}`).all(),
      );
      db.close();
      return { answers, contexts };
    };
    const before = rows();
    expect(before.answers).toHaveLength(5);
    expect(before.contexts).toHaveLength(1);
    expect(JSON.stringify(before)).not.toContain('said once');
    const later = now + 4 + 24 * 3600_000;
    expect(await store.sweep(later, 3)).toBe(3);
    expect(await store.sweep(later, 100)).toBe(2);
    expect(rows()).toMatchObject({ answers: [{ key: 'k4' }], contexts: [{}] });
    expect(await store.sweep(later + 1, 100)).toBe(2);
    await store.close();
  });

  it('are readable for their owner only, and a deleted one for nobody', async () => {
    const scope = newScope();
    const store = open();
    const messages = [testMessage(1, { content: 'my secret' })];
    await store.create(scope, sessionRecord(Date.now()), messages, Date.now());
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    await store.delete(scope, 'session-1', Date.now());
    await store.close();
    expect(readFileSync(file).includes('my secret')).toBe(false);
  });
});
