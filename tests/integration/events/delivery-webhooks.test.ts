/** Webhooks against a real HTTP server that behaves well, badly, or not at all. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType, ParsedInputs } from '../../../src-contract/index.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { type DeliveryNode, type NodeOptions, publish, startDelivery, until } from '../../support/delivery-nodes.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

interface Received {
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = (request: Received, response: ServerResponse) => void;
const SESSIONS = ['memory.session.created', 'memory.session.deleted'] as const satisfies readonly EventType[];
const ok: Answer = (_request, response) => response.end('thanks');

describe.each(databaseKinds.filter(({ available }) => available))('webhooks on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let server: Server;
  let url: string;
  let node: DeliveryNode;
  let answer: Answer;
  const received: Received[] = [];
  beforeAll(async () => {
    test = await kind.open();
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      request.on('end', () => {
        const one = { headers: request.headers, body };
        received.push(one);
        answer(one, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await test?.remove();
  });
  beforeEach(async () => {
    scope = await test.newScope();
    received.length = 0;
    answer = ok;
  });
  afterEach(() => node.stop());

  const start = async (config: NodeOptions['config'] = {}, lookup?: NodeOptions['lookup']) => {
    node = await startDelivery(test.database, {
      scopes: [scope],
      lookup,
      config: {
        'events.webhooks_allow_private': true,
        'events.retry_first_seconds': 0,
        'events.retry_max_seconds': 0,
        'events.retry_attempts': 2,
        ...config,
      },
    });
  };
  const create = async (input: Partial<ParsedInputs['webhooks']['create']> = {}) => {
    const webhook = await node.webhooks.create(scope, {
      name: 'mine',
      url,
      enabled: true,
      types: [...SESSIONS],
      ...input,
    });
    await node.events.refresh();
    return webhook;
  };
  const deliveries = async (id: string) => (await node.webhooks.deliveries(scope, { id, limit: 100 })).items;

  it('sends each event signed, from the moment it is registered, and notes the answer', async () => {
    await start();
    await publish(test.database, scope, ['before']);
    const { secret, ...webhook } = await create({ types: ['memory.session.created'], user_id: 'ana' });
    await publish(test.database, scope, ['one', 'two']);
    await publish(test.database, scope, ['of another'], { user_id: 'ben' });
    await until('both came', () => received.length === 2);
    for (const { headers, body } of received) {
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['archon-signature'])) ?? [];
      expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
      expect(JSON.parse(body)).toMatchObject({ id: headers['archon-event-id'], type: 'memory.session.created' });
    }
    expect(received.map(({ body }) => JSON.parse(body).payload.session_id).sort()).toEqual(['one', 'two']);
    await until('both are noted', async () => (await deliveries(webhook.id)).length === 2);
    expect((await deliveries(webhook.id))[0]).toMatchObject({
      attempt: 1,
      event_type: 'memory.session.created',
      outcome: { kind: 'accepted', status: 200, excerpt: 'thanks' },
    });
    expect(await node.webhooks.all(scope)).toEqual([webhook]);
    const [row] = await test.database.statement<{ secret_box: string }>(
      'SELECT secret_box FROM archon_webhooks WHERE id = $1',
      [webhook.id],
    );
    expect(row?.secret_box).not.toContain(secret);
  });

  it('tries again after a refusal, then keeps the event as a dead letter; a replay delivers it', async () => {
    await start();
    answer = (_request, response) => response.writeHead(500).end('out of order');
    const webhook = await create();
    await publish(test.database, scope, ['x']);
    await until('it is a dead letter', async () => (await node.deadLetters.stats(scope)).dead === 1);
    const [letter] = (await node.deadLetters.list(scope, { limit: 10 })).items;
    expect(letter).toMatchObject({
      subscriber: webhook.subscriber,
      error_message: 'answered with 500',
      attempt_count: 2,
    });
    expect((await deliveries(webhook.id)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [2, { kind: 'refused', status: 500, excerpt: 'out of order' }],
      [1, { kind: 'refused', status: 500, excerpt: 'out of order' }],
    ]);
    answer = ok;
    await node.replays.replay(scope, { id: letter?.id ?? '' });
    await until('it is resolved', async () => (await node.deadLetters.stats(scope)).resolved === 1);
    expect(received).toHaveLength(3);
  });

  it('follows no redirect, takes no more than the beginning of an answer, and does not wait for ever', async () => {
    await start({ 'events.webhook_timeout_seconds': 1 });
    const webhook = await create({ enabled: false });
    const said = async (how: Answer) => {
      answer = how;
      return (await node.webhooks.test(scope, webhook.id)).outcome;
    };
    expect(await said((_r, response) => response.writeHead(302, { Location: `${url}/other` }).end())).toMatchObject({
      kind: 'refused',
      status: 302,
    });
    expect(received).toHaveLength(1);
    const endless = await said((_r, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(endless).toEqual({ kind: 'accepted', status: 200, excerpt: 'x'.repeat(2048) });
    expect(await said(() => {})).toEqual({ kind: 'failed', reason: 'no answer within 1000 ms' });
    const dripping = await said((_r, response) => {
      response.write('x');
    });
    expect(dripping).toEqual({ kind: 'failed', reason: 'no answer within 1000 ms' });
    expect(await said((_r, response) => response.destroy())).toMatchObject({ kind: 'failed' });
  });

  it('refuses private addresses, written or behind a name, whatever the name says later', async () => {
    const asked: string[] = [];
    const lookup = ((host: string, _options: unknown, callback: (error: null, addresses: unknown[]) => void) => {
      asked.push(host);
      // First a public address beside a private one.
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    }) as unknown as NodeOptions['lookup'];
    await start({ 'events.webhooks_allow_private': false }, lookup);
    for (const refused of [url, 'http://[::ffff:7f00:1]/', 'http://0x7f.1/', 'http://169.254.169.254/latest']) {
      await expect(create({ url: refused })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    const webhook = await create({ url: `http://rebind.example:${new URL(url).port}/`, enabled: false });
    const { outcome } = await node.webhooks.test(scope, webhook.id);
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('127.0.0.1') });
    expect(asked).toEqual(['rebind.example']);
    expect(received).toEqual([]);
  });

  it('sends nothing while it is off, goes on with the next event, and signs with a new secret at once', async () => {
    await start();
    const webhook = await create();
    await node.webhooks.update(scope, { id: webhook.id, enabled: false });
    await node.events.refresh();
    await publish(test.database, scope, ['while off']);
    await node.webhooks.update(scope, { id: webhook.id, enabled: true, types: ['memory.session.deleted'] });
    await node.events.refresh();
    const { secret, secret_hint } = await node.webhooks.rotateSecret(scope, webhook.id);
    expect(secret.endsWith(secret_hint)).toBe(true);
    await publish(test.database, scope, ['not wanted']);
    await publish(test.database, scope, ['wanted'], { type: 'memory.session.deleted' });
    await until('it came', () => received.length === 1);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(JSON.parse(body).payload).toEqual({ session_id: 'wanted' });
    const t = /t=(\d+)/.exec(String(headers['archon-signature']))?.[1];
    expect(headers['archon-signature']).toContain(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
    await node.webhooks.remove(scope, webhook.id);
    expect(await node.events.list(scope)).toEqual([]);
    await expect(node.webhooks.get(scope, webhook.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('leaves no dead letter on its way to a webhook that is removed', async () => {
    await start({ 'events.webhook_timeout_seconds': 300 });
    answer = (_request, response) => response.writeHead(500).end();
    const webhook = await create();
    await publish(test.database, scope, ['x']);
    await until('it is a dead letter', async () => (await node.deadLetters.stats(scope)).dead === 1);
    const [letter] = (await node.deadLetters.list(scope, { limit: 10 })).items;
    answer = () => {};
    await node.replays.replay(scope, { id: letter?.id ?? '' });
    await until('the replay is on its way', () => received.length === 3);
    await node.webhooks.remove(scope, webhook.id);
    expect(await node.deadLetters.get(scope, letter?.id ?? '')).toMatchObject({
      life: { state: 'dead' },
      replays: [{ outcome: { state: 'cancelled' } }],
    });
    await expect(node.replays.replay(scope, { id: letter?.id ?? '' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('says so when its secret was sealed by a node with another key', async () => {
    await start();
    const webhook = await create({ enabled: false });
    await node.stop();
    // A data folder of its own, and so a key of its own.
    await start();
    const { outcome } = await node.webhooks.test(scope, webhook.id);
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('Set secret_key') });
    await node.webhooks.rotateSecret(scope, webhook.id);
    expect((await node.webhooks.test(scope, webhook.id)).outcome).toMatchObject({ kind: 'accepted' });
  });

  it('keeps the last 200 requests', async () => {
    await start();
    const webhook = await create();
    await publish(
      test.database,
      scope,
      Array.from({ length: 230 }, (_, index) => `s${index}`),
    );
    await until('all came', () => received.length === 230);
    await until('all are noted', async () => ((await node.events.list(scope))[0]?.running ?? 1) === 0);
    // Of requests that end at the same moment none sees the others; the next one clears up after them.
    await node.webhooks.test(scope, webhook.id);
    const first = await node.webhooks.deliveries(scope, { id: webhook.id, limit: 150 });
    const second = await node.webhooks.deliveries(scope, {
      id: webhook.id,
      limit: 150,
      cursor: first.next_cursor ?? '',
    });
    expect([first.items.length, second.items.length, second.next_cursor]).toEqual([150, 50, null]);
  });
});
