import { startsAt } from '../playbook/select.ts';
import type { Node, Play } from '../playbook/types.ts';

/** The nodes from the first task that `--start-at-task` names on, in their blocks; undefined when none of them is it. */
const from = (nodes: readonly Node[], pattern: string): readonly Node[] | undefined => {
  for (const [index, node] of nodes.entries()) {
    const rest = nodes.slice(index + 1);
    if (node.kind === 'task') {
      if (startsAt(node, pattern)) return nodes.slice(index);
      continue;
    }
    const block = from(node.block, pattern);
    if (block) return [{ ...node, block }, ...rest];
    const always = from(node.always, pattern);
    if (always) return [{ ...node, block: [], rescue: [], always }, ...rest];
  }
  return undefined;
};

/** The play from that task on; undefined when it has no such task, and nothing of it runs. */
export const startingAt = (play: Play, pattern: string): Play | undefined => {
  for (const [index, section] of play.sections.entries()) {
    const nodes = from(section.nodes, pattern);
    if (nodes) return { ...play, sections: [{ ...section, nodes }, ...play.sections.slice(index + 1)] };
  }
  return undefined;
};
