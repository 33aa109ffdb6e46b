import { partOf } from '../installation/installation.ts';
import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const WHAT = 'see or change how secrets are kept';

export const secretsRouter = os.secrets.router({
  status: os.secrets.status.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'secrets').status(context.scope, input);
  }),
  rotate: os.secrets.rotate.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'secrets').rotate(context.scope, input);
  }),
});
