import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appRoot } from '../app-files.ts';
import { readDemoFiles } from './demo-files.ts';

describe('the demo data we ship', () => {
  const files = readDemoFiles(join(appRoot, 'resources', 'demo'));

  it('has conversations of several weeks, in order, all in the past', () => {
    expect(files.conversations.length).toBeGreaterThan(20);
    for (const { messages, started_at, session_id } of files.conversations) {
      expect(messages[0]?.at, session_id).toBe(started_at);
      const times = messages.map(({ at }) => at);
      expect(times, session_id).toEqual([...times].sort((a, b) => b - a));
      expect(Math.min(...times), session_id).toBeGreaterThan(0);
    }
  });

  it('has memories that come from messages that are there, and refer only to earlier ones of the same user', () => {
    const conversations = new Map(files.conversations.map((conversation) => [conversation.session_id, conversation]));
    const known = new Map<string, string>();
    for (const memory of files.memories) {
      const conversation = conversations.get(memory.session_id);
      expect(conversation?.user_id).toBe(memory.user_id);
      expect(conversation?.messages[memory.message_index]).toBeDefined();
      if (memory.layer === 'working') continue;
      for (const key of [memory.supersedes, ...(memory.links ?? []).map(({ to }) => to)]) {
        if (key !== undefined) expect(known.get(key), `${memory.key} → ${key}`).toBe(memory.user_id);
      }
      expect(known.has(memory.key)).toBe(false);
      known.set(memory.key, memory.user_id);
    }
  });
});

it('says which line of a demo file is wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-demo-'));
  writeFileSync(join(folder, 'conversations.jsonl'), '');
  writeFileSync(join(folder, 'memories.jsonl'), '\n{"layer":"working","user_id":1}\n');
  expect(() => readDemoFiles(folder)).toThrow(/memories\.jsonl, line 2/);
  rmSync(folder, { recursive: true });
});
