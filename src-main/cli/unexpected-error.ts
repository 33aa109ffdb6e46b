/** What nobody handled: told at the terminal, and kept in the log of a process that has one, as the terminal may be gone. */
import { LogRedaction } from '../observability/log-redaction.ts';
import type { Logs } from '../observability/logs/logs.ts';
import type { TerminalStream } from './output.ts';

/** @param thrown anything: nobody knows where it comes from */
export function tellUnexpected(thrown: unknown, stderr: Pick<TerminalStream, 'write'>, logs: Logs | undefined): void {
  const error = thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`);
  const redaction = logs?.redaction ?? new LogRedaction();
  // Whatever the log shows of it at the terminal, its stack is needed there.
  stderr.write(`archon: unexpected error\n${redaction.text(error.stack ?? error.message)}\n`);
  if (logs?.file) logs.logger.fatal({ err: error }, 'an error nobody handled');
}
