/**
 * A node of the ops agent in a process of its own, to be killed in the midst of an action: a `HealingNodeTask` as JSON. Its name
 * is that of its host and process; it says `acting` once something was done, and never ends doing it.
 */
import { hostname } from 'node:os';
import { type HealingNodeTask, startHealingNode } from './ops-healing-node.ts';

const task = JSON.parse(process.argv[2] ?? '{}') as Omit<HealingNodeTask, 'name'>;
await startHealingNode({ ...task, name: `${hostname()}:${process.pid}` }, () => {
  process.stdout.write('acting\n');
  return new Promise(() => {});
});
