import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Difference, ExportScope } from '../../../src-contract/index.ts';
import { type GeneratedMemory, memoryOf, NOW } from '../../../tests/support/transfer-arbitraries.ts';
import { ORG, TransferHarness } from '../../../tests/support/transfer-harness.ts';
import { inspectSource } from '../../transfer/records/source-file.ts';
import { compareArchives } from './compare-archives.ts';
import { ComparisonFile } from './comparison-file.ts';

let folder: string;
let files: ComparisonFile[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archon-compare-'));
});
afterEach(async () => {
  for (const file of files) file.close();
  files = [];
  await rm(folder, { recursive: true, force: true });
});

let made = 0;
async function archiveOf(memory: GeneratedMemory, what: ExportScope = { kind: 'org' }): Promise<string> {
  const harness = await TransferHarness.create();
  try {
    for (const { record, messages } of memory.sessions) {
      await harness.sessions.create(ORG, record, messages, harness.clock.now());
    }
    await harness.memory.insert(ORG, memory);
    made += 1;
    const kept = join(folder, `${made}.archon.gz`);
    await harness.jobs.writeArchiveTo(
      ORG,
      { scope: what, created_at: NOW, path: kept, resume: null },
      { signal: new AbortController().signal, onProgress: () => undefined },
    );
    return kept;
  } finally {
    await harness.dispose();
  }
}

async function compare(before: string, after: string) {
  made += 1;
  const file = new ComparisonFile(join(folder, `${made}.db`));
  files.push(file);
  const { signal } = new AbortController();
  const sides = await compareArchives(
    { before: await inspectSource(before), after: await inspectSource(after) },
    file,
    { signal, now_ms: Date.parse(NOW), onProgress: () => undefined },
  );
  return { file, sides };
}

const all = (file: ComparisonFile) => file.page({}, 0, 100_000).map(({ difference }) => difference);
const named = ({ layer, id, session_id }: Difference) => `${layer} ${session_id ?? ''} ${id}`;
const without = (names: Set<string>, others: Set<string>) => new Set([...names].filter((name) => !others.has(name)));
const namesIn = (memory: GeneratedMemory) =>
  new Set([
    ...memory.sessions.map(({ record }) => `session  ${record.session_id}`),
    ...memory.sessions.flatMap(({ record, messages }) =>
      messages.map(({ message_id }) => `message ${record.session_id} ${message_id}`),
    ),
    ...memory.working.map(({ id }) => `working  ${id}`),
    ...memory.longterm.map(({ id }) => `longterm  ${id}`),
  ]);

