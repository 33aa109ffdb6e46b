/** What a test of a service that failed says of the root cause: the service itself, the way to it, or what we say to it. */
import type { ResilientService } from '../../../../src-contract/index.ts';

const NAMES: Readonly<Record<ResilientService, string>> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  embedding: 'The embedding service',
  llm: 'The language model',
  smtp: 'The mail server',
  slack: 'Slack',
  webhook: 'The receiver of the webhook',
};

/** The first that fits says it. What drivers and the system say: https://nodejs.org/api/errors.html#common-system-errors */
const CAUSES: readonly (readonly [RegExp, (name: string) => string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN|getaddrinfo/i,
    () => 'The network: the name of its host is not known. Check the address in the settings, and DNS.',
  ],
  [
    /EHOSTUNREACH|ENETUNREACH|ENETDOWN/i,
    () => 'The network: there is no way to its host. Check the network of this computer, and firewalls.',
  ],
  [
    /certificate|self.signed|\bTLS\b|\bSSL\b/i,
    () => 'The encryption of the connection: its certificate or TLS is not accepted. Check both ends.',
  ],
  [
    /password|authenti|WRONGPASS|NOAUTH|NOPERM|no pg_hba\.conf entry|role .* does not exist|\b401\b|\b403\b/i,
    (name) => `The login: ${name} answers, and does not let Archon in. Check user and password in the settings.`,
  ],
  [
    /too many (clients|connections)|remaining connection slots|max number of clients/i,
    (name) => `${name} has no connection left. Give it more, or let fewer clients use it.`,
  ],
  [/starting up|LOADING|recovery mode|shutting down|MASTERDOWN/i, (name) => `${name} starts or stops just now.`],
  [
    /no space left|disk.*full|MISCONF|out of memory|\bOOM\b/i,
    (name) => `${name} itself: it is out of disk or memory. Free some, or give it more.`,
  ],
  [
    /ECONNREFUSED|refused/i,
    (name) =>
      `${name} itself: its host is there, and nobody listens at its port. Start it, and see its log for why it ended.`,
  ],
  [
    /ETIMEDOUT|time-?out|timed out|not answer|no answer/i,
    (name) => `${name} does not answer in time: it is overloaded or stands still, or the network loses what is sent.`,
  ],
  [
    /ECONNRESET|EPIPE|terminated|closed|hang up|connection ended|gone/i,
    (name) => `${name} cut the connection: it may have been restarted, or something between cuts it.`,
  ],
];

/** @param reason what the test failed with */
export function rootCause(service: ResilientService, reason: string): string {
  const name = NAMES[service];
  const found = CAUSES.find(([pattern]) => pattern.test(reason));
  const cause = found ? found[1](name) : `${name} answers with an error.`;
  return `${cause} The test failed with: ${reason}`;
}
