/** Entry of the command line `archon`: hands the process to the program and ends with its exit code. */
import { constants } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import envPaths from 'env-paths';
import { EXIT_CODES } from './cli/exit-codes.ts';
import { runCli } from './cli/program.ts';
import { tellUnexpected } from './cli/unexpected-error.ts';
import type { Logs } from './observability/logs/logs.ts';

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second time somebody means it.
    if (interrupt.signal.aborted) process.exit(128 + constants.signals[name]);
    interrupt.abort();
  });
}
let logs: Logs | undefined;
process.on('uncaughtException', (error: unknown) => {
  tellUnexpected(error, process.stderr, logs);
  process.exit(EXIT_CODES.failed.code);
});
// `archon … | head` closes the pipe early; there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok.code);
  throw error;
});

/** Without a terminal of its own to handle, readline leaves Ctrl-C to the process. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await lines.question(question, { signal: interrupt.signal });
  } finally {
    lines.close();
  }
}

/** As `ask`, with the terminal told to show nothing of what is typed. */
async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: muted, terminal: true });
  // In raw mode Ctrl-C is a key like any other.
  lines.on('SIGINT', () => interrupt.abort());
  try {
    return await lines.question('', { signal: interrupt.signal });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

const code = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  working_dir: process.cwd(),
  default_data_dir: envPaths('archon', { suffix: '' }).data,
  stdout: process.stdout,
  stderr: process.stderr,
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask, askSecret } : {}),
  ...(process.stdin.isTTY ? {} : { readStdin: () => text(process.stdin) }),
  signal: interrupt.signal,
  onLogs: (opened) => {
    logs = opened;
  },
});
// Writes to a pipe are asynchronous: end only when they are through.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
);
process.exit(code);