describe('comparing two archives', () => {
  it('finds what one has and the other has not, by id, whatever they hold', async () => {
    const shared = fc.tuple(memoryOf(ORG.org_id), memoryOf(ORG.org_id), memoryOf(ORG.org_id));
    await fc.assert(
      fc.asyncProperty(shared, async ([both, first, second]) => {
        const mixed = (other: GeneratedMemory): GeneratedMemory => ({
          sessions: unique([...both.sessions, ...other.sessions], ({ record }) => record.session_id),
          working: unique([...both.working, ...other.working], ({ id }) => id),
          longterm: unique([...both.longterm, ...other.longterm], ({ id }) => id),
          revisions: [],
          links: [],
        });
        const [before, after] = [mixed(first), mixed(second)];
        const { file } = await compare(await archiveOf(before), await archiveOf(after));
        const found = all(file);
        const of = (kind: Difference['kind']) => new Set(found.filter((one) => one.kind === kind).map(named));
        expect(of('added')).toEqual(without(namesIn(after), namesIn(before)));
        expect(of('gone')).toEqual(without(namesIn(before), namesIn(after)));
        expect(found.length).toBe(new Set(found.map(named)).size);
        const counted = Object.values(file.counts).flatMap(({ added, changed, gone }) => [added, changed, gone]);
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(found.length);
        expect(file.listed).toBe(found.length);
      }),
      { numRuns: 12 },
    );
  });

  const [sample] = fc.sample(
    memoryOf(ORG.org_id).filter(({ working, longterm, sessions }) => {
      return working.length > 0 && longterm.length > 1 && sessions.some(({ messages }) => messages.length > 1);
    }),
    { numRuns: 1, seed: 3 },
  );
  const memory = sample as GeneratedMemory;

  it('tells which fields changed, and passes over what merely reading changes', async () => {
    const [one, two] = memory.longterm;
    if (!one || !two) throw new Error('no sample');
    const changed: GeneratedMemory = {
      ...memory,
      sessions: memory.sessions.map(({ record, messages }) => ({
        record: { ...record, last_accessed_at: '2026-05-31T00:00:00.000Z', started_at: record.started_at },
        messages,
      })),
      longterm: memory.longterm.map((row) => {
        if (row.id === one.id) return { ...row, content: { ...row.content, text: 'quite different' }, tags: ['new'] };
        return { ...row, access_count: row.access_count + 7, last_accessed_at: '2026-05-31T00:00:00.000Z' };
      }),
    };
    const { file } = await compare(await archiveOf(memory), await archiveOf(changed));
    const found = all(file);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'changed',
      layer: 'longterm',
      id: one.id,
      before: { text: one.content.text },
      after: { text: 'quite different' },
    });
    expect(found[0]?.fields.map(({ field }) => field)).toEqual(['content', 'tags']);
    expect(found[0]?.fields[1]).toMatchObject({ after: '["new"]' });
    expect(file.counts.longterm.same).toBe(memory.longterm.length - 1);
  });

  it('gives pages, of one kind, layer or user as well', async () => {
    const nothing: GeneratedMemory = { sessions: [], working: [], longterm: [], revisions: [], links: [] };
    const { file, sides } = await compare(await archiveOf(memory), await archiveOf(nothing));
    expect(sides.before.records).toBeGreaterThan(sides.after.records);
    expect(file.users('before')).toBe(new Set(all(file).map(({ user_id }) => user_id)).size);
    const first = file.page({}, 0, 2);
    const rest = file.page({}, first.at(-1)?.place ?? 0, 1000);
    expect([...first, ...rest].map(({ difference }) => difference)).toEqual(all(file));
    expect(file.page({ kind: 'added' }, 0, 10)).toEqual([]);
    expect(file.page({ kind: 'gone', layer: 'working' }, 0, 100)).toHaveLength(memory.working.length);
    const { user_id } = memory.longterm[0] ?? { user_id: '' };
    for (const { difference } of file.page({ user_id }, 0, 100)) expect(difference.user_id).toBe(user_id);
  });

  it('refuses an archive that is cut off, changed, foreign or of a newer Archon, with the line', async () => {
    const good = await archiveOf(memory);
    const text = gunzipSync(await readFile(good)).toString();
    const lines = text.trimEnd().split('\n');
    const written = async (name: string, content: string | Uint8Array) => {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    };
    const refused = (path: string) => expect(compare(good, path)).rejects;
    await refused(await written('cut', lines.slice(0, 4).join('\n'))).toThrow(/after line 4, before its manifest/);
    const packed = gzipSync(text);
    await refused(await written('torn', packed.subarray(0, packed.length - 40))).toThrow(
      /damaged or was cut off after line/,
    );
    await refused(
      await written('line', [...lines.slice(0, 2), '{"type":"working"', ...lines.slice(2)].join('\n')),
    ).toThrow(/damaged in line 3: malformed JSON/);
    await refused(await written('less', [...lines.slice(0, 1), ...lines.slice(2)].join('\n'))).toThrow(
      /not as it was written|damaged in line/,
    );
    await refused(await written('newer', text.replace(/"version":\d/, '"version":9'))).toThrow(
      /version 9.*Update Archon/,
    );
    await refused(await written('early', text.replace(/"created_at":"\d{4}/, '"created_at":"9999'))).toThrow(
      /line 1: created_at lies in the future/,
    );
    await refused(await written('foreign', '{"mapping":{}}\n')).toThrow(/no Archon archive/);
  });
});

function unique<T>(items: T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()];
}
