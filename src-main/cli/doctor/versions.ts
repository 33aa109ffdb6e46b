import { appRoot, appVersion } from '../../app-files.ts';
import { type Check, fail, ok } from './check.ts';

/** The oldest Node that runs the native SQLite module and the sources. */
const LEAST_NODE_MAJOR = 22;

export const versionsCheck: Check = {
  name: 'versions',
  run: async () => {
    const major = Number(process.versions.node.split('.')[0]);
    const node = `Node ${process.versions.node}`;
    return [
      ok('archon', `${appVersion} in ${appRoot}`),
      major >= LEAST_NODE_MAJOR
        ? ok('node', node)
        : fail(
            'node',
            node,
            `Use Node ${LEAST_NODE_MAJOR} or newer; the project brings Node 24 in node_modules/.bin/node.`,
          ),
    ];
  },
};
