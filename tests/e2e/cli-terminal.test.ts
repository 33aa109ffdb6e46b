/** What a person at a terminal sees: the program in this process, with streams that say they are one. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { archonHere, type HereOptions } from '../support/cli-here.ts';
import { copyEmptyCluster } from '../support/embedded-cluster.ts';

let folder: string;
let data_dir: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'archon-terminal-'));
  data_dir = join(folder, 'data');
  await copyEmptyCluster(join(data_dir, 'postgres'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const archon = (args: string[], options: Omit<HereOptions, 'data_dir' | 'working_dir'> = {}) =>
  archonHere(args, { data_dir, working_dir: folder, ...options });

describe('the log', () => {
  const serve = async (args: string[], isTTY: boolean) =>
    await archon(['serve', '--server-port', '0', ...args], { isTTY, stop_after: /Ctrl-C stops|"pid"/ });

  it('is readable lines between what the server says, on a terminal', async () => {
    const { code, stdout, stderr } = await serve([], true);
    expect(code).toBe(0);
    expect(stdout).toContain('listening on');
    expect(stderr).toMatch(
      /^\d\d:\d\d:\d\d {2}info {3}embedded database is running {2}component=storage server_version=\S+/m,
    );
    expect(stderr).not.toContain('{"level"');
  });

  it.each([
    ['with --json', ['--json'], true],
    ['in a file or pipe', [], false],
  ])('stays JSON %s', async (_where, args, isTTY) => {
    const { stderr } = await serve(args, isTTY);
    const entries = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ msg }) => msg)).toContain('embedded database is running');
  });
});

describe('restore', () => {
  it('asks before it replaces anything, and takes only yes for yes', async () => {
    expect((await archon(['backup'])).code).toBe(0);
    const [name = ''] = readdirSync(join(data_dir, 'backups'));
    const file = join(data_dir, 'backups', name);
    const before = readdirSync(data_dir).sort();
    const questions: string[] = [];
    const answering = (answer: string) => async (question: string) => {
      questions.push(question);
      return answer;
    };
    for (const answer of ['', 'maybe yes']) {
      const refused = await archon(['restore', file], { ask: answering(answer) });
      expect(refused.code).toBe(EXIT_CODES.interrupted.code);
      expect(refused.stderr).toContain('Nothing was changed.');
    }
    expect(questions[0]).toMatch(
      /Replace what is in .*data by the backup of 20.* \(0 working and 0 long-term memories\)/,
    );
    expect(readdirSync(data_dir).sort()).toEqual(before);
    const restored = await archon(['restore', file], { ask: answering('y') });
    expect(restored.code).toBe(0);
    expect(restored.stdout).toMatch(/kept +.*replaced-20/);
  });
});
