import { nearest } from '../model/nearest.ts';
import { spelled } from './fields.ts';
import { isStatement } from './modules.ts';
import type { Block, Node, Play, Task } from './types.ts';

/** What `--tags` and `--skip-tags` say. No tags means `all`. */
export interface Selection {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Evaluates a tag that is a template; a list counts as several tags. Left out, tags count as written. */
  readonly render?: (tag: string) => string | readonly string[];
}

/**
 * Does a task with these tags run? `always` and `never`, and among what may be asked for `all`, `tagged` and `untagged`, mean what they
 * mean in Ansible: an untagged task has the one tag `untagged`, and `always` beats any `--tags` but no `--skip-tags always`.
 */
export const selected = ({ tags: written }: { readonly tags: readonly string[] }, { tags, skipTags, render }: Selection): boolean => {
  const own = written.length > 0 ? new Set(render ? written.flatMap(render) : written) : new Set(['untagged']);
  const tagged = written.length > 0;
  const asked = new Set(tags.length > 0 ? tags : ['all']);
  const wanted =
    own.has('always') ||
    (asked.has('all') && !own.has('never')) ||
    !own.isDisjointFrom(asked) ||
    (asked.has('tagged') && tagged && !own.has('never'));
  if (!wanted) return false;
  if (skipTags.includes('all')) return own.has('always') && !skipTags.includes('always');
  return own.isDisjointFrom(new Set(skipTags)) && !(skipTags.includes('tagged') && tagged);
};

/** The tasks that run, in their blocks; a block that keeps none goes. What the compiler put in stays. */
export const selectNodes = (nodes: readonly Node[], selection: Selection): readonly Node[] =>
  nodes.flatMap((node): readonly Node[] => {
    if (node.kind === 'task') return node.implicit || selected(node, selection) ? [node] : [];
    const kept = selectBlock(node, selection);
    return kept.block.length + kept.rescue.length + kept.always.length > 0 ? [kept] : [];
  });
const selectBlock = (block: Block, selection: Selection): Block => ({
  ...block,
  block: selectNodes(block.block, selection),
  rescue: selectNodes(block.rescue, selection),
  always: selectNodes(block.always, selection),
});

/** Every task of the plays, those of rescue and always included. */
const everyTask = (plays: readonly Play[]): readonly Task[] => {
  const of = (nodes: readonly Node[]): readonly Task[] =>
    nodes.flatMap(node => (node.kind === 'task' ? [node] : [node.block, node.rescue, node.always].flatMap(of)));
  return plays.flatMap(({ sections, rolling }) =>
    [...sections.map(({ nodes }) => nodes), rolling?.gate ?? [], rolling?.rollback ?? []].flatMap(of),
  );
};

const SPECIAL: readonly string[] = ['all', 'always', 'never', 'tagged', 'untagged'];
/** What `--tags` and `--skip-tags` name and no task has: most likely a slip. Nothing where tasks, or their tags, show only in a run. */
export const strayTags = (plays: readonly Play[], { tags, skipTags }: Selection): readonly string[] => {
  const tasks = everyTask(plays);
  const known = new Set(tasks.flatMap(task => task.tags));
  const open = tasks.some(({ written }) => isStatement(written, 'include_tasks') || isStatement(written, 'include_role'));
  if ([...known].some(tag => tag.includes('{{'))) return [];
  return [...tags, ...skipTags].flatMap(tag => {
    if (known.has(tag) || SPECIAL.includes(tag)) return [];
    const meant = nearest(tag, known);
    if (meant === undefined) return open ? [] : [`no task has the tag "${tag}"`];
    return [`no task has the tag "${tag}" (did you mean "${meant}"?)`];
  });
};

/**
 * What a task is called: its name, or its module as written, with its role in front; include_role has no role in front but names the role it
 * includes. May hold templates.
 */
export const taskName = ({ name, role, written, args }: Task): string => {
  if (isStatement(written, 'include_role'))
    return name?.value || `${written} : ${spelled((args.get('name') ?? args.get('role'))?.value ?? null)}`;
  return `${role ? `${role.name} : ` : ''}${name?.value || written}`;
};

/** Is this where `--start-at-task` begins? The pattern is a shell glob, matched against the name with and without the role. */
export const startsAt = (task: Task, pattern: string): boolean => {
  const glob = globOf(pattern);
  const bare = task.name?.value ?? '';
  return (bare !== '' && (bare === pattern || glob.test(bare))) || taskName(task) === pattern || glob.test(taskName(task));
};
/** Python's fnmatch: `*`, `?`, `[seq]`, `[!seq]`. */
const globOf = (pattern: string): RegExp => {
  const source = pattern.replaceAll(/\[!?\]?[^\]]*\]|[*?]|[\\^$.|+(){}[\]]/g, part => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length < 3) return `\\${part}`;
    return `[${part
      .slice(1, -1)
      .replaceAll('\\', '\\\\')
      .replace(/^!/, '^')
      .replace(/^\^?\]/, found => found.replace(']', '\\]'))}]`;
  });
  return new RegExp(`^(?:${source})$`, 's');
};
