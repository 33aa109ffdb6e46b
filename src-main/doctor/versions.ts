import { appRoot, appVersion } from '../app-files.ts';
import { type Check, failed, ok } from './check.ts';

/** The oldest Node that runs the native SQLite module and the sources. */
const LEAST_NODE_MAJOR = 22;

export const versionsCheck: Check = {
  key: 'versions',
  name: 'versions',
  run: async () => {
    const { node, electron } = process.versions;
    const detail = electron === undefined ? `Node ${node}` : `Node ${node}, Electron ${electron}`;
    return [
      ok('archon', `${appVersion} in ${appRoot}`),
      Number(node.split('.')[0]) >= LEAST_NODE_MAJOR
        ? ok('node', detail)
        : failed(
            'node',
            detail,
            `Use Node ${LEAST_NODE_MAJOR} or newer; the project brings Node 24 in node_modules/.bin/node.`,
          ),
    ];
  },
};
