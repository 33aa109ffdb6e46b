/**
 * What the embedded database refuses, and why.
 *
 * All sessions share one backend. A statement whose effect outlives its transaction would reach every other session:
 * a session SET ROLE would let one client read with another's rights, a session advisory lock would lock nobody out.
 * Those are refused with a message that names the way that works here and on a server, instead of leaking silently.
 * Found by the words of the statement, so a function body that does the same is not caught.
 */
import { leadingWords, type Statement } from './sql-statements.ts';
import type { WireError } from './wire-frames.ts';

const FEATURE_NOT_SUPPORTED = '0A000';
const INVALID_STATEMENT_NAME = '26000';

function refusal(message: string, hint: string): WireError {
  return { code: FEATURE_NOT_SUPPORTED, message: `${message} in the embedded database`, hint };
}

const COPY = refusal('COPY is not supported', 'Use INSERT with unnest($1::…[]) to load many rows at once.');
const SESSION_SET = refusal(
  'session settings are not supported',
  'All sessions share one backend: use SET LOCAL, or set_config(…, …, true), inside a transaction.',
);
const SHARED_STATE = refusal(
  'DISCARD, PREPARE and DEALLOCATE are not supported',
  'All sessions share one backend: send parameters with the query instead.',
);
const NAMED_STATEMENT = refusal(
  'named prepared statements are not supported',
  'All sessions share one backend: leave the name of the query out.',
);
const TEMPORARY = refusal(
  'temporary objects that outlive their transaction are not supported',
  'All sessions share one backend: add ON COMMIT DROP.',
);
const SESSION_LOCK = refusal(
  'session advisory locks are not supported',
  'All sessions share one backend, so such a lock would lock nobody out: use pg_advisory_xact_lock.',
);

/** A statement was bound that this session did not parse, or parsed before another session used the backend. */
export const UNKNOWN_UNNAMED_STATEMENT: WireError = {
  code: INVALID_STATEMENT_NAME,
  message: 'unnamed prepared statement does not exist',
  hint: 'In the embedded database Parse and Bind have to be sent together, before the same Sync.',
};

/** The error to answer with, or null when the statement may run. */
export function refuseStatement(statement: Statement): WireError | null {
  const [first, second, third] = leadingWords(statement, 3);
  switch (first) {
    case 'copy':
      return COPY;
    case 'set':
      return second === 'local' || second === 'transaction' || second === 'constraints' ? null : SESSION_SET;
    case 'discard':
    case 'deallocate':
      return SHARED_STATE;
    case 'prepare':
      return second === 'transaction' ? null : SHARED_STATE;
    case 'create':
      return isTemporary(second, third) && !/\bon\s+commit\s+drop\b/i.test(statement) ? TEMPORARY : null;
    default:
      return refuseFunctions(statement);
  }
}

/** Named statements live in the backend, under names that other sessions use too. */
export function refuseStatementName(name: string): WireError | null {
  return name === '' ? null : NAMED_STATEMENT;
}

function isTemporary(second: string | undefined, third: string | undefined): boolean {
  const word = second === 'local' || second === 'global' ? third : second;
  return word === 'temp' || word === 'temporary';
}

function refuseFunctions(statement: Statement): WireError | null {
  if (/\bpg_(try_)?advisory_lock(_shared)?\s*\(/i.test(statement)) return SESSION_LOCK;
  if (/\bset_config\s*\([^()]*,\s*(false|'f(alse)?')\s*\)/i.test(statement)) return SESSION_SET;
  return null;
}
