import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry, LogTailItem, ParsedInputs } from '../../../src-contract/index.ts';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { Logs, type LogsOptions } from './logs.ts';

type ListInput = ParsedInputs['logs']['list'];

let root: string;
let clock: TestClock;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'archon-logs-'));
  clock = new TestClock();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(options: Partial<LogsOptions> = {}, max_bytes = 1024 ** 2): Logs {
  const file = { folder: root, name: 'archon.log', max_bytes, files: 5 };
  return new Logs({ level: 'info', clock, file, ...options });
}

/** Every page, until there is none. */
async function all(logs: Logs, input: Partial<ListInput> = {}): Promise<LogEntry[]> {
  const found: LogEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await logs.list({ limit: 50, ...input, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

const messages = (entries: readonly LogEntry[]) => entries.map(({ message }) => message);

describe('the list of the log', () => {
  it('has the newest first, with what was said', async () => {
    const logs = open();
    logs.logger.child({ component: 'memory' }).warn({ err: new TypeError('no'), memories: 3 }, 'not written');
    clock.advance({ ms: 1 });
    logs.logger.info('later');
    const [later, first] = await all(logs);
    expect(later).toMatchObject({ message: 'later', level: 'info', component: 'engine', error: null, fields: {} });
    expect(first).toMatchObject({
      message: 'not written',
      level: 'warn',
      component: 'memory',
      error: { type: 'TypeError', message: 'no', code: null, stack: expect.stringContaining('logs.test.ts') },
      fields: { memories: 3 },
    });
    expect(Number(later?.id)).toBeGreaterThan(Number(first?.id));
  });

  it('goes back through files that were rotated, and over a restart, without a hole or a repeat', async () => {
    const before = open({}, 8000);
    for (let number = 0; number < 60; number += 1) before.logger.info({ number }, `entry ${number}`);
    const after = open({ ring: { entries: 7 } }, 8000);
    for (let number = 60; number < 120; number += 1) after.logger.info({ number }, `entry ${number}`);
    expect(readdirSync(root).length).toBeGreaterThan(1);
    for (const limit of [1, 7, 50]) {
      const numbers = (await all(after, { limit })).map(({ fields }) => fields.number);
      expect(numbers).toEqual(Array.from({ length: 120 }, (_, index) => 119 - index));
    }
  });

  it('goes on where it was while files are rotated under it', async () => {
    const logs = open({ ring: { entries: 3 } }, 5000);
    for (let number = 0; number < 50; number += 1) logs.logger.info(`entry ${number}`);
    const first = await logs.list({ limit: 20 });
    for (let number = 50; number < 70; number += 1) logs.logger.info(`entry ${number}`);
    const next = await logs.list({ limit: 20, cursor: first.next_cursor ?? '' });
    expect(messages([...first.items, ...next.items])).toEqual(
      Array.from({ length: 40 }, (_, index) => `entry ${49 - index}`),
    );
  });

  it('finds by level, component, words and time', async () => {
    const logs = open();
    const start = clock.now();
    logs.logger.child({ component: 'http' }).error({ path: '/cellar' }, 'one');
    clock.advance({ ms: 1000 });
    logs.logger.child({ component: 'memory' }).warn('two in the Cellar');
    clock.advance({ ms: 1000 });
    logs.logger.info('three');
    const at = (ms: number) => new Date(start + ms).toISOString();
    for (const again of [logs, open()]) {
      expect(messages(await all(again, { level: 'warn' }))).toEqual(['two in the Cellar', 'one']);
      expect(messages(await all(again, { components: ['http'] }))).toEqual(['one']);
      expect(messages(await all(again, { text: 'CELLAR' }))).toEqual(['two in the Cellar', 'one']);
      expect(messages(await all(again, { from: at(1000) }))).toEqual(['three', 'two in the Cellar']);
      expect(messages(await all(again, { to: at(1000) }))).toEqual(['one']);
      expect(messages(await all(again, { from: at(1000), to: at(2000) }))).toEqual(['two in the Cellar']);
    }
  });

  it('skips lines that are no entries, and counts them', async () => {
    open().logger.info('before');
    appendFileSync(join(root, 'archon.log'), `not json\n{"level":30}\n${'x'.repeat(3_000_000)}\n{"half`);
    const logs = open();
    logs.logger.info('after');
    const page = await open().list({ limit: 10 });
    expect(messages(page.items)).toEqual(['after', 'before']);
    expect(page).toMatchObject({ broken: 4, looked_at: 2, next_cursor: null });
  });

  it('keeps its order, whatever members an entry has', async () => {
    const logs = open({ ring: { entries: 1 } });
    logs.logger.info('before');
    logs.logger.info({ id: 5, level: 'high', time: 7 }, 'with members of the same names');
    logs.logger.child({ id: 'memory-1', time: 'noon' }).warn('with such bindings');
    logs.logger.info('after');
    const entries = await all(logs, { limit: 1 });
    expect(messages(entries)).toEqual(['after', 'with such bindings', 'with members of the same names', 'before']);
    expect(entries[1]).toMatchObject({ level: 'warn', fields: { id_: 'memory-1', time_: 'noon' } });
    expect(entries[2]).toMatchObject({ level: 'info', fields: { id_: 5, level_: 'high', time_: 7 } });
    expect(new Set(entries.map(({ created_at }) => created_at))).toEqual(
      new Set([new Date(clock.now()).toISOString()]),
    );
  });

  it('skips what says it is of a time that is none', async () => {
    open().logger.info('before');
    const times = ['1e300', '9007199254740991', '-5', '1.5'];
    appendFileSync(join(root, 'archon.log'), times.map((time) => `{"level":30,"time":${time}}\n`).join(''));
    const page = await open().list({ limit: 10 });
    expect(messages(page.items)).toEqual(['before']);
    expect(page.broken).toBe(4);
  });

  it('finds what lies before more rubbish than a page looks through', async () => {
    open().logger.info('before');
    appendFileSync(join(root, 'archon.log'), `${'rubbish '.repeat(1000)}\n`.repeat(600));
    expect(messages(await all(open({}, 1024 ** 3)))).toEqual(['before']);
  });

  it('goes on with its ids when it was killed between two files and the clock was set back', async () => {
    const before = open({}, 2000);
    for (let number = 0; number < 60; number += 1) before.logger.info(`entry ${number}`);
    rmSync(join(root, 'archon.log'));
    clock.advance({ days: -1 });
    const after = open({ ring: { entries: 1 } }, 2000);
    for (const word of ['one', 'two', 'three']) after.logger.info(word);
    expect(messages(await all(after, { limit: 2 })).slice(0, 3)).toEqual(['three', 'two', 'one']);
    expect((await all(after, { limit: 2 })).length).toBeGreaterThan(10);
  });

  it('reads texts whose letters are cut in two by the pieces that are read', async () => {
    const logs = open({ ring: { entries: 1 } }, 1024 ** 3);
    const texts = Array.from({ length: 60 }, (_, number) => `${number} ${'𝄞é€'.repeat(1500 + number)}`);
    for (const text of texts) logs.logger.info(text);
    const page = await logs.list({ limit: 100 });
    expect(page.broken).toBe(0);
    expect(messages(page.items)).toEqual(texts.reverse());
  });

  it('looks through a bounded part at a time', async () => {
    const line = (number: number) =>
      `${JSON.stringify({ id: number, level: 30, time: number, msg: `${number} ${'y'.repeat(1000)}` })}\n`;
    const lines = Array.from({ length: 12_000 }, (_, index) => line(index + 1));
    writeFileSync(join(root, 'archon.log'), lines.join(''));
    const logs = open();
    const first = await logs.list({ limit: 10, text: '917 yyy' });
    expect(first.items.length).toBeLessThan(10);
    expect(first.next_cursor).not.toBeNull();
    expect(first.looked_at).toBeLessThan(6000);
    expect(await all(logs, { limit: 500, text: ' yyy' })).toHaveLength(12_000);
    const [last] = await all(logs, { text: '917 yyy' });
    expect(last?.id).toBe('11917');
  });

  it('refuses a cursor that is none', async () => {
    await expect(open().list({ limit: 10, cursor: 'made-up' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('is there from memory when nothing can be written', async () => {
    writeFileSync(join(root, 'taken'), '');
    const file = { folder: join(root, 'taken'), name: 'archon.log', max_bytes: 1000, files: 2 };
    const logs = open({ file });
    logs.logger.info('kept');
    expect(messages(await all(logs))).toEqual([expect.stringContaining('cannot be written'), 'kept']);
    clock.advance({ ms: 2000 });
    logs.logger.info('still not');
    expect(messages(await all(logs))).toEqual(['still not', expect.stringContaining('cannot be written'), 'kept']);
    rmSync(join(root, 'taken'));
    clock.advance({ ms: 2000 });
    logs.logger.info('now');
    expect(messages(await all(logs)).slice(0, 2)).toEqual([expect.stringContaining('2 entries are missing'), 'now']);
  });
});

describe('the tail of the log', () => {
  async function take(items: AsyncGenerator<LogTailItem, void>, count: number): Promise<LogTailItem[]> {
    const taken: LogTailItem[] = [];
    for (let at = 0; at < count; at += 1) {
      const next = await items.next();
      if (next.done) break;
      taken.push(next.value);
    }
    return taken;
  }
  const said = (items: readonly LogTailItem[]) =>
    items.map((item) => (item.kind === 'entry' ? item.entry.message : `${item.count} left out`));

  it('begins when it is opened, goes on after an id, and ends with its signal', async () => {
    const logs = open();
    const stop = new AbortController();
    const items = logs.tail({ signal: stop.signal, level: 'warn' });
    logs.logger.info('not this');
    logs.logger.warn('one');
    logs.logger.error('two');
    const [one, two] = await take(items, 2);
    expect(said([one, two].filter((item) => item !== undefined))).toEqual(['one', 'two']);
    const after_id = one?.kind === 'entry' ? one.entry.id : '';
    expect(said(await take(logs.tail({ signal: undefined, level: 'warn', after_id }), 1))).toEqual(['two']);
    const waiting = items.next();
    stop.abort();
    expect(await waiting).toMatchObject({ done: true });
  });

  it('says that entries are missing when they are not there any more', async () => {
    const logs = open({ ring: { entries: 2 } });
    for (const word of ['one', 'two', 'three', 'four']) logs.logger.info(word);
    expect(said(await take(logs.tail({ signal: undefined, after_id: '1' }), 3))).toEqual([
      'null left out',
      'three',
      'four',
    ]);
  });

  it('goes on over a restart for a reader that missed nothing', async () => {
    const before = open();
    before.logger.info('one');
    const [one] = await all(before);
    const after = open();
    const items = after.tail({ signal: undefined, after_id: one?.id });
    after.logger.info('two');
    expect(said(await take(items, 1))).toEqual(['two']);
  });

  it('leaves out the oldest for a reader that is too slow, and says how many', async () => {
    const logs = open();
    const items = logs.tail({ signal: undefined });
    for (let number = 0; number < 1010; number += 1) logs.logger.info(`${number}`);
    expect(said(await take(items, 2))).toEqual(['10 left out', '10']);
    await items.return();
  });
});

describe('the level of the log', () => {
  it('can be another for a while, for loggers that are there already', async () => {
    const logs = open();
    const logger = logs.logger.child({ component: 'http' });
    logger.debug('not yet');
    expect(logs.setLevel('debug', 10)).toMatchObject({ level: 'debug', configured: 'info' });
    logger.debug('now');
    clock.advance({ ms: 600_000 });
    logger.debug('not any more');
    expect(logs.level()).toEqual({ level: 'info', configured: 'info', until: null });
    logs.setLevel('error', 10);
    logger.warn('too little');
    logs.setLevel(null, 1);
    logger.info('again');
    expect(messages(await all(logs))).toEqual(['again', 'now']);
  });
});

describe('a level for a while', () => {
  it('is over when the clock is set back', () => {
    const logs = open();
    logs.setLevel('trace', 10);
    clock.advance({ days: -300 });
    expect(logs.level()).toEqual({ level: 'info', configured: 'info', until: null });
  });
});

describe('secrets', () => {
  it('are nowhere: not in the files, the list, the tail, nor what is printed', async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{16,32}$/);
    await fc.assert(
      fc.asyncProperty(secret, async (planted) => {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(root);
        const printed: string[] = [];
        const logs = open({ print: (line) => void printed.push(line), ring: { entries: 3 } });
        const items = logs.tail({ signal: undefined });
        const token = `archon_${planted.padEnd(43, 'X')}`;
        logs.logger.info({ url: `postgres://ada:${planted}@db/x` }, `using postgres://ada:${planted}@db/x`);
        logs.logger.warn({ err: new Error(`refused: Authorization: Bearer ${planted}`) }, 'refused');
        logs.logger.error({ req: { headers: { authorization: planted, cookie: [planted] } } }, token);
        logs.logger.error({ webhook: { secret: planted } }, `whsec_${planted}`);
        const known = open({ secrets: [planted] });
        known.logger.info({ note: `${planted}!` }, planted);
        const tailed = await Promise.all([items.next(), items.next(), items.next(), items.next()]);
        const files = readdirSync(root).map((name) => readFileSync(join(root, name), 'utf8'));
        const everything = JSON.stringify([printed, await all(logs), await all(known), tailed, files]);
        expect(everything).not.toContain(planted);
        expect(everything).toContain('[redacted]');
        await items.return();
      }),
      { numRuns: 25 },
    );
  });
});

describe('a configuration that changes', () => {
  it('holds from the next entry on: the level, the size and number of files, and what is secret', async () => {
    const logs = open({ secrets: ['first-password'] });
    logs.logger.debug('too quiet');
    logs.configure({ level: 'debug', secrets: ['second-password'] });
    logs.logger.debug('first-password and second-password');
    expect(messages(await all(logs))).toEqual(['[redacted] and [redacted]']);
    logs.configure({ file: { max_bytes: 2000, files: 2 } });
    for (let number = 0; number < 60; number += 1) logs.logger.info({ number }, `entry ${number}`);
    expect(readdirSync(root).sort()).toEqual(['archon.log', 'archon.log.1']);
    for (const name of readdirSync(root)) expect(readFileSync(join(root, name)).length).toBeLessThanOrEqual(2000);
  });

  it('does not end what was chosen for a while', () => {
    const logs = open();
    logs.setLevel('trace', 10);
    logs.configure({ level: 'error' });
    expect(logs.level()).toMatchObject({ level: 'trace', configured: 'error' });
    clock.advance({ minutes: 10 });
    expect(logs.level()).toMatchObject({ level: 'error', until: null });
  });
});
