import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { opensslAvailable, selfSigned } from '../../../tests/support/self-signed.ts';
import type { ServiceValues } from './service-test.ts';
import { testService } from './test-service.ts';

const PASSWORD = 'a very secret pass/word';
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe.runIf(opensslAvailable)('e-mail', () => {
  let tls: { key: string; cert: string };
  beforeAll(() => {
    tls = selfSigned();
  });

  interface Received {
    from: string;
    to: string[];
    text: string;
    secure: boolean;
    user: string | undefined;
  }

  async function serve(options: ConstructorParameters<typeof SMTPServer>[0] = {}) {
    const received: Received[] = [];
    const server = new SMTPServer({
      ...tls,
      authOptional: false,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, _session, done) =>
        username === 'archon' && password === PASSWORD
          ? done(null, { user: username })
          : done(new Error(`no user ${username} with ${password}`)),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString('utf8'),
            secure: session.secure,
            user: session.user,
          });
          done();
        });
      },
      ...options,
    });
    server.on('error', () => {});
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    closers.push(() => server.close());
    return { port: (server.server.address() as AddressInfo).port, received };
  }

  const mail = (port: number, more: ServiceValues = {}, timeout_ms = 20_000, ca: string | undefined = tls.cert) =>
    testService(
      'email',
      {
        'alerts.smtp_host': 'localhost',
        'alerts.smtp_port': port,
        'alerts.smtp_tls': 'starttls',
        'alerts.smtp_username': 'archon',
        'alerts.smtp_password': PASSWORD,
        'alerts.email_from': 'archon@example.com',
        'alerts.email_to': ['ops@example.com', 'ana@example.com'],
        ...more,
      },
      { now_ms: 0, timeout_ms, ca },
    );

  async function expectFailure(test: ReturnType<typeof mail>, message: RegExp): Promise<void> {
    const result = await test;
    expect(result).toMatchObject({ ok: false, latency_ms: null, models: null });
    expect(result.message).toMatch(message);
    expect(result.message).not.toContain(PASSWORD);
    expect(result.message).not.toContain(Buffer.from(PASSWORD).toString('base64'));
  }

  it('goes to every recipient, encrypted after the greeting or from the start', async () => {
    const later = await serve();
    const result = await mail(later.port);
    expect(result).toMatchObject({ ok: true });
    expect(result.message).toMatch(/ops@example\.com, ana@example\.com/);
    expect(later.received).toMatchObject([
      { from: 'archon@example.com', to: ['ops@example.com', 'ana@example.com'], secure: true, user: 'archon' },
    ]);
    expect(later.received[0]?.text).toContain('This is a test of Archon');
    const atOnce = await serve({ secure: true });
    expect(await mail(atOnce.port, { 'alerts.smtp_tls': 'tls' })).toMatchObject({ ok: true });
    expect(atOnce.received).toMatchObject([{ secure: true }]);
  });

  it('goes unencrypted and without a login only when that is set', async () => {
    const open = await serve({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });
    await expectFailure(mail(open.port), /does not offer STARTTLS/);
    expect(open.received).toEqual([]);
    const plain = { 'alerts.smtp_tls': 'none', 'alerts.smtp_username': null, 'alerts.smtp_password': null };
    expect(await mail(open.port, plain)).toMatchObject({ ok: true });
    expect(open.received).toMatchObject([{ secure: false }]);
  });

  it('says that user or password are wrong, or missing', async () => {
    const { port, received } = await serve();
    await expectFailure(mail(port, { 'alerts.smtp_password': 'wrong' }), /did not accept user and password/);
    await expectFailure(mail(port, { 'alerts.smtp_username': null }), /asks for a login/);
    expect(received).toEqual([]);
  });

  it('does not tell the password that a server repeats', async () => {
    const { port } = await serve({
      onAuth: ({ password }, _session, done) => done(new Error(`${password} is wrong`)),
    });
    await expectFailure(mail(port), /\*{8} is wrong/);
  });

  it('says that a certificate is not trusted', async () => {
    const { port } = await serve({ secure: true });
    const test = testService(
      'email',
      {
        'alerts.smtp_host': 'localhost',
        'alerts.smtp_port': port,
        'alerts.smtp_tls': 'tls',
        'alerts.email_from': 'a@example.com',
        'alerts.email_to': ['b@example.com'],
      },
      { now_ms: 0, timeout_ms: 20_000 },
    );
    await expectFailure(test, /certificate of localhost:\d+ is not trusted.*NODE_EXTRA_CA_CERTS/);
  });

  it('says that the encryption is the other one', async () => {
    const { port } = await serve();
    await expectFailure(mail(port, { 'alerts.smtp_tls': 'tls' }), /does not speak TLS from the start/);
  });

  it('names recipients that are not taken', async () => {
    const { port } = await serve({
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith('ana') ? done(new Error('no such mailbox')) : done(),
    });
    await expectFailure(mail(port), /did not take the mail for ana@example\.com/);
  });

  it('does not wait for a server that takes the connection and says nothing', async () => {
    const held: Socket[] = [];
    const silent = net.createServer((socket) => void held.push(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(() => {
      silent.close();
      for (const socket of held) socket.destroy();
    });
    const { port } = silent.address() as AddressInfo;
    await expectFailure(mail(port, { 'alerts.smtp_host': '127.0.0.1' }, 300), /did not take the mail within 0\.3 s/);
  });

  it('does not wait for one that goes on talking', async () => {
    const chatter = net.createServer((socket) => {
      const talk = setInterval(() => socket.write('220-still here\r\n'), 20);
      socket.on('error', () => {});
      socket.on('close', () => clearInterval(talk));
    });
    chatter.listen(0, '127.0.0.1');
    await once(chatter, 'listening');
    closers.push(() => void chatter.close());
    const { port } = chatter.address() as AddressInfo;
    await expectFailure(mail(port, { 'alerts.smtp_host': '127.0.0.1' }, 400), /within 0\.4 s/);
  });

  it('says that nothing listens', async () => {
    const { port } = await serve();
    for (const close of closers.splice(0)) close();
    await expectFailure(mail(port), /Nothing listens at localhost/);
  });

  it('says what is not filled in', async () => {
    await expectFailure(mail(25, { 'alerts.smtp_host': ' ' }), /Enter the mail server first/);
    await expectFailure(mail(25, { 'alerts.email_from': null }), /Enter the address that mails are sent from/);
    await expectFailure(mail(25, { 'alerts.email_to': [] }), /at least one recipient/);
  });
});

