/** Adding, searching and assembling on 10,000 memories of one user, on each database. */
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { contextInput, searchInput } from '../src-contract/index.ts';
import { memoryServices } from '../tests/support/memory-services.ts';
import { randomNumbers } from '../tests/support/random-numbers.ts';
import { type DatabaseKind, databaseKinds } from '../tests/support/test-databases.ts';
import { measure, measureAgainst, type Row } from './measure.ts';
import { query, sentence } from './sample-text.ts';

const MEMORIES = 10_000;
const USER = 'bench';
const INSERT = `INSERT INTO archon_working_memory
  (org_id, id, user_id, session_id, memory_type, content, metadata, tags, token_count, relevance_score, relevance_at,
   created_at, updated_at, expires_at, language)
  VALUES ($1, $2, $3, NULL, 'conversation', $4, '{}', '{}', 20, 0.5, $5, $5, $5, $6, 'english')`;
const FULL_TEXT = `SELECT id, content FROM archon_working_memory
  WHERE user_id = $1 AND text_vector @@ archon_any_word(archon_query_words('english', $2))
  ORDER BY ts_rank_cd(text_vector, archon_any_word(archon_query_words('english', $2)), 1) DESC LIMIT 20`;

export async function benchMemories(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of databaseKinds.filter(({ available }) => available)) rows.push(...(await benchDatabase(kind)));
  return rows;
}

async function benchDatabase(kind: DatabaseKind): Promise<Row[]> {
  const test = await kind.open({ durable: true });
  const services = memoryServices(test.database);
  const scope = await test.newScope();
  const random = randomNumbers(7);
  const raw = new pg.Pool({ ...test.pool, max: 1 });
  try {
    for (let done = 0; done < MEMORIES; done += 500) {
      const texts = Array.from({ length: 500 }, () => sentence(random));
      await services.working.createBatch(scope, {
        items: texts.slice(0, 400).map((text) => ({ user_id: USER, memory_type: 'conversation', content: { text } })),
      });
      await services.longterm.createBatch(scope, {
        items: texts.slice(400).map((text) => ({
          user_id: USER,
          memory_type: 'fact',
          content: { text },
          importance_score: random(),
        })),
      });
    }
    await test.database.transaction((tx) => tx.sql('ANALYZE'));
    await services.sessions.create(scope, { user_id: USER, session_id: 'talk' });
    for (let done = 0; done < 100; done += 1) {
      await services.sessions.append(scope, {
        session_id: 'talk',
        messages: [{ role: 'user', content: sentence(random) }],
      });
    }
    const add = await measureAgainst(
      200,
      () =>
        services.working.create(scope, {
          user_id: USER,
          memory_type: 'conversation',
          content: { text: sentence(random) },
        }),
      () => {
        const now = new Date();
        const later = new Date(now.getTime() + 14 * 86_400_000);
        return raw.query(INSERT, [scope.org_id, uuidv7(), USER, { text: sentence(random) }, now, later]);
      },
    );
    const search = await measureAgainst(
      100,
      () => services.search.query(scope, searchInput.parse({ user_id: USER, query: query(random) })),
      () => raw.query(FULL_TEXT, [USER, query(random)]),
    );
    const context = await measure(60, () =>
      services.context.assemble(scope, contextInput.parse({ user_id: USER, session_id: 'talk', query: query(random) })),
    );
    const against = (name: string, result: typeof add): Row => ({
      measure: name,
      store: kind.name,
      p50: result.work.p50_ms,
      p95: result.work.p95_ms,
      floor_p50: result.floor.p50_ms,
      ratio: result.ratio,
      unit: 'ms',
    });
    return [
      against('add a working memory (floor: raw INSERT)', add),
      against('search by words (floor: raw full text)', search),
      { measure: 'assemble a context', store: kind.name, p50: context.p50_ms, p95: context.p95_ms, unit: 'ms' },
    ];
  } finally {
    await raw.end();
    await services.close();
    await test.remove();
  }
}
