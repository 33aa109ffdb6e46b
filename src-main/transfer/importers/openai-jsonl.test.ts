import { utimes } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransferHarness } from '../../../tests/support/transfer-harness.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

async function importLines(...records: unknown[]) {
  const lines = records.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return await harness.import(await harness.file('messages.jsonl', lines.join('\n')));
}
const sessions = () => [...harness.sessions.held.values()];
const said = (index = 0) => (sessions()[index]?.messages ?? []).map(({ role, content }) => `${role}: ${content}`);
const remembered = () =>
  [...harness.memory.working.values()].map(({ memory_type, content }) => `${memory_type}: ${content.text}`);
const message = (role: string, content: unknown, more: object = {}) => ({ role, content, ...more });

describe('importing OpenAI-style messages', () => {
  it('makes a session of each line with messages', async () => {
    const job = await importLines(
      {
        id: 'run-1',
        title: 'Refunds',
        created: 1_746_000_000,
        messages: [
          message('developer', 'Be brief'),
          message('user', 'Refund?'),
          message('assistant', [{ type: 'text', text: 'Yes.' }]),
        ],
      },
      { messages: [message('system', 'You help'), message('user', 'Hi'), message('assistant', 'Hello')] },
    );
    expect(job).toMatchObject({
      format: 'openai-jsonl',
      added: { sessions: 2, messages: 6, working: 4 },
      error_count: 0,
    });
    expect(sessions()[0]?.session).toMatchObject({
      session_id: 'run-1',
      title: 'Refunds',
      started_at: '2025-04-30T08:00:00.000Z',
    });
    expect(said()).toEqual(['system: Be brief', 'user: Refund?', 'assistant: Yes.']);
    expect(sessions()[0]?.messages.map(({ timestamp }) => timestamp)).toEqual([
      '2025-04-30T08:00:00.000Z',
      '2025-04-30T08:00:00.001Z',
      '2025-04-30T08:00:00.002Z',
    ]);
    expect(remembered()).toEqual([
      'conversation: Refund?',
      'conversation: Yes.',
      'conversation: Hi',
      'conversation: Hello',
    ]);
  });

  it('puts lines that are messages into the conversation they name', async () => {
    await importLines(
      message('user', 'one', { conversation_id: 'a', timestamp: '2026-01-01T00:00:00Z' }),
      message('user', 'two', { session_id: 'b' }),
      message('assistant', 'three', { conversation_id: 'a' }),
    );
    expect(sessions().map(({ session }) => session.session_id)).toEqual(['a', 'b']);
    expect(said(0)).toEqual(['user: one', 'assistant: three']);
  });

  it('puts lines that name no conversation into one', async () => {
    const job = await importLines(message('user', 'same'), message('assistant', 'answer'), message('user', 'same'));
    expect(job.added).toMatchObject({ sessions: 1, messages: 3, working: 3 });
  });

  it('tells of tool calls and keeps tool output in the session', async () => {
    const tool_calls = [
      { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"query":"Lisbon"}' } },
      { id: 'c2', type: 'function', function: { name: 'now', arguments: '{}' } },
    ];
    await importLines({
      messages: [message('assistant', null, { tool_calls }), message('tool', '21 degrees', { tool_call_id: 'c1' })],
    });
    expect(said()).toEqual(['assistant: get_weather: Lisbon', 'assistant: now', 'tool: 21 degrees']);
    expect(remembered()).toEqual(['action: get_weather: Lisbon', 'action: now']);
  });

  it('adds a line of the same messages without an id once', async () => {
    const line = { messages: [message('user', 'Hi'), message('user', 'Hi')] };
    const job = await importLines(line, line);
    expect(job.added).toMatchObject({ sessions: 1, messages: 2 });
    expect(job.already_there).toMatchObject({ messages: 2 });
  });

  it('also reads the same as a JSON array', async () => {
    const path = await harness.file('messages.json', JSON.stringify([{ messages: [message('user', 'Hi')] }], null, 2));
    expect(await harness.import(path)).toMatchObject({ format: 'openai-jsonl', added: { sessions: 1, messages: 1 } });
  });

  it('dates what has no time by the file, in order, never after it was written', async () => {
    const path = await harness.file(
      'old.jsonl',
      `${JSON.stringify(message('user', 'a'))}\n${JSON.stringify(message('user', 'b'))}\n`,
    );
    const written = new Date('2025-01-01T00:00:00.000Z');
    await utimes(path, written, written);
    await harness.import(path);
    const times = sessions()[0]?.messages.map(({ timestamp }) => Date.parse(timestamp)) ?? [];
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1);
    expect(written.getTime() - (times[1] ?? 0)).toBeGreaterThanOrEqual(0);
    expect(written.getTime() - (times[1] ?? 0)).toBeLessThan(60_000);
  });

  it('reports odd types by line and field, and imports the rest', async () => {
    const job = await importLines(
      { messages: [message('user', 5), message('robot', 'x'), message('user', 'kept'), { role: 'user' }, 'text'] },
      { messages: 'none' },
      { id: 9, messages: [message('user', 'x')] },
      message('user', { text: 'x' }),
      { hello: 'world' },
      'not json',
      message('user', 'last'),
    );
    expect(job.state).toBe('succeeded');
    expect(job.errors.map(({ line, message: why }) => [line, why])).toEqual([
      [1, 'messages[0]: content must be a text or an array, but is a number'],
      [1, 'messages[1]: role must be one of system, developer, user, assistant, tool, function, but is "robot"'],
      [1, 'messages[3]: content must be a text, but is missing'],
      [1, 'messages[4]: the message must be an object, but is a string'],
      [2, 'messages must be an array, but is a string'],
      [3, 'id must be a text, but is a number'],
      [4, 'content must be a text or an array, but is an object'],
      [5, 'it has neither messages nor a role: this is no OpenAI-style conversation or message'],
      [6, expect.stringMatching(/^malformed JSON/)],
    ]);
    expect(remembered()).toEqual(['conversation: kept', 'conversation: last']);
  });
});
