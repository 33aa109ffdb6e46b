/** What to tell an operator about a Redis server, from its answer to INFO. */

/** Below this, commands that the store needs are missing. */
const LEAST_VERSION = [6, 2] as const;
const SUPPORTED_MAJOR = 7;

/** As in "Redis 7.0.15"; with what is wrong behind it. `info` may be empty when the user may not ask. */
export function describeServer(info: string): string {
  const fields = new Map(
    info.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
  const version = fields.get('redis_version');
  if (version === undefined) return 'Redis of unknown version (its user may not run INFO)';
  // Valkey calls itself Redis 7.2 for the sake of clients and tells its own version beside.
  const valkey = fields.get('valkey_version');
  const parts = [valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}`, ...ageWarning(version)];
  const policy = fields.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction' && fields.get('maxmemory') !== '0') {
    parts.push(`maxmemory-policy ${policy} drops sessions when memory is short: set noeviction`);
  }
  return parts.join('; ');
}

function ageWarning(version: string): string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return [`too old: sessions need ${LEAST_VERSION.join('.')} at least, ${SUPPORTED_MAJOR} or newer is supported`];
  }
  return major < SUPPORTED_MAJOR ? [`older than the supported ${SUPPORTED_MAJOR}: update it`] : [];
}
