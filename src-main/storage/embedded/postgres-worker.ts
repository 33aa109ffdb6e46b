/** Entry of the worker thread that runs the embedded database. It ends with an exception when the backend breaks. */
import { constants, cpSync } from 'node:fs';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { BackendJobs } from './backend-jobs.ts';
import { Maintenance } from './maintenance.ts';
import { PgliteBackend } from './pglite-backend.ts';
import { ServerLog } from './server-log.ts';
import { SharedCounters } from './shared-counters.ts';
import { WireServer } from './wire-server.ts';
import type { FromWorker, ToWorker, WorkerCommand, WorkerInput } from './worker-messages.ts';

if (!parentPort) throw new Error('this file runs as a worker thread');
const main = parentPort;
const { task, settings, synced, counters: counters_buffer } = workerData as WorkerInput;
const counters = new SharedCounters(counters_buffer);
const tell = (message: FromWorker): void => main.postMessage(message);
const log = new ServerLog((level, line) => tell({ type: 'log', level, line }));

/** Files of a running server that a copy must not have. */
const NOT_IN_SNAPSHOT = new Set(['postmaster.pid', 'postmaster.opts']);

try {
  const backend = await PgliteBackend.open({ ...settings, synced, counters, onLog: (line) => log.add(line) });
  if (task === 'serve') {
    serve(backend);
  } else {
    await backend.close();
    process.exit(0);
  }
} catch (error) {
  fail(error);
}

function serve(backend: PgliteBackend): void {
  const server = new WireServer({
    backend,
    counters,
    idle_in_transaction_timeout_ms: settings.idle_in_transaction_timeout_ms,
    onUnitDone: () => maintenance.noteUnitDone(),
    onFatal: fail,
  });
  const jobs = new BackendJobs(server.queue);
  const maintenance = new Maintenance(backend, jobs, counters, {
    ...settings,
    onError: (what, error) => tell({ type: 'log', level: 'warn', line: `${what} failed: ${messageOf(error)}` }),
  });

  main.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'connect':
        server.accept(message.port);
        break;
      case 'command':
        run(message.command).then(
          () => tell({ type: 'done', id: message.id }),
          (error: unknown) => tell({ type: 'failed', id: message.id, ...describe(error) }),
        );
        break;
      case 'stop':
        stop(message.grace_ms).catch(fail);
        break;
    }
  });
  maintenance.start();
  tell({ type: 'ready', server_version: backend.parameters.get('server_version') ?? '' });

  async function run(command: WorkerCommand): Promise<void> {
    switch (command.command) {
      case 'checkpoint':
        return await maintenance.checkpoint();
      case 'snapshot':
        return await jobs.run(async () => {
          await maintenance.checkpointNow();
          copyCluster(settings.cluster_dir, command.folder);
        });
    }
  }

  async function stop(grace_ms: number): Promise<void> {
    maintenance.stop();
    await server.close(grace_ms);
    await backend.close();
    process.exit(0);
  }
}

/** Synchronous on purpose: nothing may write while the files are copied. A clone where the file system can. */
function copyCluster(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    errorOnExist: true,
    force: false,
    filter: (path) => !NOT_IN_SNAPSHOT.has(basename(path)),
  });
}

/** Ends the thread without touching the cluster again: what a broken backend holds in memory must not reach the disk. */
function fail(error: unknown): void {
  const explanation = [messageOf(error), ...log.fatal].filter((line, at, lines) => lines.indexOf(line) === at);
  setImmediate(() => {
    throw new Error(explanation.join('; '));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown): { code: string; message: string } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'XX000';
  return { code, message: messageOf(error) };
}
