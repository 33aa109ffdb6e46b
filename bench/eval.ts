/**
 * `npm run eval -- DATASET.json`: how well search finds the evidence of questions about long conversations.
 *
 * The dataset is LoCoMo-shaped: conversations of dated sessions of turns, and questions that name the turns which
 * answer them. Every turn becomes a working memory through the public API, every question a search; nothing else of
 * the dataset is used. Figures: recall@k (share of the evidence among the first k hits), MRR (1 / place of the first
 * evidence), and budgeted recall (share of the evidence in a context of 2,000 tokens).
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { contextInput, searchInput } from '../src-contract/index.ts';
import type { Scope } from '../src-main/identity/scope.ts';
import { type MemoryServices, memoryServices } from '../tests/support/memory-services.ts';
import { databaseKinds } from '../tests/support/test-databases.ts';

const KS = [5, 10, 20] as const;
const CONTEXT_TOKENS = 2000;

const dataset = z.object({
  name: z.string(),
  categories: z.record(z.string(), z.string()),
  conversations: z.array(
    z.object({
      id: z.string(),
      sessions: z.array(
        z.object({
          session: z.number(),
          date: z.string(),
          turns: z.array(z.object({ id: z.string(), speaker: z.string(), text: z.string() })),
        }),
      ),
      questions: z.array(z.object({ question: z.string(), evidence: z.array(z.string()), category: z.number() })),
    }),
  ),
});
type Conversation = z.infer<typeof dataset>['conversations'][number];

/** Sums over the questions of one category. */
interface Tally {
  questions: number;
  recall: Record<number, number>;
  reciprocal_rank: number;
  budgeted: number;
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: npm run eval -- DATASET.json');
  process.exit(2);
}
const { name, categories, conversations } = dataset.parse(JSON.parse(readFileSync(path, 'utf8')));
const tallies = new Map<string, Tally>();
const [embedded] = databaseKinds;
if (embedded === undefined) throw new Error('no database');
const test = await embedded.open();
const services = memoryServices(test.database);
const scope = await test.newScope();
for (const conversation of conversations) {
  await remember(services, scope, conversation);
  await askAll(services, scope, conversation);
}
await services.close();
await test.remove();
report();

async function remember({ working }: MemoryServices, to: Scope, { id, sessions }: Conversation): Promise<void> {
  for (const session of sessions) {
    const items = session.turns.map(({ id: turn, speaker, text }) => ({
      user_id: id,
      session_id: `${id}-${session.session}`,
      memory_type: 'conversation' as const,
      content: { text: `${speaker}: ${text}`, turn },
    }));
    if (items.length > 0) await working.createBatch(to, { items });
  }
}

async function askAll({ search, context }: MemoryServices, of: Scope, { id, questions }: Conversation): Promise<void> {
  for (const { question, evidence, category } of questions) {
    if (evidence.length === 0) continue;
    const { hits } = await search.query(
      of,
      searchInput.parse({ user_id: id, query: question, limit: Math.max(...KS) }),
    );
    const found = hits.map(({ memory }) => memory.content.turn);
    const assembled = await context.assemble(
      of,
      contextInput.parse({ user_id: id, query: question, max_tokens: CONTEXT_TOKENS }),
    );
    const given = new Set(assembled.memories.map(({ memory }) => memory.content.turn));
    const first = found.findIndex((turn) => evidence.includes(String(turn)));
    const tally = tallyOf(categories[category] ?? String(category));
    tally.questions += 1;
    for (const k of KS) {
      const top = new Set(found.slice(0, k));
      tally.recall[k] = (tally.recall[k] ?? 0) + share(evidence, (turn) => top.has(turn));
    }
    tally.reciprocal_rank += first < 0 ? 0 : 1 / (first + 1);
    tally.budgeted += share(evidence, (turn) => given.has(turn));
  }
}

function tallyOf(category: string): Tally {
  const tally = tallies.get(category) ?? { questions: 0, recall: {}, reciprocal_rank: 0, budgeted: 0 };
  tallies.set(category, tally);
  return tally;
}

function share(items: readonly string[], holds: (item: string) => boolean): number {
  return items.filter(holds).length / items.length;
}

function report(): void {
  const lines = [...tallies].map(([category, tally]) => ({
    category,
    questions: tally.questions,
    ...Object.fromEntries(KS.map((k) => [`recall@${k}`, percent((tally.recall[k] ?? 0) / tally.questions)])),
    MRR: (tally.reciprocal_rank / tally.questions).toFixed(3),
    [`recall in ${CONTEXT_TOKENS} tokens`]: percent(tally.budgeted / tally.questions),
  }));
  console.log(`${name}: evidence found by search`);
  console.table(lines);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
