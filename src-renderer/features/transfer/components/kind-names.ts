import type { ImportKind } from '../../../../src-contract/index.ts';

/** Kinds of files as people call them. */
export const KIND_NAMES: Record<ImportKind, string> = {
  chatgpt: 'ChatGPT export (conversations.json)',
  'claude-ai': 'Claude.ai export (conversations.json)',
  'claude-code': 'Claude Code session (.jsonl)',
  'openai-jsonl': 'OpenAI-style messages (.jsonl)',
  archon: 'Archon archive (.archon.gz)',
};
