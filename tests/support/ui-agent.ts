/** What agents do behind the page's back: calls of the REST API with a token. */
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import type { DemoCounts } from '../../src-contract/index.ts';
import {
  type ArchonClient,
  contract,
  type NewLongTermMemory,
  type NewWorkingMemory,
  requireDone,
} from '../../src-contract/index.ts';
import { systemClock } from '../../src-main/clock.ts';
import { readDemoFiles } from '../../src-main/demo/demo-files.ts';
import { loadDemo } from '../../src-main/demo/load-demo.ts';
import type { OpenUi } from './ui-hosts.ts';

const DEMO = join(import.meta.dirname, '..', '..', 'resources', 'demo');
/** Most memories of one call. */
const BATCH = 500;

/** An agent with a token of its own. */
export function agentOf({ api }: Pick<OpenUi, 'api'>): ArchonClient {
  const link = new OpenAPILink(contract, { url: api.url, headers: { authorization: `Bearer ${api.token}` } });
  return createORPCClient<ArchonClient>(link);
}

/** Two people and their weeks: Priya and Tomas. */
export async function writeDemo(agent: ArchonClient): Promise<DemoCounts> {
  return await loadDemo(agent, readDemoFiles(DEMO), systemClock);
}

/** Working memories with these texts, the first the oldest. @returns their ids, in the same order */
export async function writeWorking(
  agent: ArchonClient,
  user_id: string,
  texts: readonly string[],
  more: Partial<NewWorkingMemory> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < texts.length; from += BATCH) {
    const items = texts
      .slice(from, from + BATCH)
      .map((text): NewWorkingMemory => ({ user_id, memory_type: 'conversation', content: { text }, ...more }));
    ids.push(...requireDone(await agent.working.createBatch({ items })).items.map(({ id }) => id));
  }
  return ids;
}

/** Long-term memories with these texts. @returns their ids, in the same order */
export async function writeLongTerm(
  agent: ArchonClient,
  user_id: string,
  texts: readonly string[],
  more: Partial<NewLongTermMemory> = {},
): Promise<string[]> {
  const items = texts.map((text): NewLongTermMemory => ({ user_id, memory_type: 'fact', content: { text }, ...more }));
  return requireDone(await agent.longterm.createBatch({ items })).items.map(({ id }) => id);
}

/** `meeting 1`, `meeting 2` … */
export const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);
