/** What the server says to a new client. */
import { authenticationOk, backendKeyData, parameterStatus, readyForQuery, type WireError } from './wire-frames.ts';

/** The only role and database: a superuser, so row-level security works only after SET LOCAL ROLE. */
export const SUPERUSER = 'postgres';
export const DATABASE = 'postgres';

/**
 * Why this client cannot be let in, or null.
 *
 * There is no password: the only way in is a MessagePort of this process. Settings of the client (time limits,
 * application_name, options) are accepted and have no effect, as they would reach the backend that all share.
 */
export function refuseStartup(parameters: ReadonlyMap<string, string>): WireError | null {
  const user = parameters.get('user') ?? '';
  const database = parameters.get('database') ?? user;
  if (user !== SUPERUSER) return fatal('28000', `role "${user}" does not exist`);
  if (database !== DATABASE) return fatal('3D000', `database "${database}" does not exist`);
  if (parameters.has('replication')) return fatal('0A000', 'replication is not supported in the embedded database');
  const encoding = parameters.get('client_encoding') ?? 'UTF8';
  if (!/^'?utf-?8'?$/i.test(encoding)) return fatal('0A000', `client_encoding ${encoding} is not supported, only UTF8`);
  return null;
}

/** Authentication, parameters, the key for cancel requests, ready. */
export function sessionGreeting(
  session: { pid: number; secret: number },
  server_parameters: ReadonlyMap<string, string>,
  client_parameters: ReadonlyMap<string, string>,
): Buffer[] {
  const parameters = new Map(server_parameters);
  parameters.set('application_name', client_parameters.get('application_name') ?? '');
  return [
    authenticationOk(),
    ...[...parameters].map(([name, value]) => parameterStatus(name, value)),
    backendKeyData(session.pid, session.secret),
    readyForQuery('I'),
  ];
}

function fatal(code: string, message: string): WireError {
  return { severity: 'FATAL', code, message };
}
