/**
 * A node of the ops agent in a process of its own, to be killed in the midst of an action: a `HealingNodeTask` as JSON. It
 * says `acting` once something was done, and never ends doing it.
 */
import { type HealingNodeTask, startHealingNode } from './ops-healing-node.ts';

const task = JSON.parse(process.argv[2] ?? '{}') as HealingNodeTask;
await startHealingNode(task, () => {
  process.stdout.write('acting\n');
  return new Promise(() => {});
});
