/** What becomes of windows when another database is opened, or the same one anew: in a browser, and in the desktop app. */
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { IpcMain, MessageChannelMain, WebContents } from 'electron';
import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ArchonClient, RPC_CLOSE } from '../../../src-contract/index.ts';
import { CLI_SCOPE } from '../../../src-main/cli/connection.ts';
import { CHANNELS } from '../../../src-main/desktop/bridge/channels.ts';
import { PortBridge } from '../../../src-main/desktop/bridge/port-bridge.ts';
import { APP_ORIGIN } from '../../../src-main/desktop/origins.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { type Installed, newDataFolder, removeDataFolder, startInstalled } from './support/installed.ts';

const data_dir = newDataFolder();
let app: Installed;
let copy_id: string;
beforeAll(async () => {
  copyTemplate(data_dir);
  app = await startInstalled(data_dir);
  copy_id = uuidv7();
  copyTemplate(join(data_dir, 'profiles', copy_id));
  app.host.profiles.createCopy(
    { name: 'Copy', color: 'grey', read_only: true, agents: true },
    { profile_id: copy_id, source: 'elsewhere', taken_at: '2026-11-01T10:00:00.000Z' },
  );
});
afterAll(async () => {
  await app?.stop();
  removeDataFolder(data_dir);
});

interface Window {
  client: ArchonClient;
  closed: Promise<unknown>;
  close(): void;
}

/** A page in a browser whose person is logged in. */
async function browserWindow(): Promise<Window> {
  const { token_id } = app.host.tokens.create({ name: 'mira', org_id: LOCAL_ORG_ID });
  const session = await app.host.browserSessions.open(token_id);
  const cookie = `archon_session_${new URL(app.url).port}=${session?.cookie}`;
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/rpc`, { origin: app.url, headers: { cookie } });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const link = new SocketLink({ websocket: socket as unknown as globalThis.WebSocket });
  return { client: createORPCClient<ArchonClient>(link), closed, close: () => socket.close() };
}

/** As Electron hands the messages of a port out. */
function mainPort(port: MessagePort) {
  const main = new EventEmitter();
  port.on('message', (data) => main.emit('message', { data }));
  port.on('close', () => main.emit('close'));
  return Object.assign(main, {
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  });
}

/** The window of the desktop app, through the bridge it has. */
function desktopBridge() {
  const ipcMain = new EventEmitter();
  const page = {} as WebContents;
  const bridge = new PortBridge({
    ipcMain: ipcMain as unknown as IpcMain,
    createChannel: () => {
      const { port1, port2 } = new MessageChannel();
      return { port1: mainPort(port1), port2 } as unknown as MessageChannelMain;
    },
    page: () => page,
    trusted_origin: APP_ORIGIN,
    context: () => ({
      services: app.host.services,
      scope: CLI_SCOPE,
      logger: pino({ level: 'silent' }),
      host: {
        kind: 'desktop',
        api: () => ({ url: null, problem: null }),
        installation: app.host.installation,
        calls: app.host.calls,
      },
      local: true,
      interactive: true,
    }),
    logger: () => pino({ level: 'silent' }),
  });
  bridge.listen();
  const connect = (): Window => {
    let given: MessagePort | undefined;
    const postMessage = (_channel: string, _message: unknown, [port]: MessagePort[]) => {
      given = port;
    };
    const senderFrame = { origin: APP_ORIGIN, parent: null, postMessage };
    ipcMain.emit(CHANNELS.connect, { sender: page, senderFrame });
    if (given === undefined) throw new Error('no port was handed over');
    const port = given;
    const closed = new Promise((resolve) => port.once('close', resolve));
    const client = createORPCClient<ArchonClient>(new PortLink({ port: port as never }));
    port.start();
    return { client, closed, close: () => port.close() };
  };
  return { bridge, connect };
}

const HOSTS: { name: string; open: () => () => Promise<Window> }[] = [
  { name: 'a browser', open: () => browserWindow },
  {
    name: 'the desktop app',
    open: () => {
      const { bridge, connect } = desktopBridge();
      app.host.onSwitched(() => bridge.engineSwitched());
      return async () => connect();
    },
  },
];

describe.each(HOSTS)('windows of $name', ({ name, open }) => {
  let newWindow: () => Promise<Window>;
  beforeAll(() => {
    newWindow = open();
  });
  const profileOf = async ({ client }: Window) => (await client.app.status({})).profile;

  it('are answered when they open another database, then end and come back to it', async () => {
    const window = await newWindow();
    expect(await profileOf(window)).toMatchObject({ profile_id: 'local' });
    expect(await window.client.profiles.activate({ profile_id: copy_id })).toMatchObject({ active: copy_id });
    // What the page asks of the database it shows does not reach the other.
    const late = window.client.sessions.list({ user_id: 'mira' }).catch((error: unknown) => error);
    const code = await window.closed;
    if (name === 'a browser') expect(code).toBe(RPC_CLOSE.GOING_AWAY.code);
    expect(await late).toBeInstanceOf(Error);
    const back = await newWindow();
    expect(await profileOf(back)).toMatchObject({ profile_id: copy_id, kind: 'copy', read_only: true });
    await expect(back.client.sessions.create({ session_id: 'x', user_id: 'mira' })).rejects.toMatchObject({
      code: 'READ_ONLY',
    });
    await back.client.profiles.activate({ profile_id: 'local' });
    await back.closed;
  });

  it('are told to try again while it is opened anew, and their answer when that is done', async () => {
    const window = await newWindow();
    const restarting = window.client.settings.restart({});
    await expect.poll(() => app.host.state.switching_to).toBe('local');
    await expect(window.client.app.status({})).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', status: 503 });
    // One that is opened meanwhile too.
    if (name === 'a browser') {
      const other = await browserWindow();
      await expect(other.client.app.status({})).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    }
    expect(await restarting).toMatchObject({ restarted_at: expect.any(String) });
    await window.closed;
    expect(await profileOf(await newWindow())).toMatchObject({ profile_id: 'local' });
  });
});

describe('agents', () => {
  it('get 503 and how long to wait while it is opened anew', async () => {
    const { token } = app.host.tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID });
    const restarting = app.person.settings.restart({});
    await expect.poll(() => app.host.state.switching_to).toBe('local');
    const response = await fetch(`${app.url}/api/memory/sessions`, { headers: { authorization: `Bearer ${token}` } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    await restarting;
  });
});
