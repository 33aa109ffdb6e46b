import { partOf } from '../installation/installation.ts';
import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const WHAT = 'examine the installation';

export const doctorRouter = os.doctor.router({
  run: os.doctor.run.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'doctor').run(context.scope, input);
  }),
  fix: os.doctor.fix.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'doctor').fix(context.scope, input);
  }),
});
