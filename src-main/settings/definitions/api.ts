/** How agents and browsers reach this computer. */
import { networks, origins, settingsOf } from './define.ts';

const { toggle, number, words, list } = settingsOf('api', 'device');
const restart = true;

export const API_KEYS = {
  'server.host': words('ARCHON_HOST', '127.0.0.1', ['Address', 'Address to listen on.'], {
    restart,
    risk: 'Another address than 127.0.0.1 can be reached from other machines.',
  }),
  'server.port': number(
    'ARCHON_PORT',
    8181,
    { min: 0, max: 65_535 },
    ['Port', 'Port to listen on; 0 picks a free one.'],
    { restart, risk: 'Agents and browsers must be told the new address.' },
  ),
  'server.allow_remote': toggle(
    'ARCHON_ALLOW_REMOTE',
    false,
    [
      'Other machines without TLS',
      'Listen on an address other machines can reach without TLS of our own (a proxy in front does it).',
    ],
    { restart, risk: 'Tokens and memories can be read on the way unless a proxy encrypts them.' },
  ),
  'server.trusted_proxies': list(
    'ARCHON_TRUSTED_PROXIES',
    'IP address or network',
    [
      'Trusted proxies',
      'Addresses or networks of proxies in front, whose X-Forwarded-For says who is logging in; failed logins are counted per address.',
    ],
    { schema: networks },
  ),
  'server.ui': toggle(
    'ARCHON_SERVER_UI',
    true,
    [
      'User interface for browsers',
      'Serve the user interface for browsers, with its login; false leaves the HTTP API for agents alone.',
    ],
    { restart, risk: 'Browsers cannot be used any more; the desktop app and the command line can.' },
  ),
  'server.body_limit_bytes': number(
    'ARCHON_BODY_LIMIT_BYTES',
    5_000_000,
    { min: 1024, max: 1024 ** 3, unit: 'bytes' },
    ['Largest request', 'Largest request body in bytes.'],
  ),
  'server.rate_limit_per_minute': number(
    'ARCHON_RATE_LIMIT_PER_MINUTE',
    60_000,
    { min: 0, max: 10_000_000, unit: 'requests a minute' },
    ['Requests per token', 'Requests per minute and token; 0 for no limit.'],
  ),
  'server.allowed_origins': list(
    'ARCHON_ALLOWED_ORIGINS',
    'origin such as https://agents.example.com',
    [
      'Allowed origins',
      'Origins of web pages elsewhere, such as https://agents.example.com, that may call the HTTP API from a browser with a token.',
    ],
    { schema: origins, risk: 'Pages of these origins can use tokens that they were given.' },
  ),
};
