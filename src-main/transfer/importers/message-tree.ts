/** The conversation as it was last seen, out of a tree in which every edit and every new answer is a branch. */

export interface TreeNode<T> {
  id: string;
  parent: string | undefined;
  value: T;
}

/** From the root to the node, without recursion: exports hold chains of tens of thousands. A cycle ends the walk. */
export function pathTo<T>(nodes: ReadonlyMap<string, TreeNode<T>>, leaf: string): TreeNode<T>[] {
  const path: TreeNode<T>[] = [];
  const seen = new Set<string>();
  let next: string | undefined = leaf;
  while (next !== undefined && !seen.has(next)) {
    const node = nodes.get(next);
    if (node === undefined) break;
    seen.add(next);
    path.push(node);
    next = node.parent;
  }
  return path.reverse();
}

/** The node that lies deepest; of several, the last in the file. Undefined for an empty tree. */
export function deepestNode<T>(nodes: ReadonlyMap<string, TreeNode<T>>): string | undefined {
  const depths = new Map<string, number>();
  let deepest: { id: string; depth: number } | undefined;
  for (const id of nodes.keys()) {
    const depth = depthOf(nodes, id, depths);
    if (deepest === undefined || depth >= deepest.depth) deepest = { id, depth };
  }
  return deepest?.id;
}

/** Nodes from the root down to this one. Each node is walked once: what is found is kept in `depths`. */
function depthOf<T>(nodes: ReadonlyMap<string, TreeNode<T>>, id: string, depths: Map<string, number>): number {
  const walked: string[] = [];
  const walking = new Set<string>();
  let next: string | undefined = id;
  while (next !== undefined && nodes.has(next) && !depths.has(next) && !walking.has(next)) {
    walked.push(next);
    walking.add(next);
    next = nodes.get(next)?.parent;
  }
  let depth = next === undefined ? 0 : (depths.get(next) ?? 0);
  for (const node of walked.reverse()) {
    depth += 1;
    depths.set(node, depth);
  }
  return depths.get(id) ?? 0;
}
