import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransferHarness } from '../../../tests/support/transfer-harness.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

interface Node {
  id: string;
  parent: string | null;
  message: unknown;
}

const message = (id: string, role: string, content: unknown, more: object = {}) => ({
  id,
  author: { role },
  create_time: null,
  content,
  metadata: {},
  recipient: 'all',
  ...more,
});
const text = (...parts: unknown[]) => ({ content_type: 'text', parts });
const node = (id: string, parent: string | null, role: string, content: unknown, more: object = {}): Node => ({
  id,
  parent,
  message: message(id, role, content, more),
});

function conversation(nodes: Node[], more: object = {}) {
  return {
    conversation_id: 'conv-1',
    title: 'Trip to Lisbon',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    current_node: nodes.at(-1)?.id,
    mapping: Object.fromEntries(nodes.map((entry) => [entry.id, { ...entry, children: [] }])),
    ...more,
  };
}

const ROOT: Node = { id: 'root', parent: null, message: null };

async function importAll(...conversations: unknown[]) {
  const path = await harness.file('conversations.json', JSON.stringify(conversations));
  return await harness.import(path);
}
const said = (session_id = 'conv-1') =>
  harness.sessions.messagesOf(session_id).map(({ role, content }) => `${role}: ${content}`);
const remembered = () => harness.memory.timeline.map(({ memory_type, content }) => `${memory_type}: ${content.text}`);

