/**
 * The name of a process among those that share a database, as labels have it. It must be the same after a restart, or alerts
 * of it would end and begin anew with each one; so it is that of the host and of the data folder, of which only one process
 * has the lock.
 */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { HistoryStore } from '../../storage/history-store.ts';

/** Of `history.db`: two hosts may have the same name, and the same path. */
const MARK = 'ops.node_mark';
const SHOWN = 4;

interface NodeOf {
  history: Pick<HistoryStore, 'getSetting' | 'setSetting'>;
  /** A copy of a data folder beside the first is another node. */
  data_dir: string;
  /** What the process is for. */
  kind: string;
  logger: Logger;
  host?: string;
}

/** Such as `db-1:server-3fa2`. */
export function nodeName({ host = hostname(), kind, ...of }: NodeOf): string {
  const hash = createHash('sha256')
    .update(`${markOf(of)} ${resolve(of.data_dir)}`)
    .digest('hex');
  return `${host}:${kind}-${hash.slice(0, SHOWN)}`;
}

/** Nodes of one computer share its disk and its memory. */
export const hostOf = (node: string): string => node.replace(/:[^:]*$/, '');

function markOf({ history, logger }: Pick<NodeOf, 'history' | 'logger'>): string {
  try {
    const known = history.getSetting(MARK);
    if (known !== undefined) return known;
    const mark = randomUUID();
    history.setSetting(MARK, mark);
    return mark;
  } catch (error) {
    logger.warn({ err: error }, 'the name of this node could not be noted; it is that of its data folder');
    return '';
  }
}
