import { once } from 'node:events';
import { createServer } from 'node:net';
import { checkBind } from '../../server/bind-rules.ts';
import { type Check, type DoctorContext, type Finding, fail, messageOf, ok } from './check.ts';

const NAME = 'port';

export const portCheck: Check = {
  name: NAME,
  run: async (context) => {
    try {
      checkBind(context.config);
    } catch (error) {
      return [fail(NAME, messageOf(error), 'Change server.host, or set what the message names.')];
    }
    return [await checkPort(context)];
  },
};

async function checkPort({ config, server }: DoctorContext): Promise<Finding> {
  const host = config['server.host'].replace(/^\[|\]$/g, '');
  const port = config['server.port'];
  if (port === 0) return ok(NAME, 'any free port');
  const probe = createServer();
  try {
    probe.listen({ host, port });
    await once(probe, 'listening');
    return ok(NAME, `${port} on ${host} is free`);
  } catch (error) {
    if (server?.port === port) return ok(NAME, `${port} on ${host}, our server`);
    return fail(NAME, messageOf(error), 'Stop the other program, or choose another port with --server-port.');
  } finally {
    probe.close();
  }
}
