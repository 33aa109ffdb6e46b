import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransferHarness } from '../../../tests/support/transfer-harness.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

const message = (uuid: string, sender: string, text: string, more: object = {}) => ({
  uuid,
  sender,
  text,
  content: [{ type: 'text', text }],
  created_at: '2025-04-02T10:00:00.000000Z',
  updated_at: '2025-04-02T10:00:00.000000Z',
  attachments: [],
  files: [],
  ...more,
});
const conversation = (chat_messages: unknown[], more: object = {}) => ({
  uuid: 'c-1',
  name: 'Garden plan',
  created_at: '2025-04-02T09:59:00.000000Z',
  updated_at: '2025-04-02T11:00:00.000000Z',
  account: { uuid: 'acc' },
  chat_messages,
  ...more,
});

async function importAll(...conversations: unknown[]) {
  return await harness.import(await harness.file('conversations.json', JSON.stringify(conversations, null, 2)));
}
const said = (session_id = 'c-1') =>
  harness.sessions.messagesOf(session_id).map(({ role, content }) => `${role}: ${content}`);
const remembered = () =>
  [...harness.memory.working.values()].map(({ memory_type, content }) => `${memory_type}: ${content.text}`);

describe('importing a Claude.ai export', () => {
  it('makes a session and memories of a conversation', async () => {
    const job = await importAll(
      conversation([message('m1', 'human', 'What grows in shade?'), message('m2', 'assistant', 'Ferns.')]),
    );
    expect(job).toMatchObject({ format: 'claude-ai', added: { sessions: 1, messages: 2, working: 2 }, error_count: 0 });
    expect(said()).toEqual(['user: What grows in shade?', 'assistant: Ferns.']);
    expect(harness.sessions.messagesOf('c-1')[0]?.timestamp).toBe('2025-04-02T10:00:00.000Z');
    const [session] = harness.sessions.all({ org_id: job.org_id, actor: 'test' }, harness.clock.now());
    expect(session).toMatchObject({ title: 'Garden plan', started_at: '2025-04-02T09:59:00.000Z' });
  });

  it('reads messages that have only text, as older exports do', async () => {
    await importAll(
      conversation([
        { uuid: 'm1', sender: 'human', text: 'Old', created_at: null },
        message('m2', 'assistant', 'New', { content: [] }),
      ]),
    );
    expect(said()).toEqual(['user: Old', 'assistant: New']);
  });

  it('takes the text blocks, tells of tools, and leaves thinking out', async () => {
    const content = [
      { type: 'thinking', thinking: 'secret' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', name: 'web_search', input: { query: 'shade plants' } },
      { type: 'tool_result', name: 'web_search', content: [{ type: 'text', text: 'Ferns, hostas' }] },
      { type: 'text', text: 'Ferns and hostas.' },
    ];
    const text = 'Let me look.\n```\nThis block is not supported on your current device yet.\n```\nFerns and hostas.';
    await importAll(conversation([message('m1', 'assistant', text, { content })]));
    expect(said()).toEqual([
      'assistant: Let me look.\nFerns and hostas.',
      'assistant: web_search: shade plants',
      'tool: Ferns, hostas',
    ]);
    expect(remembered()).toEqual(['conversation: Let me look.\nFerns and hostas.', 'action: web_search: shade plants']);
  });

  it('keeps the text of attachments, with their names', async () => {
    const attachments = [
      { file_name: 'notes.txt', extracted_content: 'Soil: clay' },
      { file_name: '', extracted_content: 'A long text that was pasted' },
      { file_name: 'photo.png' },
    ];
    await importAll(conversation([message('m1', 'human', '', { content: [], attachments })]));
    expect(said()).toEqual(['user: notes.txt:\nSoil: clay', 'user: A long text that was pasted']);
  });

  it('follows the last branch where messages were edited', async () => {
    const from = (parent_message_uuid: string) => ({ parent_message_uuid });
    const root = '00000000-0000-4000-8000-000000000000';
    await importAll(
      conversation([
        message('m1', 'human', 'First wording', from(root)),
        message('m2', 'assistant', 'Answer one', from('m1')),
        message('m3', 'human', 'Second wording', from(root)),
        message('m4', 'assistant', 'Answer two', from('m3')),
      ]),
    );
    expect(said()).toEqual(['user: Second wording', 'assistant: Answer two']);
  });

  it('keeps all messages where the chain of parents has gaps', async () => {
    const from = (parent_message_uuid: string) => ({ parent_message_uuid });
    await importAll(
      conversation([
        message('m1', 'human', 'a', from('root')),
        message('m2', 'assistant', 'b', from('lost')),
        message('m3', 'assistant', 'c', from('lost')),
      ]),
    );
    expect(said()).toHaveLength(3);
  });

  it('reports odd types by line and field, and imports the rest', async () => {
    const job = await importAll(
      conversation([
        message('m1', 'human', 'kept'),
        message('m2', 'robot', 'x'),
        message('m3', 'human', '', { content: [{ type: 'text', text: 9 }] }),
        'text',
      ]),
      { uuid: 'c-2', chat_messages: 'none' },
      { uuid: 3, chat_messages: [] },
      { uuid: 'c-4', name: 'Projects', docs: [] },
    );
    expect(job.state).toBe('succeeded');
    expect(job.errors.map(({ message }) => message)).toEqual([
      'chat_messages[1]: sender must be one of human, assistant, but is "robot"',
      'chat_messages[2]: content.text must be a text, but is a number',
      'chat_messages[3]: the message must be an object, but is a string',
      'chat_messages must be an array, but is a string: this is no Claude.ai conversation',
      'uuid must be a text, but is a number',
      'chat_messages must be an array, but is missing: this is no Claude.ai conversation',
    ]);
    expect(said()).toEqual(['user: kept']);
  });
});
