/** What could carry a secret or the contents of a memory into the log, as the libraries in use make it. */
import { ValidationError } from '@orpc/contract';
import type pino from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Logs } from './logs/logs.ts';

const MEMORY = 'the cellar key lies under the third stone';
const SECRET = 'Zm9v"bar\\baz#qux';

/** All that is kept of one entry, as one text. */
function kept(log: (logger: pino.Logger) => void, secrets: readonly string[] = []): string {
  const printed: string[] = [];
  const logs = new Logs({ level: 'trace', secrets, print: (line) => void printed.push(line) });
  log(logs.logger);
  expect(printed).toHaveLength(1);
  return printed.join('');
}

const failure = (members: object, message = 'failed'): Error => Object.assign(new Error(message), members);

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('what agents wrote', () => {
  it.each<[string, unknown]>([
    // As ioredis makes it.
    ['a command of Redis', failure({ command: { name: 'rpush', args: ['session:1', MEMORY] } }, 'OOM command')],
    ['a command of Redis, deeper', failure({ cause: new Error('x'), previous: { Args: [MEMORY] } })],
    ['what PostgreSQL quotes', failure({ detail: MEMORY, where: MEMORY, hint: 'none' })],
    ['a value PostgreSQL cannot read', failure({ code: '22P02' }, `invalid input syntax for type uuid: "${MEMORY}"`)],
    ['its cause', new Error('no', { cause: failure({}, `invalid input syntax for type json: "a "${MEMORY}"\nb"`) })],
    ['words PostgreSQL cannot search', failure({}, `syntax error in tsquery: "${MEMORY} &"`)],
    ['several at once', new AggregateError([failure({ params: [MEMORY] }), failure({ data: { a: MEMORY } })], 'two')],
    ['text that is no JSON', thrown(() => JSON.parse(MEMORY))],
    ['text that ends too early', thrown(() => JSON.parse(`{"a": "${MEMORY}" x`))],
    ['input that is refused', new ValidationError({ message: 'refused', issues: [], data: { text: MEMORY } })],
    ['issues that quote the input', z.object({ a: z.number() }).safeParse({ a: MEMORY }, { reportInput: true }).error],
    ['bytes', { buffer: Buffer.from(MEMORY) }],
    ['an array of bytes', { bytes: new TextEncoder().encode(MEMORY) }],
  ])('stays out: %s', (_what, value) => {
    const line = kept((logger) => logger.error(value instanceof Error ? { err: value } : value, 'failed'));
    expect(line).not.toContain('cellar');
    expect(line).not.toContain(String(Buffer.from('cellar').toJSON().data));
    expect(line).not.toContain('"0":116');
    expect(line).toContain('failed');
  });

  it.each(['Content', 'request_body', 'rawBody', 'messages', 'memory_text', 'rows', 'embedding', 'prompt', 'values'])(
    'stays out under the name %s',
    (name) => {
      expect(kept((logger) => logger.warn({ [name]: MEMORY }, 'failed'))).not.toContain('cellar');
    },
  );

  it('leaves what is no content', () => {
    const said = { context: 'start', text_search: true, query_ms: 4, body_bytes: 20, data_dir: '/data', memories: 3 };
    expect(JSON.parse(kept((logger) => logger.warn(said, 'value out of range: 4')))).toMatchObject(said);
  });
});

describe('secrets', () => {
  it.each<[string, object]>([
    ['headers in other case', { headers: { 'X-API-KEY': SECRET, 'Set-Cookie': [SECRET], AUTHORIZATION: SECRET } }],
    ['headers as Node.js gives them', { rawHeaders: ['Host', 'a', 'Cookie', SECRET, 'X-Auth-Token', SECRET] }],
    ['headers as pairs', { list: [['authorization', SECRET]] }],
    [
      'keys by other names',
      { secretAccessKey: SECRET, encryption_key: SECRET, signingKey: SECRET, login_code: SECRET },
    ],
    ['an address of Slack', { url: `https://hooks.slack.com/services/T0/B0/${encodeURIComponent(SECRET)}` }],
    ['a signed address', { url: `https://a/b?X-Amz-Signature=${encodeURIComponent(SECRET)}&sig=${SECRET}` }],
  ])('stay out: %s', (_what, value) => {
    const line = kept((logger) => logger.child({ request: value }).error('failed'));
    expect(line).not.toContain('Zm9v');
    expect(line).toContain('[redacted]');
  });

  it('of the configuration stay out however they are written', () => {
    const forms = [
      SECRET,
      JSON.stringify({ a: SECRET }),
      JSON.stringify(JSON.stringify({ a: SECRET })),
      encodeURIComponent(SECRET),
      encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase()),
      encodeURIComponent(`https://a/${encodeURIComponent(SECRET)}`),
    ];
    for (const form of forms) {
      expect(kept((logger) => logger.child({ [form]: form }).error(new Error(form), form), [SECRET])).not.toContain(
        'Zm9v',
      );
    }
  });

  it('may be any text', () => {
    expect(() => new Logs({ level: 'info', secrets: ['\ud800-not-well-formed'] })).not.toThrow();
  });
});

describe('an entry', () => {
  it('is bounded as a whole, and says what happened all the same', () => {
    const list = Array.from({ length: 200 }, () => '\u0001'.repeat(10_000));
    const line = kept((logger) => logger.error({ list, more: { list } }, 'what happened'));
    expect(Buffer.byteLength(line)).toBeLessThan(128 * 1024);
    expect(JSON.parse(line)).toMatchObject({ msg: 'what happened' });
  });
});
