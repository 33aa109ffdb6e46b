/** Writes large files of the kinds people import, believable and the same for the same seed, without holding them in memory. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What an import of the file adds to an empty Archon. */
export interface GeneratedFile {
  sessions: number;
  messages: number;
  /** Working memories. */
  working: number;
}

const DAY_MS = 86_400_000;
/** When the oldest conversation was begun. */
const EPOCH_MS = Date.parse('2025-11-03T08:00:00.000Z');

const SUBJECTS = [
  {
    name: 'invoice service',
    file: 'src/invoices/totals.ts',
    command: 'npm test -- invoices',
    concern: 'rounding of VAT',
  },
  {
    name: 'search index',
    file: 'search/analyzer.py',
    command: 'pytest search',
    concern: 'stemming of German compounds',
  },
  {
    name: 'mobile client',
    file: 'app/src/SyncQueue.kt',
    command: './gradlew test',
    concern: 'lost writes while offline',
  },
  {
    name: 'billing cron',
    file: 'jobs/monthly_billing.rb',
    command: 'bundle exec rspec',
    concern: 'daylight saving time',
  },
  {
    name: 'image pipeline',
    file: 'pipeline/resize.go',
    command: 'go test ./pipeline',
    concern: 'memory of large TIFFs',
  },
  { name: 'login page', file: 'web/login/Form.tsx', command: 'npx vitest run login', concern: 'autofill in Safari' },
  { name: 'data warehouse', file: 'dbt/models/orders.sql', command: 'dbt test', concern: 'late arriving orders' },
  { name: 'trip to Lisbon', file: 'notes/lisbon.md', command: 'ls notes', concern: 'a vegetarian dinner near Alfama' },
] as const;

const QUESTIONS = [
  'How should we handle SUBJECT when it comes to CONCERN?',
  'Please look at SUBJECT again, I still see a problem with CONCERN.',
  'Remember that for SUBJECT we agreed to be strict about CONCERN. What is left to do?',
  'Can you explain in two sentences what we changed in SUBJECT last week?',
  'My colleague Petra says CONCERN is not covered in SUBJECT. Is she right?',
];
const ANSWERS = [
  'I checked SUBJECT. The cause of CONCERN is in the second branch: it compares before it normalises. Moving the normalisation up fixes it, and a test shows it.',
  'Short answer: yes. For SUBJECT I would keep the current behaviour and add a guard for CONCERN, because a rewrite would touch three callers.',
  'There are two options for SUBJECT. The first treats CONCERN at the edge, the second in the core. I recommend the first: it is smaller and can be undone.',
  'Done. SUBJECT now covers CONCERN; the change is eleven lines and the whole suite passes.\n\n```\nok 42 tests\n```',
];

