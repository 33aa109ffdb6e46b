/** Idempotency keys of session writes, as the header of an HTTP request. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const write = (method: string, path: string, body: object, key?: string) =>
  server.call(method, path, {
    body: JSON.stringify(body),
    ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
  });
const read = (path: string) => server.call('GET', path);

it('make a write take effect once on every route of sessions', async () => {
  const path = '/api/memory/session/s';
  const begin = { session_id: 's', user_id: 'ana', title: 'first' };
  const begun = await write('POST', '/api/memory/sessions', begin, 'begin');
  expect(begun.status).toBe(201);
  const renamed = await write('PATCH', path, { title: 'second' }, 'rename');
  const said = await write('POST', `${path}/messages`, { messages: [{ role: 'user', content: 'A' }] }, 'say');
  expect([renamed.status, said.status]).toEqual([200, 201]);
  await write('PATCH', path, { title: 'third' });

  expect((await write('POST', '/api/memory/sessions', begin, 'begin')).body).toEqual(begun.body);
  expect((await write('PATCH', path, { title: 'second' }, 'rename')).body).toEqual(renamed.body);
  expect((await write('POST', `${path}/messages`, { messages: [{ role: 'user', content: 'A' }] }, 'say')).body).toEqual(
    said.body,
  );
  for (const answer of [
    await write('POST', '/api/memory/sessions', { ...begin, title: 'other' }, 'begin'),
    await write('PATCH', path, { title: 'other' }, 'rename'),
    await write('POST', `${path}/messages`, { messages: [{ role: 'user', content: 'B' }] }, 'say'),
    await write('DELETE', path, {}, 'say'),
  ]) {
    expect(answer).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  }
  expect((await read(path)).body).toMatchObject({ title: 'third', message_count: 1 });

  const deleted = await write('DELETE', path, {}, 'forget');
  await write('POST', '/api/memory/sessions', begin);
  expect((await write('DELETE', path, {}, 'forget')).body).toEqual(deleted.body);
  expect((await read(path)).body).toMatchObject({ title: 'first', message_count: 0 });
});

it.each(['.', '..'])('no id is %j, which a path could not name', async (id) => {
  const message = { role: 'user', content: 'A' };
  const refusals = [
    [{ session_id: id, user_id: 'ana' }, 'session_id'],
    [{ user_id: id }, 'user_id'],
    [{ user_id: 'ana', messages: [{ ...message, message_id: id }] }, 'messages[0].message_id'],
  ] as const;
  for (const [body, field] of refusals) {
    const answer = await write('POST', '/api/memory/sessions', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', data: { field } } });
    expect(answer.body.message).toContain('must not be "." or ".."');
  }
});
