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
        id: 'thread_b6VnPq3XsT9',
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
      session_id: 'thread_b6VnPq3XsT9',
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
      message('user', 'one', { conversation_id: 'run-2026-05-a8f3c1', timestamp: '2026-01-01T00:00:00Z' }),
      message('user', 'two', { session_id: 'run-2026-05-77e0b2' }),
      message('assistant', 'three', { conversation_id: 'run-2026-05-a8f3c1' }),
    );
    expect(sessions().map(({ session }) => session.session_id)).toEqual(['run-2026-05-a8f3c1', 'run-2026-05-77e0b2']);
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

  it('keeps calls of every type, refusals, and the words of spoken answers', async () => {
    const job = await importLines({
      messages: [
        message('user', 'weather?'),
        message('assistant', null, { function_call: { name: 'get_weather', arguments: '{"query":"Paris"}' } }),
        message('function', '21', { name: 'get_weather' }),
        message('assistant', null, { refusal: 'I cannot help with that.' }),
        message('assistant', [{ type: 'refusal', refusal: 'No.' }]),
        message('assistant', 'Running it.', {
          tool_calls: [
            { id: 'c', type: 'custom', custom: { name: 'shell', input: 'npm test' } },
            { id: 'd', type: 'mcp_call', server: 'x' },
          ],
        }),
        message('assistant', null, { audio: { id: 'audio_1', transcript: 'Good evening.' } }),
      ],
    });
    expect(job.errors).toEqual([]);
    expect(said()).toEqual([
      'user: weather?',
      'assistant: get_weather: Paris',
      'tool: 21',
      'assistant: I cannot help with that.',
      'assistant: No.',
      'assistant: Running it.',
      'assistant: shell: npm test',
      'assistant: mcp_call: {"id":"d","type":"mcp_call","server":"x"}',
      'assistant: Good evening.',
    ]);
    expect(remembered()).toContain('action: shell: npm test');
  });

  it('takes numbers for ids', async () => {
    const job = await importLines(
      message('user', 'hi', { id: 1, conversation_id: 7 }),
      message('assistant', 'yo', { id: 2, conversation_id: 7 }),
      { id: 5, messages: [message('user', 'x')] },
    );
    expect(job).toMatchObject({ error_count: 0, added: { sessions: 2, messages: 3 } });
    expect(said()).toEqual(['user: hi', 'assistant: yo']);
    expect(sessions()[0]?.messages.map(({ message_id }) => message_id)).toEqual(['1', '2']);
    expect(sessions()[0]?.session.context.metadata).toMatchObject({ conversation_id: '7' });
  });

  it('keeps messages that share an id with another one, once, however often they come', async () => {
    const request = { id: 'req_1', conversation_id: 'c' };
    const lines = [message('user', 'question', request), message('assistant', 'answer', request)];
    const many = Array.from({ length: 250 }, (_, index) => message('user', `m${index}`, { conversation_id: 'c' }));
    // The last comes long after the first was stored.
    const all = [...lines, lines[0], ...many, message('user', 'late', request)];
    const job = await importLines(...all);
    expect(job).toMatchObject({ added: { messages: 253, working: 253 }, already_there: { messages: 1 } });
    expect([said()[0], said()[1], said().at(-1)]).toEqual(['user: question', 'assistant: answer', 'user: late']);
    expect(await importLines(...all, message('user', 'new', request))).toMatchObject({
      added: { sessions: 0, messages: 1, working: 1 },
      already_there: { messages: 254 },
    });
    await importLines({ id: 'd', messages: [message('user', 'one', request), message('user', 'two', request)] });
    expect(said(1)).toEqual(['user: one', 'user: two']);
  });

  it('keeps conversations of several files apart that are called "1" in each', async () => {
    const cats = [message('system', 'You help'), message('user', 'about cats')];
    const tax = [message('system', 'You help'), message('user', 'about tax')];
    await importLines({ id: '1', title: 'Cats', messages: cats });
    await importLines({ id: '1', title: 'Tax', messages: tax });
    expect(sessions().map(({ session }) => session.title)).toEqual(['Cats', 'Tax']);
    // It has grown since.
    const grown = { id: '1', messages: [...cats, message('assistant', 'Purr')] };
    expect((await importLines(grown)).added).toMatchObject({ sessions: 0, messages: 1 });
    // In one file it is one conversation, told in several lines.
    const more = { id: '1', messages: [message('user', 'and dogs?')] };
    expect((await importLines(grown, more)).added).toMatchObject({ sessions: 0, messages: 1 });
    expect(said(0)).toEqual(['system: You help', 'user: about cats', 'assistant: Purr', 'user: and dogs?']);
    expect(said(1)).toEqual(['system: You help', 'user: about tax']);
  });

  it('does so where a line is a message, also when lines of several conversations are mixed', async () => {
    const one = { conversation_id: 'chat 1' };
    const two = { conversation_id: 'chat 2' };
    const lines = (topic: string) => [
      message('system', 'You help', one),
      message('system', 'You help', two),
      message('user', `first of ${topic}`, two),
      message('user', `second of ${topic}`, one),
      message('assistant', `answer of ${topic}`, two),
    ];
    expect((await importLines(...lines('cats'))).added).toMatchObject({ sessions: 2, messages: 5 });
    expect((await importLines(...lines('tax'))).added).toMatchObject({ sessions: 2, messages: 5 });
    expect((await importLines(...lines('cats'), message('user', 'more', one))).added).toMatchObject({
      sessions: 0,
      messages: 1,
    });
    expect(said(0)).toEqual(['system: You help', 'user: first of cats', 'assistant: answer of cats']);
    expect(said(1)).toEqual(['system: You help', 'user: second of cats', 'user: more']);
  });

  it('takes a title from a later line, also when the session was stored before', async () => {
    const named = { conversation_id: 'a' };
    await importLines(message('user', 'one', named), message('user', 'two', { ...named, title: 'Refunds' }));
    const many = Array.from({ length: 250 }, (_, index) => message('user', `m${index}`, { conversation_id: 'b' }));
    await importLines(...many, message('user', 'last', { conversation_id: 'b', title: 'Returns' }));
    expect(sessions().map(({ session }) => session.title)).toEqual(['Refunds', 'Returns']);
  });

  it('reads a conversation of very many messages on one line', async () => {
    const many = Array.from({ length: 150_000 }, () => ({}));
    const job = await importLines(
      { messages: [...many, message('user', 'the last word')] },
      { messages: [message('user', 'the next line')] },
    );
    expect(job).toMatchObject({ state: 'succeeded', error_count: 150_000, added: { sessions: 2, messages: 2 } });
  }, 60_000);

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
      { id: [9], messages: [message('user', 'x')] },
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
      [3, 'id must be a text, but is an array'],
      [4, 'content must be a text or an array, but is an object'],
      [5, 'it has neither messages nor a role: this is no OpenAI-style conversation or message'],
      [6, expect.stringMatching(/^malformed JSON/)],
    ]);
    expect(remembered()).toEqual(['conversation: kept', 'conversation: last']);
  });
});