describe('importing a ChatGPT export', () => {
  it('makes a session and memories of a conversation, with its own times', async () => {
    const job = await importAll(
      conversation([
        ROOT,
        node('m1', 'root', 'user', text('Where shall we eat?'), { create_time: 1_700_000_010.5 }),
        node('m2', 'm1', 'assistant', text('In Alfama.'), {
          create_time: 1_700_000_020,
          metadata: { model_slug: 'gpt-5' },
        }),
      ]),
    );
    expect(job).toMatchObject({
      state: 'succeeded',
      format: 'chatgpt',
      added: { sessions: 1, messages: 2, working: 2, longterm: 0, revisions: 0, links: 0 },
      error_count: 0,
    });
    const [session] = harness.sessions.all({ org_id: job.org_id, actor: 'test' }, harness.clock.now());
    expect(session).toMatchObject({
      session_id: 'conv-1',
      user_id: 'alice',
      title: 'Trip to Lisbon',
      started_at: '2023-11-14T22:13:20.000Z',
      last_accessed_at: '2023-11-14T22:15:00.000Z',
      // 30 days from the import, however old the conversation is.
      expires_at: '2026-07-01T12:00:00.000Z',
      ttl_seconds: 2_592_000,
      message_count: 2,
    });
    expect(harness.sessions.messagesOf('conv-1')[1]).toEqual({
      message_id: 'm2',
      role: 'assistant',
      content: 'In Alfama.',
      timestamp: '2023-11-14T22:13:40.000Z',
      token_count: 2,
      metadata: { model: 'gpt-5' },
    });
    expect(harness.memory.timeline[0]).toEqual({
      org_id: job.org_id,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
      user_id: 'alice',
      session_id: 'conv-1',
      memory_type: 'conversation',
      content: { text: 'Where shall we eat?', role: 'user', message_id: 'm1' },
      metadata: { source: 'chatgpt', title: 'Trip to Lisbon' },
      tags: ['chatgpt'],
      token_count: 4,
      relevance_score: 0.5,
      relevance_at: '2023-11-14T22:13:30.500Z',
      created_at: '2023-11-14T22:13:30.500Z',
      updated_at: '2023-11-14T22:13:30.500Z',
      expires_at: '2026-07-01T12:00:00.000Z',
      deleted_at: null,
      language: 'english',
    });
  });

  it('follows the branch that was last seen, not the edits before it', async () => {
    await importAll(
      conversation([
        ROOT,
        node('old', 'root', 'user', text('First wording')),
        node('old-answer', 'old', 'assistant', text('Answer to the first wording')),
        node('new', 'root', 'user', text('Second wording')),
        node('new-answer', 'new', 'assistant', text('Answer to the second')),
      ]),
    );
    expect(said()).toEqual(['user: Second wording', 'assistant: Answer to the second']);
  });

  it('follows the longest branch when the last seen is not told', async () => {
    await importAll(
      conversation(
        [
          ROOT,
          node('a', 'root', 'user', text('one')),
          node('b', 'a', 'assistant', text('two')),
          node('c', 'b', 'user', text('three')),
          node('x', 'root', 'user', text('short branch')),
        ],
        { current_node: 'gone' },
      ),
    );
    expect(said()).toEqual(['user: one', 'assistant: two', 'user: three']);
  });

  it('leaves out what was recalled, hidden or only thought', async () => {
    await importAll(
      conversation([
        ROOT,
        node('profile', 'root', 'user', { content_type: 'user_editable_context', user_profile: 'I like cats' }),
        node('memory', 'profile', 'assistant', {
          content_type: 'model_editable_context',
          model_set_context: 'likes cats',
        }),
        node('hidden', 'memory', 'system', text('Be nice'), {
          metadata: { is_visually_hidden_from_conversation: true },
        }),
        node('thoughts', 'hidden', 'assistant', { content_type: 'thoughts', thoughts: [{ content: 'hmm' }] }),
        node('recap', 'thoughts', 'assistant', { content_type: 'reasoning_recap', content: 'Thought for 2 s' }),
        node('empty', 'recap', 'assistant', text('')),
        node('real', 'empty', 'user', text('Hello')),
      ]),
    );
    expect(said()).toEqual(['user: Hello']);
  });

  it('keeps tool output in the session and remembers that a tool was used', async () => {
    await importAll(
      conversation([
        ROOT,
        node('q', 'root', 'user', text('Plot it')),
        node(
          'call',
          'q',
          'assistant',
          { content_type: 'code', language: 'python', text: 'import pandas\nprint(1)' },
          { recipient: 'python' },
        ),
        node('out', 'call', 'tool', { content_type: 'execution_output', text: '1' }),
        node('quote', 'out', 'tool', {
          content_type: 'tether_quote',
          title: 'Page',
          url: 'https://a.example',
          text: 'Quoted',
        }),
        node('future', 'quote', 'assistant', { content_type: 'something_new', text: 'Read all the same' }),
      ]),
    );
    expect(said()).toEqual([
      'user: Plot it',
      'assistant: import pandas\nprint(1)',
      'tool: 1',
      'tool: Page\nhttps://a.example\nQuoted',
      'assistant: Read all the same',
    ]);
    expect(remembered()).toEqual([
      'conversation: Plot it',
      'action: python: import pandas print(1)',
      'conversation: Read all the same',
    ]);
  });

  it('takes text and speech from messages with pictures, and remembers no bare picture', async () => {
    const picture = { content_type: 'image_asset_pointer', asset_pointer: 'file://x' };
    await importAll(
      conversation([
        ROOT,
        node('a', 'root', 'user', { content_type: 'multimodal_text', parts: [picture, 'What is this?'] }),
        node('b', 'a', 'user', {
          content_type: 'multimodal_text',
          parts: [{ content_type: 'audio_transcription', text: 'A cat' }],
        }),
        node('c', 'b', 'user', { content_type: 'multimodal_text', parts: [picture] }),
      ]),
    );
    expect(said()).toEqual(['user: [picture]\nWhat is this?', 'user: A cat', 'user: [picture]']);
    expect(remembered()).toHaveLength(2);
  });

  it("drops markup that only ChatGPT's page can show, and keeps links", async () => {
    const cite = '\ue200cite\ue202turn0search1\ue201';
    const link = '\ue200url\ue202the guide\ue202https://guide.example\ue201';
    await importAll(conversation([ROOT, node('a', 'root', 'assistant', text(`See ${link}.${cite}`))]));
    expect(said()).toEqual(['assistant: See [the guide](https://guide.example).']);
  });

  it('puts messages without a time between the others, and none in the future', async () => {
    await importAll(
      conversation([
        ROOT,
        node('a', 'root', 'user', text('a'), { create_time: 1_700_000_000 }),
        node('b', 'a', 'assistant', text('b')),
        node('c', 'b', 'user', text('c'), { create_time: 1_700_000_010 }),
        node('d', 'c', 'assistant', text('d'), { create_time: 99_000_000_000 }),
      ]),
    );
    expect(harness.sessions.messagesOf('conv-1').map(({ timestamp }) => timestamp)).toEqual([
      '2023-11-14T22:13:20.000Z',
      '2023-11-14T22:13:25.000Z',
      '2023-11-14T22:13:30.000Z',
      '2026-06-01T12:00:00.000Z',
    ]);
  });

  it('reads a conversation of 50,000 messages in one chain', async () => {
    const nodes: Node[] = [ROOT];
    for (let index = 0; index < 50_000; index += 1) {
      nodes.push(node(`n${index}`, index === 0 ? 'root' : `n${index - 1}`, 'user', text(`message ${index}`)));
    }
    const job = await importAll(conversation(nodes, { current_node: null }));
    expect(job.added).toMatchObject({ sessions: 1, messages: 50_000, working: 50_000 });
    expect(said().at(-1)).toBe('user: message 49999');
    // Stored in short transactions, not at once.
    expect(Math.max(...harness.memory.batches)).toBeLessThanOrEqual(200);
  });

  it('is not caught in a cycle of parents', async () => {
    const job = await importAll(
      conversation([node('a', 'b', 'user', text('a')), node('b', 'a', 'assistant', text('b'))]),
    );
    expect(job.state).toBe('succeeded');
    expect(said()).toHaveLength(2);
  });

  it('reports odd types by line and field, and imports the rest', async () => {
    const good = conversation([ROOT, node('ok', 'root', 'user', text('fine'))], { conversation_id: 'good' });
    const records = [
      42,
      { mapping: [], title: 'x' },
      conversation([
        ROOT,
        node('a', 'root', 'user', { content_type: 'text', parts: 'no list' }),
        node('b', 'a', 'user', text('kept')),
      ]),
      conversation([ROOT, node('a', 'root', 'wizard', text('x')), { id: 'b', parent: 'a', message: { author: 5 } }], {
        conversation_id: 'odd',
      }),
      conversation([ROOT, node('a', 'root', 'user', text(17))], { conversation_id: 'number' }),
      conversation([ROOT], { conversation_id: 7 }),
      good,
    ];
    const path = await harness.file(
      'conversations.json',
      `[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]`,
    );
    const job = await harness.import(path, { format: 'chatgpt' });
    expect(job.state).toBe('succeeded');
    expect(job.errors).toEqual([
      { line: 2, record: 1, message: 'the conversation must be an object, but is a number' },
      { line: 3, record: 2, message: 'mapping must be an object, but is an array: this is no ChatGPT conversation' },
      { line: 4, record: 3, message: 'message "a": content.parts must be an array, but is a string' },
      {
        line: 5,
        record: 4,
        message: 'message "a": author.role must be one of system, user, assistant, tool, but is "wizard"',
      },
      { line: 5, record: 4, message: 'message "b": author must be an object, but is a number' },
      { line: 6, record: 5, message: 'message "a": content.parts[0] must be a text or an object, but is a number' },
      { line: 7, record: 6, message: 'conversation_id must be a text, but is a number' },
    ]);
    expect(said('conv-1')).toEqual(['user: kept']);
    expect(said('good')).toEqual(['user: fine']);
  });

  it('is not fooled by names that objects inherit', async () => {
    const job = await importAll(
      JSON.parse(
        '{"conversation_id":"conv-1","current_node":"constructor","__proto__":{"title":"evil"},"mapping":{"__proto__":{"message":null},"a":{"id":"a","parent":"toString","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["safe"]}}}}}',
      ),
    );
    expect(job.state).toBe('succeeded');
    expect(said()).toEqual(['user: safe']);
    expect(({} as Record<string, unknown>).title).toBeUndefined();
  });
});
