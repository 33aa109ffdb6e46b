import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeMemoryTransfer } from '../../../tests/support/transfer-fake-memory.ts';
import { FakeSessionStore } from '../../../tests/support/transfer-fake-sessions.ts';
import { ORG } from '../../../tests/support/transfer-harness.ts';
import { newImportJob } from '../new-job.ts';
import type { ImportContext } from './importer.ts';
import { importerOf } from './registry.ts';

/** What an import needs, with batches so large that nothing is stored before the end. */
function contextOf(signal: AbortSignal, onTokensCounted: () => void): ImportContext {
  const source = { path: '', name: 'a', size: 1, mtime_ms: 0, gzip: false, fingerprint: '' };
  const start = { user_id: 'alice', started_at: '2026-06-01T12:00:00.000Z', previous: undefined };
  const { added, already_there } = newImportJob(ORG, source, start);
  return {
    scope: ORG,
    user_id: 'alice',
    sessions: new FakeSessionStore(),
    memory: new FakeMemoryTransfer(),
    report: { added, already_there, error: () => undefined, warning: () => undefined },
    signal,
    language: 'english',
    batch: { messages: 1_000_000, characters: 1_000_000_000 },
    retry_delays_ms: [],
    now: () => Date.parse(start.started_at),
    moment: () => Date.parse(start.started_at),
    countTokens: () => {
      onTokensCounted();
      return 1;
    },
    fallbackTime: (record) => record,
    allRecords: async function* () {},
  };
}

const MESSAGES = 2000;
const message = (id: number) => ({ author: { role: 'user' }, content: { content_type: 'text', parts: [`m${id}`] } });
const node = (_: unknown, id: number) => [`n${id}`, { parent: id === 0 ? null : `n${id - 1}`, message: message(id) }];
const chatgpt = { mapping: Object.fromEntries(Array.from({ length: MESSAGES }, node)) };
const openai = { messages: Array.from({ length: MESSAGES }, (_, id) => ({ role: 'user', content: `m${id}` })) };

describe('a single record that holds a long conversation', () => {
  /** Turns that others had. */
  let turns: number;
  let waiting: boolean;
  beforeEach(() => {
    // Every look at the clock takes 5 ms here.
    let now_ms = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now_ms += 5;
      return now_ms;
    });
    turns = 0;
    waiting = true;
    const takeTurn = () => {
      turns += 1;
      if (waiting) setImmediate(takeTurn);
    };
    setImmediate(takeTurn);
  });
  afterEach(() => {
    waiting = false;
    vi.restoreAllMocks();
  });

  it.each([
    ['chatgpt', chatgpt],
    ['openai-jsonl', openai],
  ] as const)('of kind %s lets others work, while it is read and while it is taken', async (kind, record) => {
    const { signal } = new AbortController();
    const turnsByMessage: number[] = [];
    const sink = importerOf(kind).open(
      contextOf(signal, () => turnsByMessage.push(turns)),
      undefined,
    );
    await sink.take(record, { line: 1, record: 1 }, 1);
    expect(turnsByMessage).toHaveLength(MESSAGES);
    // A turn after every 20 ms, for 2,000 messages of 5 ms.
    const [whileRead = 0] = turnsByMessage;
    expect(whileRead).toBeGreaterThan(300);
    expect(turns - whileRead).toBeGreaterThan(300);
  });

  it('is left at once when the import is cancelled while it is read', async () => {
    const abort = new AbortController();
    const sink = importerOf('chatgpt').open(
      contextOf(abort.signal, () => expect.unreachable('a message was taken')),
      undefined,
    );
    const taken = sink.take(chatgpt, { line: 1, record: 1 }, 1);
    setImmediate(() => abort.abort(new Error('cancelled')));
    await expect(taken).rejects.toThrow('cancelled');
    expect(turns).toBeLessThan(10);
  });
});
