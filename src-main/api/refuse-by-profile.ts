/** What the connection profile that is open does not allow, refused before anything is done. */
import { ArchonError } from '../errors.ts';
import { sqlStateOf } from '../storage/storage-errors.ts';
import type { ApiContext } from './base.ts';

/**
 * Routes that are no GET and yet change nothing of what is in the database and the session store: they ask, or they
 * change what is of this computer.
 */
export const ALLOWED_WHEN_READ_ONLY: ReadonlySet<string> = new Set([
  'search.query',
  'context.assemble',
  // Files and jobs of this computer; an import itself is refused.
  'transfer.beginUpload',
  'transfer.sendChunk',
  'transfer.preview',
  'transfer.export',
  'transfer.cancel',
  // Exports; of imports none runs, and to go on with one is refused where it is known.
  'transfer.pause',
  'transfer.resume',
  'transfer.forget',
  'backups.create',
  'app.createToken',
  'app.revokeToken',
  'resilience.probe',
  'resilience.reset',
  'resilience.isolate',
  'resilience.release',
  'resilience.update',
  'logs.setLevel',
  'doctor.fix',
  'offline.snapshot',
  'offline.openArchive',
  'offline.pause',
  'offline.resume',
  'offline.cancel',
  'offline.forget',
  'offline.compare',
  'offline.forgetComparison',
  'profiles.create',
  'profiles.update',
  'profiles.remove',
  'profiles.test',
  'profiles.activate',
  // Those of this computer; the database refuses those of an organisation.
  'settings.set',
  'settings.undo',
  'settings.import',
  'settings.test',
  'settings.restart',
  // They only look.
  'opsRules.preview',
  'opsActions.preview',
]);
/** What tells of this process serves whoever watches it. */
const OF_THE_PROCESS = /^(health|metrics)\./;

/** Whether a read-only profile refuses the route. */
export const isRefusedWhenReadOnly = (route: string, method: string | undefined): boolean =>
  method !== 'GET' && !ALLOWED_WHEN_READ_ONLY.has(route);

/** Whether a profile that does not serve agents refuses them the route. */
export const isRefusedToAgents = (route: string): boolean => !OF_THE_PROCESS.test(route);

/** @throws ArchonError READ_ONLY; FORBIDDEN for agents that are not served now */
export function refuseByProfile(route: string, method: string | undefined, context: ApiContext): void {
  const profile = context.services.app.profile();
  if (profile === null) return;
  if (!profile.agents && !context.interactive && isRefusedToAgents(route)) {
    throw new ArchonError(
      'FORBIDDEN',
      `The connection profile that is open, "${profile.name}", does not serve agents. A person can allow it, or open another.`,
    );
  }
  if (profile.read_only && isRefusedWhenReadOnly(route, method)) throw readOnly(profile.name);
}

/** For what only the handler knows to be a write. @throws ArchonError READ_ONLY */
export function refuseWhenReadOnly(context: ApiContext): void {
  const profile = context.services.app.profile();
  if (profile?.read_only) throw readOnly(profile.name);
}

/** A write that only the database could recognise as one is told in the same words. */
export function asReadOnly(error: unknown, context: ApiContext): unknown {
  if (sqlStateOf(error) !== '25006') return error;
  const profile = context.services.app.profile();
  return profile?.read_only ? readOnly(profile.name) : error;
}

const readOnly = (name: string): ArchonError =>
  new ArchonError('READ_ONLY', `"${name}" is open for reading only: nothing can be changed in it.`);
