/** Loads the demo data through the API, so that it passes every check other data passes. A second time adds nothing. */
import { createHash } from 'node:crypto';
import { ORPCError } from '@orpc/client';
import {
  type AnyMemory,
  type ArchonClient,
  type DemoCounts,
  type NewLongTermMemory,
  type NewWorkingMemory,
  requireDone,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { DemoConversation, DemoFiles, DemoLongTerm, DemoWorking } from './demo-files.ts';

const SESSION_TTL_SECONDS = 30 * 24 * 3600;
const WORKING_TTL_DAYS = 30;
/** Most memories of one batch, and most rows of one page. */
const BATCH = 500;
/** Relevance of a conversation turn: below what agents noted on purpose. */
const TURN_RELEVANCE = 0.3;
const SOURCE = 'demo';

/** The routes it needs. */
export type DemoClient = Pick<ArchonClient, 'sessions' | 'working' | 'longterm' | 'memories'>;

/** Memories of the demo that are there, by the key their metadata carries. */
type Present = Map<string, { id: string; deleted: boolean }>;

/** @returns what was added; all zero when the demo was there already */
export async function loadDemo(client: DemoClient, files: DemoFiles, clock: Clock): Promise<DemoCounts> {
  const at = (offset_ms: number) => isoTime(clock.now() - offset_ms);
  const added: DemoCounts = { sessions: 0, messages: 0, working: 0, longterm: 0, links: 0 };
  for (const conversation of files.conversations) {
    if (!(await addSession(client, conversation, at))) continue;
    added.sessions += 1;
    added.messages += conversation.messages.length;
  }
  const agents = new Map(files.conversations.map(({ session_id, agent }) => [session_id, agent]));
  const users = new Set(files.conversations.map(({ user_id }) => user_id));
  for (const user_id of users) {
    const present = await presentMemories(client, user_id);
    added.working += await addWorking(client, workingOf(files, user_id, at), present);
    const longterm = files.memories.filter((memory) => memory.layer === 'longterm' && memory.user_id === user_id);
    const result = await addLongTerm(client, longterm as DemoLongTerm[], agents, present, at);
    added.longterm += result.memories;
    added.links += result.links;
  }
  return added;
}

type At = (offset_ms: number) => string;

/** True when the session is new. */
async function addSession(client: DemoClient, conversation: DemoConversation, at: At): Promise<boolean> {
  try {
    await client.sessions.create({
      session_id: conversation.session_id,
      user_id: conversation.user_id,
      title: conversation.title,
      started_at: at(conversation.started_at),
      ttl_seconds: SESSION_TTL_SECONDS,
      context: { metadata: { agent: conversation.agent, source: SOURCE } },
      messages: conversation.messages.map((message, index) => ({
        message_id: messageId(conversation.session_id, index),
        role: message.role,
        content: message.content,
        timestamp: at(message.at),
        ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
      })),
    });
    return true;
  } catch (error) {
    if (error instanceof ORPCError && error.code === 'CONFLICT') return false;
    throw error;
  }
}

const messageId = (session_id: string, index: number): string => `${session_id}-${String(index + 1).padStart(3, '0')}`;

async function presentMemories(client: DemoClient, user_id: string): Promise<Present> {
  const present: Present = new Map();
  const note = (memory: Pick<AnyMemory, 'id' | 'metadata' | 'deleted_at'>) => {
    const key = memory.metadata.demo_key;
    if (typeof key === 'string') present.set(key, { id: memory.id, deleted: memory.deleted_at !== null });
  };
  let cursor: string | null = null;
  do {
    const page = { limit: BATCH, ...(cursor === null ? {} : { cursor }) };
    const answer = await client.working.list({ user_id, include_deleted: true, include_expired: true, ...page });
    for (const memory of answer.items) note(memory);
    cursor = answer.next_cursor;
  } while (cursor !== null);
  do {
    const page = { limit: BATCH, ...(cursor === null ? {} : { cursor }) };
    const answer = await client.longterm.list({ user_id, include_deleted: true, include_superseded: true, ...page });
    for (const memory of answer.items) note(memory);
    cursor = answer.next_cursor;
  } while (cursor !== null);
  return present;
}

/** Every turn of a conversation, and what the agents noted. */
function workingOf(files: DemoFiles, user_id: string, at: At): NewWorkingMemory[] {
  const turns = files.conversations
    .filter((conversation) => conversation.user_id === user_id)
    .flatMap(({ session_id, messages }) =>
      messages.flatMap((message, index): NewWorkingMemory[] => {
        if (message.role !== 'user' && message.role !== 'assistant') return [];
        const message_id = messageId(session_id, index);
        return [
          {
            user_id,
            session_id,
            memory_type: 'conversation',
            content: { text: message.content, role: message.role },
            metadata: { source: SOURCE, demo_key: message_id, message_id },
            relevance_score: TURN_RELEVANCE,
            created_at: at(message.at),
            ttl_days: WORKING_TTL_DAYS,
          },
        ];
      }),
    );
  const notes = files.memories
    .filter((memory): memory is DemoWorking => memory.layer === 'working' && memory.user_id === user_id)
    .map((memory): NewWorkingMemory => {
      const message_id = messageId(memory.session_id, memory.message_index);
      return {
        user_id,
        session_id: memory.session_id,
        memory_type: memory.memory_type,
        content: { text: memory.text },
        tags: memory.tags,
        metadata: { source: SOURCE, demo_key: `${message_id}/${fingerprint(memory.text)}`, message_id },
        relevance_score: memory.relevance_score,
        created_at: at(memory.at),
        ttl_days: WORKING_TTL_DAYS,
      };
    });
  return [...turns, ...notes];
}

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

async function addWorking(client: DemoClient, all: readonly NewWorkingMemory[], present: Present): Promise<number> {
  const missing = all.filter((memory) => !present.has(String(memory.metadata?.demo_key)));
  for (let from = 0; from < missing.length; from += BATCH) {
    await client.working.createBatch({ items: missing.slice(from, from + BATCH) });
  }
  return missing.length;
}

async function addLongTerm(
  client: DemoClient,
  all: readonly DemoLongTerm[],
  agents: ReadonlyMap<string, string>,
  present: Present,
  at: At,
): Promise<{ memories: number; links: number }> {
  const missing = all.filter((memory) => !present.has(memory.key));
  const input = (memory: DemoLongTerm) => longTermInput(memory, agents.get(memory.session_id), at);
  const originals = missing.filter((memory) => memory.supersedes === undefined);
  for (let from = 0; from < originals.length; from += BATCH) {
    const batch = originals.slice(from, from + BATCH);
    const { items } = requireDone(
      await client.longterm.createBatch({
        items: batch.map((memory) => ({ ...input(memory), user_id: memory.user_id, created_at: at(memory.at) })),
      }),
    );
    for (const [index, memory] of batch.entries()) {
      const id = items[index]?.id;
      if (id !== undefined) present.set(memory.key, { id, deleted: false });
    }
  }
  for (const memory of missing) {
    if (memory.supersedes === undefined) continue;
    const { id } = await client.longterm.supersede({ id: idOf(present, memory.supersedes), ...input(memory) });
    present.set(memory.key, { id, deleted: false });
  }
  // All of them: a link may be missing though both its ends are there, when loading was broken off.
  return { memories: missing.length, links: await addLinks(client, all, present) };
}

/** What is the same whether a memory is new or replaces another. */
function longTermInput(memory: DemoLongTerm, agent: string | undefined, at: At): Omit<NewLongTermMemory, 'user_id'> {
  return {
    memory_type: memory.memory_type,
    content: { text: memory.text },
    tags: memory.tags,
    metadata: { demo_key: memory.key },
    importance_score: memory.importance_score,
    pinned: memory.pinned,
    valid_from: at(memory.at),
    provenance: {
      source: SOURCE,
      session_id: memory.session_id,
      message_id: messageId(memory.session_id, memory.message_index),
      ...(agent === undefined ? {} : { agent }),
    },
  };
}

/** Links that are not there yet; how many there were. */
async function addLinks(client: DemoClient, memories: readonly DemoLongTerm[], present: Present): Promise<number> {
  let added = 0;
  for (const { key, links = [] } of memories) {
    // Somebody may have deleted either end since the demo was loaded.
    const wanted = links.filter(({ to }) => present.get(to)?.deleted !== true);
    if (wanted.length === 0 || present.get(key)?.deleted) continue;
    const from_id = idOf(present, key);
    const { links: there } = await client.memories.history({ id: from_id });
    for (const { to, relation } of wanted) {
      const to_id = idOf(present, to);
      if (there.some((link) => link.from_id === from_id && link.to_id === to_id && link.relation === relation))
        continue;
      await client.memories.link({ from_id, to_id, relation });
      added += 1;
    }
  }
  return added;
}

function idOf(present: Present, key: string): string {
  const found = present.get(key);
  if (found === undefined) throw new Error(`the demo refers to "${key}", which is not there`);
  return found.id;
}
