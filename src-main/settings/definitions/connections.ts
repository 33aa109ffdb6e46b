/** Where the data is: only of the configuration. Connections that people choose are profiles. */
import { z } from 'zod';
import { settingsOf, urlWith } from './define.ts';

const { toggle, number, choice, text, words, list, secret } = settingsOf(null, 'device');
const path = 'path' as const;

export const CONNECTION_KEYS = {
  data_dir: text(
    'ARCHON_DATA_DIR',
    ['Data folder', 'Data folder; by default the place the system keeps application data.'],
    { format: path },
  ),
  'database.url': secret(
    'ARCHON_DATABASE_URL',
    ['Database', 'PostgreSQL ≥ 15 to use instead of the embedded database.'],
    { schema: urlWith(['postgres:', 'postgresql:']) },
  ),
  'database.ssl_mode': choice(
    'ARCHON_DATABASE_SSL_MODE',
    'disable',
    {
      disable: 'Off',
      require: 'Encrypted',
      'verify-ca': 'Encrypted, signer checked',
      'verify-full': 'Encrypted, certificate checked',
    },
    [
      'TLS to the database',
      'TLS to PostgreSQL: disable, require (encrypted, certificate not checked), verify-ca (who signed it is checked) or verify-full (its name too).',
    ],
  ),
  'database.ssl_ca_file': text(
    'ARCHON_DATABASE_SSL_CA_FILE',
    ['Authorities', 'PEM file of the authorities to trust.'],
    { format: path },
  ),
  'database.ssl_cert_file': text(
    'ARCHON_DATABASE_SSL_CERT_FILE',
    ['Client certificate', 'PEM file of the client certificate.'],
    { format: path },
  ),
  'database.ssl_key_file': text('ARCHON_DATABASE_SSL_KEY_FILE', ['Client key', 'PEM file of the client key.'], {
    format: path,
  }),
  'database.pool_size': number('ARCHON_DATABASE_POOL_SIZE', 10, { min: 1, max: 200, unit: 'connections' }, [
    'Connections',
    'Connections to PostgreSQL at most.',
  ]),
  'redis.url': secret('ARCHON_REDIS_URL', ['Redis', 'Redis ≥ 7 for sessions, instead of the built-in store.'], {
    schema: urlWith(['redis:', 'rediss:']),
  }),
  'redis.sentinels': list('ARCHON_REDIS_SENTINELS', 'host:port', ['Sentinels', 'Sentinels as host:port,host:port.']),
  'redis.sentinel_name': text('ARCHON_REDIS_SENTINEL_NAME', [
    'Name of the primary',
    'Name of the primary the sentinels watch.',
  ]),
  'redis.sentinel_username': text('ARCHON_REDIS_SENTINEL_USERNAME', [
    'User for the sentinels',
    'User for the sentinels themselves.',
  ]),
  'redis.sentinel_password': secret('ARCHON_REDIS_SENTINEL_PASSWORD', [
    'Password of the sentinels',
    'Password of the sentinels themselves, when they ask for one; redis.password is for the primary behind them.',
  ]),
  'redis.cluster_nodes': list('ARCHON_REDIS_CLUSTER_NODES', 'host:port', [
    'Cluster nodes',
    'Cluster nodes as host:port,host:port.',
  ]),
  'redis.username': text('ARCHON_REDIS_USERNAME', ['User of Redis', 'User for Sentinel and Cluster connections.']),
  'redis.password': secret('ARCHON_REDIS_PASSWORD', [
    'Password of Redis',
    'Password for Sentinel and Cluster connections.',
  ]),
  'redis.tls': toggle('ARCHON_REDIS_TLS', false, ['TLS to Redis', 'TLS for Sentinel and Cluster connections.']),
  'redis.key_prefix': words('ARCHON_REDIS_KEY_PREFIX', 'archon:', ['Start of keys', 'Start of every key in Redis.'], {
    schema: z.string().regex(/^[A-Za-z0-9:_-]{1,50}$/),
  }),
  'server.tls_cert_file': text('ARCHON_TLS_CERT_FILE', ['Certificate', 'PEM certificate to serve HTTPS with.'], {
    format: path,
  }),
  'server.tls_key_file': text('ARCHON_TLS_KEY_FILE', ['Key', 'PEM key to serve HTTPS with.'], { format: path }),
  secret_key: secret(
    'ARCHON_SECRET_KEY',
    [
      'Passphrase of secrets',
      'Passphrase that secrets in the database are encrypted with, the same on all nodes; by default a key made in the data folder (secret.key).',
    ],
    { schema: z.string().min(16).nullable() },
  ),
  secret_key_old: secret('ARCHON_SECRET_KEY_OLD', [
    'Other passphrase of secrets',
    'Another passphrase that secrets are read with as well, while secret_key is changed.',
  ]),
};
