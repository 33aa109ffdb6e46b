#!/usr/bin/env node
// Starts the built command line with a Node that can run it. Written for old Nodes, so that they can say what is wrong.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Node 22 is the oldest the native SQLite module runs on; on older ones it crashes. */
const LEAST_MAJOR = 22;
const program = fileURLToPath(new URL('../out/main/headless.js', import.meta.url));
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (!existsSync(program)) {
  console.error('archon: it is not built yet. Run "npm run build" in its folder, or "npm start".');
  process.exit(1);
}
if (Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR) {
  await import('../out/main/headless.js');
} else if (existsSync(ownNode)) {
  runWith(ownNode);
} else {
  console.error(
    `archon: Node ${process.versions.node} is too old; it needs Node ${LEAST_MAJOR} or newer. ` +
      'Install a newer one (https://nodejs.org), or run "npm install" in its folder, which brings Node 24.',
  );
  process.exit(1);
}

function runWith(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both; twice would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
