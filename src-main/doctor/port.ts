import { once } from 'node:events';
import { createServer } from 'node:net';
import { checkBind } from '../server/bind-rules.ts';
import {
  type Check,
  type CheckFinding,
  type DoctorContext,
  type Fix,
  failed,
  messageOf,
  ok,
  serverNow,
} from './check.ts';

const NAME = 'port';

export const portCheck: Check = {
  key: 'port',
  name: NAME,
  run: async (context) => {
    try {
      checkBind(context.config);
    } catch (error) {
      return [failed(NAME, messageOf(error), 'Change server.host, or set what the message names.')];
    }
    return [await checkPort(context)];
  },
};

async function checkPort(context: DoctorContext): Promise<CheckFinding> {
  const { config } = context;
  const host = config['server.host'].replace(/^\[|\]$/g, '');
  const port = config['server.port'];
  if (port === 0) return ok(NAME, 'any free port');
  const probe = createServer();
  try {
    probe.listen({ host, port });
    await once(probe, 'listening');
    return ok(NAME, `${port} on ${host} is free`);
  } catch (error) {
    // Ours may have come up since: it moves when the setting changes.
    const server = context.server?.port === port ? context.server : await serverNow(context);
    if (server?.port === port) return ok(NAME, `${port} on ${host}, our server`);
    return failed(
      NAME,
      messageOf(error),
      'Stop the other program, or choose another port with --server-port.',
      chooseAnother(context, host),
    );
  } finally {
    probe.close();
  }
}

/** Only where the setting is ours to change, and not while something listens on a port already. */
function chooseAnother({ server, changeSetting, isLocked }: DoctorContext, host: string): Fix | null {
  if (server !== undefined || changeSetting === undefined || isLocked?.('server.port')) return null;
  return {
    fix_id: 'port.choose',
    label: 'Choose a free port',
    confirm: 'Agents that know the port must be told the new one. It is used at once.',
    apply: async () => {
      const port = await freePort(host);
      await changeSetting('server.port', port);
      return `The port is ${port} now.`;
    },
  };
}

async function freePort(host: string): Promise<number> {
  const probe = createServer();
  try {
    probe.listen({ host, port: 0 });
    await once(probe, 'listening');
    const address = probe.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port is free');
    return address.port;
  } finally {
    probe.close();
  }
}
