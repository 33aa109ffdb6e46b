/** `archon config …` through the server that has the data folder, and without one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI_SCOPE } from '../../../src-main/cli/connection.ts';
import { HttpServer } from '../../../src-main/server/http-server.ts';
import { removeServerFile, writeServerFile } from '../../../src-main/server/server-file.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { archonHere, type HereOptions } from '../../support/cli-here.ts';
import { type SettingsNode, startSettingsNode } from '../../support/settings-node.ts';
import { silentLogger } from '../../support/test-databases.ts';

describe('archon config', () => {
  let node: SettingsNode;
  let server: HttpServer;
  beforeAll(async () => {
    node = await startSettingsNode();
    const config = { ...defaultConfig(node.data_dir), 'server.port': 0 };
    server = new HttpServer({ engine: node.engine, config, logger: silentLogger });
    const { local_url: url, port } = await server.start();
    const { token } = node.engine.tokens.createForThisRun(CLI_SCOPE);
    writeServerFile(node.data_dir, { url, port, pid: process.pid, token });
  });
  afterAll(async () => {
    await server?.stop();
    await node?.stop();
  });
  const archon = (args: string[], options: Partial<HereOptions> = {}) =>
    archonHere(['config', ...args], { data_dir: node.data_dir, working_dir: node.data_dir, ...options });

  it('sets, shows and takes back, of everybody and of a user', async () => {
    expect(await archon(['set', 'memory.max_tokens', '4000'])).toMatchObject({ code: 0 });
    expect(node.inForce('memory.max_tokens')).toBe(4000);
    expect((await archon(['set', 'memory.max_tokens', '3000', '--user', 'ana'])).code).toBe(0);
    expect((await archon(['get', 'memory.max_tokens', '--user', 'ana'])).stdout).toBe('3000\n');
    expect((await archon(['get', 'memory.max_tokens'])).stdout).toBe('4000\n');
    const { stdout } = await archon(['list', '--changed', '--json']);
    expect(JSON.parse(stdout).items.map(({ key }: { key: string }) => key)).toEqual(['memory.max_tokens']);
    expect((await archon(['reset', 'memory.max_tokens'])).stdout).toContain('8000');
    const { stderr } = await archon(['set', 'database.statement_timeout_ms', '9009']);
    expect(stderr).toContain('in force after a restart');
    const { stdout: history } = await archon(['history', '--computer']);
    expect(history).toMatch(/cli +– +database\.statement_timeout_ms +– +9009/);
    expect((await archon(['get', 'database.url'])).stdout).toBe('–\n');
  });

  it('says what is wrong', async () => {
    expect(await archon(['set', 'memory.max_tokens', '1'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('memory.max_tokens: must be a whole number from 2000 to 16000, not "1"'),
    });
    expect((await archon(['set', 'memory.max_token', '1'])).stderr).toContain('Did you mean memory.max_tokens?');
    expect((await archon(['set', 'database.url', 'x'])).stderr).toContain('ARCHON_DATABASE_URL');
    expect((await archon(['get', 'log.level', '--user', 'ana'])).code).toBe(2);
  });

  it('takes secrets from who is asked or from what is piped in, never from the command line', async () => {
    const refused = await archon(['set', 'llm.api_key', 'sk-on-the-line']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('can be read by others') });
    expect(refused.stderr).not.toContain('sk-on-the-line');
    const asked = await archon(['set', 'llm.api_key'], { askSecret: async () => 'sk-asked-for' });
    expect(node.inForce('llm.api_key')).toBe('sk-asked-for');
    expect(asked.stdout).toContain('********');
    await archon(['set', 'llm.api_key'], { readInput: async () => 'sk-piped\n' });
    expect(node.inForce('llm.api_key')).toBe('sk-piped');
    expect((await archon(['set', 'llm.api_key'], { readInput: async () => '' })).code).toBe(2);
    const told = [await archon(['get', 'llm.api_key']), await archon(['list']), await archon(['history'])];
    expect(JSON.stringify([asked, told])).not.toContain('sk-');
  });

  it('writes a document and reads it', async () => {
    const file = join(node.data_dir, 'settings.json');
    await archon(['set', 'memory.working_ttl_days', '20']);
    expect((await archon(['export', 'settings.json'])).code).toBe(0);
    expect((await archon(['export', 'settings.json'])).stderr).toContain('--force');
    const document = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...document, settings: { 'memory.working_ttl_days': 21, 'future.key': 1 } }));
    const dry = await archon(['import', 'settings.json', '--dry-run']);
    expect(dry.stdout).toContain('memory.working_ttl_days: 20 → 21');
    expect(dry.stderr).toContain('future.key is left out');
    expect(node.inForce('memory.working_ttl_days')).toBe(20);
    await archon(['import', 'settings.json']);
    expect(node.inForce('memory.working_ttl_days')).toBe(21);
    expect((await archon(['import', 'none.json'])).code).toBe(3);
    expect(JSON.parse((await archon(['schema'])).stdout).properties).toHaveProperty(['memory.working_ttl_days']);
  });

  it('opens the data folder itself when no server has it', async () => {
    await server.stop();
    removeServerFile(node.data_dir);
    await node.engine.stop();
    expect((await archon(['get', 'memory.working_ttl_days'])).stdout).toBe('21\n');
  });
});
