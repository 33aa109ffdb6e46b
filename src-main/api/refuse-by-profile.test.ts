import { call } from '@orpc/server';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { contract } from '../../src-contract/index.ts';
import type { OpenProfile } from '../app-status.ts';
import { notFound } from '../errors.ts';
import { listRoutes } from '../server/route-table.ts';
import type { ApiContext } from './base.ts';
import {
  ALLOWED_WHEN_READ_ONLY,
  isRefusedWhenReadOnly,
  refuseByProfile,
  refuseWhenReadOnly,
} from './refuse-by-profile.ts';
import { transferRouter } from './transfer.ts';

const ROUTES = listRoutes(contract);
const context = (profile: Partial<OpenProfile>, interactive: boolean) =>
  ({
    interactive,
    services: { app: { profile: () => ({ name: 'Live', read_only: false, agents: true, ...profile }) } },
  }) as unknown as ApiContext;

describe('a profile for reading only', () => {
  it('refuses every route that changes what is in it; one that is added is to be thought of here', () => {
    const refused = ROUTES.filter(({ name, method }) => isRefusedWhenReadOnly(name, method)).map(({ name }) => name);
    expect(refused.sort()).toEqual(
      [
        'sessions.create',
        'sessions.update',
        'sessions.delete',
        'sessions.append',
        'working.create',
        'working.createBatch',
        'working.update',
        'working.delete',
        'longterm.create',
        'longterm.createBatch',
        'longterm.update',
        'longterm.supersede',
        'longterm.delete',
        'memories.bulk',
        'memories.link',
        'memories.unlink',
        'memories.erase',
        'transfer.import',
        'deadLetters.replay',
        'deadLetters.replayMany',
        'deadLetters.cancelReplayRun',
        'deadLetters.discard',
        'webhooks.create',
        'webhooks.update',
        'webhooks.remove',
        'webhooks.rotateSecret',
        'webhooks.test',
        'controls.set',
        'app.loadDemo',
        'workers.runNow',
        'workers.pause',
        'workers.resume',
        'workers.restart',
        'workers.cancel',
        'workers.setSchedule',
        'journal.retry',
        'journal.discard',
        'secrets.rotate',
        'ops.run',
        'ops.pause',
        'ops.resume',
        'opsAlerts.acknowledge',
        'opsAlerts.unacknowledge',
        'opsAlerts.note',
        'opsAlerts.silence',
        'opsAlerts.endSilence',
        'opsRules.create',
        'opsRules.update',
        'opsRules.remove',
        'opsActions.run',
        'opsActions.approve',
        'opsActions.reject',
        'opsActions.apply',
        'opsActions.dismiss',
        'opsChannels.create',
        'opsChannels.update',
        'opsChannels.remove',
        'opsChannels.test',
        'opsReports.create',
        'opsReports.remove',
        'opsReports.send',
      ].sort(),
    );
  });

  it('lets an export go on that was paused, and no import', async () => {
    const job_id = '00000000-0000-7000-8000-000000000001';
    const resume = (kind: string) => {
      const { services } = context({ read_only: true }, true);
      const around = {
        transfer: { get: () => ({ kind }), resume: () => Promise.reject(notFound('job', 'that went on')) },
        metrics: { recorder: { called: () => undefined } },
        resilience: { withinDeadline: (work: () => unknown) => work() },
      };
      const given = {
        interactive: true,
        host: {},
        logger: pino({ level: 'silent' }),
        services: { ...services, ...around },
      };
      return call(
        transferRouter.resume,
        { job_id },
        { path: ['transfer', 'resume'], context: given as unknown as ApiContext },
      );
    };
    await expect(resume('export')).rejects.toThrow('that went on');
    await expect(resume('import')).rejects.toMatchObject({ code: 'READ_ONLY' });
  });

  it('allows no route that is not there', () => {
    const names = new Set(ROUTES.filter(({ method }) => method !== 'GET').map(({ name }) => name));
    expect([...ALLOWED_WHEN_READ_ONLY].filter((name) => !names.has(name))).toEqual([]);
  });

  it('says so, with its name', () => {
    const refuse = () => refuseByProfile('working.create', 'POST', context({ read_only: true }, true));
    expect(refuse).toThrow('"Live" is open for reading only');
    expect(() => refuseByProfile('working.list', 'GET', context({ read_only: true }, true))).not.toThrow();
    expect(() => refuseByProfile('working.create', 'POST', context({}, true))).not.toThrow();
    expect(() => refuseWhenReadOnly(context({ read_only: true }, true))).toThrow('"Live" is open for reading only');
    expect(() => refuseWhenReadOnly(context({}, true))).not.toThrow();
  });
});

describe('a profile that does not serve agents', () => {
  it('refuses them all but how the process is', () => {
    const by = (interactive: boolean) => context({ agents: false }, interactive);
    expect(() => refuseByProfile('search.query', 'POST', by(false))).toThrow(/does not serve agents/);
    expect(() => refuseByProfile('search.query', 'POST', by(true))).not.toThrow();
    expect(() => refuseByProfile('health.deep', 'GET', by(false))).not.toThrow();
    expect(() => refuseByProfile('metrics.current', 'GET', by(false))).not.toThrow();
  });
});