interface Posted {
  headers: IncomingHttpHeaders;
  path: string;
  body: string;
}

/** A receiver that answers what the test says. */
async function receive(status: number, answer: string, headers: Record<string, string> = {}) {
  const posted: Posted[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    posted.push({ headers: request.headers, path: request.url ?? '', body });
    response.writeHead(status, headers);
    response.end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted };
}

const PRIVATE = { 'events.webhooks_allow_private': true };
const SLACK_PATH = '/services/T000/B000/xSecretPartOfTheUrl';

describe('Slack', () => {
  const slack = (url: string | null, more: ServiceValues = PRIVATE) =>
    testService('slack', { 'alerts.slack_url': url, ...more }, { now_ms: 0, timeout_ms: 20_000 });

  it('is sent a message', async () => {
    const { url, posted } = await receive(200, 'ok');
    expect(await slack(url + SLACK_PATH)).toMatchObject({ ok: true });
    expect(posted.map(({ path }) => path)).toEqual([SLACK_PATH]);
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({ text: expect.stringContaining('test of Archon') });
  });

  it.each([
    [404, 'no_service', /removed or switched off in Slack.*\(no_service\)/],
    [403, 'invalid_token', /was revoked.*\(invalid_token\)/],
    [410, 'channel_is_archived', /archived/],
    [500, `failed at ${SLACK_PATH}`, /failed \(500\)/],
    [302, '', /redirect/],
  ])('says what %i %s means, without the URL', async (status, answer, message) => {
    const { url } = await receive(status, answer, status === 302 ? { location: `https://slack.com${SLACK_PATH}` } : {});
    const result = await slack(url + SLACK_PATH);
    expect(result).toMatchObject({ ok: false });
    expect(result.message).toMatch(message);
    expect(result.message).not.toContain('xSecretPartOfTheUrl');
  });

  it('is a public address unless private ones are allowed', async () => {
    const { url, posted } = await receive(200, 'ok');
    expect((await slack(url, {})).message).toMatch(/private or local address/);
    expect(posted).toEqual([]);
  });

  it('needs a URL', async () => {
    expect((await slack(null)).message).toMatch(/Enter the URL/);
    expect((await slack('nonsense')).message).toMatch(/The URL is none/);
  });
});

describe('a webhook', () => {
  const webhook = (url: string, more: ServiceValues = {}, timeout_ms = 20_000) =>
    testService(
      'webhook',
      { 'alerts.webhook_url': url, 'alerts.webhook_secret': PASSWORD, ...PRIVATE, ...more },
      { now_ms: 1_700_000_000_000, timeout_ms },
    );

  it('is sent a document signed with the secret', async () => {
    const { url, posted } = await receive(204, '');
    expect(await webhook(`${url}/hook`)).toMatchObject({ ok: true, message: expect.stringContaining('signed') });
    expect(posted).toHaveLength(1);
    const { headers, body } = posted[0] as Posted;
    const signature = createHmac('sha256', PASSWORD).update(`1700000000.${body}`).digest('hex');
    expect(headers['archon-signature']).toBe(`t=1700000000,v1=${signature}`);
    expect(JSON.parse(body)).toMatchObject({ type: 'test', at: '2023-11-14T22:13:20.000Z' });
  });

  it('is sent it unsigned without a secret, and says so', async () => {
    const { url, posted } = await receive(200, '');
    expect((await webhook(url, { 'alerts.webhook_secret': null })).message).toMatch(/not signed/);
    expect(posted[0]?.headers['archon-signature']).toBeUndefined();
  });

  it('says what was answered, without the secret', async () => {
    const { url } = await receive(403, `your secret is ${PASSWORD}`);
    const result = await webhook(url);
    expect(result).toMatchObject({ ok: false });
    expect(result.message).toMatch(/refused it \(403\).*your secret is \*{8}/);
  });

  it('is not waited for without end', async () => {
    const server = http.createServer(() => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await webhook(url, {}, 300)).message).toMatch(/no answer within 300 ms/);
  });

  it('takes no user or password in its URL', async () => {
    const result = await webhook('https://me:hidden-pass@example.com/');
    expect(result.message).toMatch(/take them out/);
    expect(result.message).not.toContain('hidden-pass');
  });
});