/** A few random numbers, the same for the same seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)] as T;
  }
}

type Subject = (typeof SUBJECTS)[number];

function say(dice: Dice, templates: readonly string[], subject: Subject, number: number): string {
  const text = dice.pick(templates).replaceAll('SUBJECT', `the ${subject.name}`).replaceAll('CONCERN', subject.concern);
  return `${text} (note ${number})`;
}

/** A UUID that depends on nothing but its parts. */
function uuidOf(...parts: (string | number)[]): string {
  const hex = createHash('sha256').update(parts.join('/')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** ChatGPT's `conversations.json`: an array of message trees, with a hidden system message and one abandoned edit each. */
export async function writeChatGptExport(
  file: string,
  options: { conversations: number; messages_per: number; seed?: number },
): Promise<GeneratedFile> {
  const { conversations, messages_per, seed = 1 } = options;
  await pipeline(Readable.from(chatGptParts(conversations, messages_per, seed)), createWriteStream(file));
  const messages = conversations * messages_per;
  return { sessions: messages_per > 0 ? conversations : 0, messages, working: messages };
}

function* chatGptParts(conversations: number, messages_per: number, seed: number): Generator<string> {
  const dice = new Dice(seed);
  yield '[';
  for (let index = 0; index < conversations; index += 1) {
    yield `${index === 0 ? '' : ', '}${JSON.stringify(chatGptConversation(dice, index, messages_per, seed))}`;
  }
  yield ']';
}

function chatGptConversation(dice: Dice, index: number, messages_per: number, seed: number): unknown {
  const subject = dice.pick(SUBJECTS);
  const began_s = (EPOCH_MS + (index % 180) * DAY_MS) / 1000 + index;
  const id = uuidOf('chatgpt', seed, index);
  const root = uuidOf(id, 'root');
  const hidden = uuidOf(id, 'hidden');
  const mapping: Record<string, unknown> = {
    [root]: { id: root, message: null, parent: null, children: [hidden] },
    [hidden]: chatGptNode(hidden, root, 'system', '', began_s, { is_visually_hidden_from_conversation: true }),
  };
  let parent = hidden;
  for (let place = 0; place < messages_per; place += 1) {
    const node = uuidOf(id, place);
    const role = place % 2 === 0 ? 'user' : 'assistant';
    const text = say(dice, role === 'user' ? QUESTIONS : ANSWERS, subject, place + 1);
    const metadata = role === 'assistant' ? { model_slug: 'gpt-5' } : {};
    mapping[node] = chatGptNode(node, parent, role, text, began_s + place * 45.25, metadata);
    parent = node;
  }
  const edited = uuidOf(id, 'edited');
  mapping[edited] = chatGptNode(edited, hidden, 'user', 'An abandoned wording of the question.', began_s, {});
  return {
    title: `${subject.name}: ${subject.concern}`,
    create_time: began_s,
    update_time: began_s + messages_per * 45.25,
    mapping,
    current_node: parent,
    conversation_id: id,
    id,
    default_model_slug: 'gpt-5',
    moderation_results: [],
  };
}

function chatGptNode(
  id: string,
  parent: string,
  role: string,
  text: string,
  create_time: number,
  metadata: object,
): unknown {
  return {
    id,
    message: {
      id,
      author: { role, name: null, metadata: {} },
      create_time,
      content: { content_type: 'text', parts: [text] },
      status: 'finished_successfully',
      weight: 1,
      metadata,
      recipient: 'all',
    },
    parent,
    children: [],
  };
}

/** Messages of one turn in Claude Code: question, tool use, tool result, answer. */
const TURN = 4;

/** A Claude Code session file with this many messages, and bookkeeping records between them. */
export async function writeClaudeCodeSession(
  file: string,
  options: { messages: number; seed?: number },
): Promise<GeneratedFile> {
  const { messages, seed = 1 } = options;
  await pipeline(Readable.from(claudeCodeLines(messages, seed)), createWriteStream(file));
  const turns = Math.floor(messages / TURN);
  const rest = messages % TURN;
  // Of each turn, the tool's result stays in the session only.
  return { sessions: messages > 0 ? 1 : 0, messages, working: turns * (TURN - 1) + Math.min(rest, 2) };
}

function* claudeCodeLines(messages: number, seed: number): Generator<string> {
  const dice = new Dice(seed);
  const sessionId = uuidOf('claude-code', seed);
  let parentUuid: string | null = null;
  let subject = dice.pick(SUBJECTS);
  const common = {
    isSidechain: false,
    userType: 'external',
    cwd: '/home/dana/shop',
    sessionId,
    version: '2.1.0',
    gitBranch: 'main',
  };
  for (let index = 0; index < messages; index += 1) {
    const turn = Math.floor(index / TURN);
    if (index % TURN === 0) {
      if (turn % 50 === 0)
        yield line({ type: 'file-history-snapshot', messageId: uuidOf(sessionId, 'snapshot', turn), snapshot: {} });
      subject = dice.pick(SUBJECTS);
    }
    const uuid = uuidOf(sessionId, index);
    const timestamp = new Date(EPOCH_MS + index * 20_000).toISOString();
    yield line({ parentUuid, ...common, ...claudeCodeMessage(dice, subject, index, turn), uuid, timestamp });
    parentUuid = uuid;
  }
  if (messages > 0) yield line({ type: 'ai-title', sessionId, aiTitle: 'Working through the shop backlog' });
}

function claudeCodeMessage(dice: Dice, subject: Subject, index: number, turn: number): object {
  const tool_use_id = `toolu_${String(turn).padStart(8, '0')}`;
  const assistant = (content: object[], part: string) => ({
    type: 'assistant',
    message: { id: `msg_${turn}_${part}`, type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content },
    requestId: `req_${turn}`,
  });
  switch (index % TURN) {
    case 0:
      return { type: 'user', message: { role: 'user', content: say(dice, QUESTIONS, subject, turn) } };
    case 1:
      return dice.roll(2) === 0
        ? assistant([{ type: 'tool_use', id: tool_use_id, name: 'Bash', input: { command: subject.command } }], 'a')
        : assistant([{ type: 'tool_use', id: tool_use_id, name: 'Read', input: { file_path: subject.file } }], 'a');
    case 2: {
      const output = `${subject.file}: ${20 + dice.roll(60)} checks passed in ${dice.roll(9) + 1}.${dice.roll(10)} s`;
      return {
        type: 'user',
        message: { role: 'user', content: [{ tool_use_id, type: 'tool_result', content: output, is_error: false }] },
        toolUseResult: { stdout: output, stderr: '', interrupted: false },
      };
    }
    default:
      return assistant([{ type: 'text', text: say(dice, ANSWERS, subject, turn) }], 'b');
  }
}

const line = (record: unknown) => `${JSON.stringify(record)}\n`;
