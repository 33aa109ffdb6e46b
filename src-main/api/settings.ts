import { ArchonError } from '../errors.ts';
import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const WHAT = 'see or change settings';

function later(): never {
  throw new ArchonError('CONFLICT', 'Settings are not there yet.');
}

export const settingsRouter = os.settings.router({
  list: os.settings.list.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  set: os.settings.set.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  history: os.settings.history.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  undo: os.settings.undo.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  export: os.settings.export.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  import: os.settings.import.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  schema: os.settings.schema.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  test: os.settings.test.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
  restart: os.settings.restart.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return later();
  }),
});
