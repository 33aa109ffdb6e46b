import { describe, expect, it } from 'vitest';
import { recognise } from './registry.ts';

const chatgpt = { mapping: {}, title: 'x' };
const claudeAi = { uuid: 'x', chat_messages: [] };
const claudeCode = { type: 'user', sessionId: 's', message: { role: 'user', content: 'x' } };
const openai = { role: 'user', content: 'x' };
const archive = { type: 'header', format: 'archon-archive', version: 1 };

describe('recognising a file by its first records', () => {
  it.each<[string, unknown[], string | undefined]>([
    ['ChatGPT conversations', [chatgpt, chatgpt], 'chatgpt'],
    ['Claude.ai conversations', [claudeAi], 'claude-ai'],
    ['a Claude Code session', [claudeCode, claudeCode], 'claude-code'],
    [
      'a Claude Code session that begins with bookkeeping',
      [{ type: 'summary', summary: 'x', leafUuid: 'y' }, { type: 'file-history-snapshot' }, claudeCode],
      'claude-code',
    ],
    ['OpenAI-style messages', [openai, { messages: [openai] }], 'openai-jsonl'],
    ['an Archon archive', [archive, { type: 'session' }], 'archon'],
    ['mostly one kind', [42, claudeAi, claudeAi], 'claude-ai'],
    ['records of no kind', [{ a: 1 }, { type: 'user' }, 'x', null], undefined],
    ['no records', [], undefined],
  ])('%s', (_what, records, kind) => {
    expect(recognise(records)?.kind).toBe(kind);
  });
});
