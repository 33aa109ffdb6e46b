/** The files of `resources/demo`, read and checked. Their format is described in the README beside them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LINK_RELATIONS, longTermType, role, score, workingType } from '../../src-contract/index.ts';

const OFFSET = /^-P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** An offset before the moment of loading, as milliseconds. */
const offset = z
  .string()
  .regex(OFFSET)
  .transform((text) => {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = (OFFSET.exec(text) ?? [])
      .slice(1)
      .map((part) => Number(part ?? 0));
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  });

const conversation = z.strictObject({
  session_id: z.string(),
  user_id: z.string(),
  title: z.string(),
  agent: z.string(),
  started_at: offset,
  messages: z.array(
    z.strictObject({ role, content: z.string(), at: offset, metadata: z.record(z.string(), z.json()).optional() }),
  ),
});
export type DemoConversation = z.infer<typeof conversation>;

const common = {
  user_id: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  session_id: z.string(),
  message_index: z.int().min(0),
  at: offset,
};
const demoMemory = z.discriminatedUnion('layer', [
  z.strictObject({ ...common, layer: z.literal('working'), memory_type: workingType, relevance_score: score }),
  z.strictObject({
    ...common,
    layer: z.literal('longterm'),
    memory_type: longTermType,
    key: z.string(),
    importance_score: score,
    pinned: z.boolean(),
    supersedes: z.string().optional(),
    links: z.array(z.strictObject({ to: z.string(), relation: z.enum(LINK_RELATIONS) })).optional(),
  }),
]);
export type DemoMemory = z.infer<typeof demoMemory>;
export type DemoWorking = Extract<DemoMemory, { layer: 'working' }>;
export type DemoLongTerm = Extract<DemoMemory, { layer: 'longterm' }>;

export interface DemoFiles {
  conversations: DemoConversation[];
  memories: DemoMemory[];
}

export function readDemoFiles(folder: string): DemoFiles {
  return {
    conversations: readLines(join(folder, 'conversations.jsonl'), conversation),
    memories: readLines(join(folder, 'memories.jsonl'), demoMemory),
  };
}

function readLines<T>(path: string, schema: z.ZodType<T>): T[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const parsed = schema.safeParse(JSON.parse(line));
    if (!parsed.success) throw new Error(`${path}, line ${index + 1}: ${z.prettifyError(parsed.error)}`);
    return [parsed.data];
  });
}
