import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../tests/support/test-databases.ts';
import { systemClock } from '../../../clock.ts';
import { Dependency } from '../../../resilience/dependency.ts';
import { policyOf } from '../../../resilience/policies.ts';
import { WebhookDependencies } from '../../../resilience/webhook-dependencies.ts';
import { WebhookSender } from './webhook-sender.ts';

const OURS = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
const EVENT = {
  id: '1',
  org_id: OURS.org_id,
  type: 'settings.changed',
  user_id: null,
  actor: 'test',
  payload: { keys: [] },
  created_at: '2026-03-01T12:00:00.000Z',
};

describe('the breaker of a webhook', () => {
  let status = 200;
  let asked = 0;
  let server: Server;
  let url: string;
  let dependencies: WebhookDependencies;
  let sender: WebhookSender;
  beforeEach(async () => {
    status = 200;
    asked = 0;
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(status).end('from the receiver');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    dependencies = new WebhookDependencies(
      () =>
        new Dependency({
          ...policyOf('webhook', { database_pool: 1 }),
          settings: () => ({ enabled: true, threshold: 2, reset_seconds: 60 }),
          clock: systemClock,
          onChange: () => {},
        }),
    );
    sender = new WebhookSender({
      database: { withScope: async () => {} } as never,
      secrets: { open: () => 'whsec_test' } as never,
      clock: systemClock,
      logger: silentLogger,
      settings: () => ({ timeout_ms: 10_000, allow_private: true }),
      userAgent: 'test',
      dependencies,
    });
  });
  afterEach(async () => {
    server.close();
    await once(server, 'close');
  });

  const send = async (id: string, is_test = false) => {
    const target = { id, url, secret_box: '' };
    return (await sender.send(OURS, target, EVENT, { attempt: 1, is_test })).outcome;
  };
  const stateOf = (id: string) => dependencies.of(OURS, id).state.state;

  it('opens when a gateway says that nobody is there, and leaves other webhooks alone', async () => {
    status = 503;
    expect(await send('a')).toEqual({ kind: 'refused', status: 503, excerpt: 'from the receiver' });
    await send('a');
    expect(stateOf('a')).toBe('open');
    expect(dependencies.told(OURS).map(({ name }) => name)).toEqual(['webhook:a']);
    const before = asked;
    const refusal = {
      name: 'NotTriedError',
      message: expect.stringMatching(/^The receiver of the webhook is away since/),
      again_in_ms: 60_000,
    };
    await expect(send('a')).rejects.toMatchObject(refusal);
    expect(asked).toBe(before);
    status = 200;
    expect(await send('b')).toMatchObject({ kind: 'accepted' });
    expect(dependencies.told({ ...OURS, org_id: '00000000-0000-7000-8000-0000000000b2' })).toEqual([]);
  });

  it('closes when a person tests it and it answers', async () => {
    status = 502;
    await send('a');
    await send('a');
    expect(await send('a', true)).toMatchObject({ kind: 'refused', status: 502 });
    expect(stateOf('a')).toBe('open');
    status = 200;
    expect(await send('a', true)).toMatchObject({ kind: 'accepted' });
    expect(stateOf('a')).toBe('closed');
  });

  it('stays closed for a receiver that is there and fails by itself', async () => {
    status = 500;
    for (let i = 0; i < 5; i += 1) expect(await send('a')).toMatchObject({ kind: 'refused', status: 500 });
    expect(stateOf('a')).toBe('closed');
  });

  it('opens when nobody answers, and says what happened', async () => {
    url = url.replace(/:\d+/, ':1');
    expect(await send('a')).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ECONNREFUSED') });
    await send('a');
    expect(stateOf('a')).toBe('open');
    sender.forget(OURS, 'a');
    expect(stateOf('a')).toBe('closed');
  });
});
