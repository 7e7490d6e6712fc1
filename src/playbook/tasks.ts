import { dirname } from 'node:path';
import type { Source } from '../model/source.ts';
import type { YamlNode } from '../yaml/node.ts';
import { readAction } from './action.ts';
import type { Action } from './action.ts';
import { lineageOf } from './build.ts';
import type { Build, Site } from './build.ts';
import { Fields, asText, locatedList, spelled } from './fields.ts';
import { importRole, importTasks, roleNameOf, taskFileOf } from './imports.ts';
import { isIdentifier, isKeyword } from './keywords.ts';
import type { Holder } from './keywords.ts';
import { loopOf } from './loop.ts';
import { isStatement } from './modules.ts';
import { NOTHING_SHARED, checkKeywords, inherit, varsOf } from './inherit.ts';
import type { Block, Located, Node, Role, Task } from './types.ts';

const BLOCK = ['block', 'rescue', 'always'] as const;

/** A list of tasks and blocks. `what` names it in the message when it is no list. */
export const taskList = (node: YamlNode | undefined, what: string, site: Site): readonly Node[] => {
  if (node === undefined || node.value === null) return [];
  if (node.kind !== 'sequence') {
    site.build.findings.error('E_SYNTAX', node.at, `A malformed block was encountered while loading ${what}: it must be a list of tasks`);
    return [];
  }
  return node.items().flatMap(item => taskOrBlock(item, site));
};

const taskOrBlock = (node: YamlNode, site: Site): readonly Node[] => {
  const { findings } = site.build;
  if (node.kind === 'mapping') {
    const fields = new Fields(node);
    return BLOCK.some(name => fields.has(name)) ? [block(fields, site)] : task(fields, site);
  }
  if (node.value !== null)
    findings.error('E_SYNTAX', node.at, 'a task must be a mapping of keywords', 'write "- name: …" and the module under it');
  return [];
};

/** The site inside something that has keywords of its own. */
export const inside = (site: Site, fields: Fields, holder: Holder): Site => {
  const { findings } = site.build;
  const vars = varsOf(fields, holder, findings);
  return {
    ...site,
    shared: inherit(site.shared, fields, findings),
    notify: fields.has('notify') ? locatedList(fields.get('notify')) : site.notify,
    outerVars: vars.size > 0 ? [...site.outerVars, vars] : site.outerVars,
  };
};

const block = (fields: Fields, site: Site): Block => {
  const { findings } = site.build;
  checkKeywords(fields, 'Block', findings);
  const within = inside(site, fields, 'Block');
  const list = (part: (typeof BLOCK)[number]): readonly Node[] => {
    const node = fields.get(part);
    if (node?.value === null) findings.error('E_SYNTAX', node.at, `A malformed block was encountered while loading ${part}: it is empty`);
    return taskList(node, part === 'block' ? 'a block' : part, within);
  };
  for (const part of ['rescue', 'always'] as const)
    if (fields.get(part)?.items().length && !fields.get('block')?.items().length)
      findings.error('E_SYNTAX', fields.keyAt(part), `'${part}' keyword cannot be used without 'block'`);
  const name = fields.text('name');
  const parts = { block: list('block'), rescue: list('rescue'), always: list('always') };
  return { kind: 'block', at: fields.at, ...within.shared, ...(name ? { name } : {}), ...parts };
};

/** One task: itself, or what it imports. */
const task = (fields: Fields, site: Site): readonly Node[] => {
  const { build } = site;
  const kind = site.handlers ? 'Handler' : 'Task';
  const action = readAction(fields, kind, build);
  const holder = action ? holderOf(action.written, site.handlers) : kind;
  // What is no keyword of any task was reported when the module was looked for.
  checkKeywords(fields, holder, build.findings, name => !isKeyword(kind, name));
  if (!action) return reportRest(fields, kind, site);
  if (isStatement(action.written, 'import_tasks')) return importTasks(fields, action, site);
  if (isStatement(action.written, 'import_role')) return importRole(fields, action, site);
  if (site.handlers && isStatement(action.written, 'include_role')) {
    build.findings.error('E_SYNTAX', action.at, `Using '${action.written}' as a handler is not supported.`);
    return [];
  }
  return [plainTask(fields, action, holder, site)];
};
/** A task without a module still has keywords that may be wrong. */
const reportRest = (fields: Fields, holder: Holder, site: Site): readonly Node[] => {
  inside(site, fields, holder);
  loopOf(fields, site.build.findings);
  registerOf(fields, site.build);
  return [];
};

const holderOf = (written: string, handlers: boolean): Holder => {
  if (isStatement(written, 'include_tasks')) return handlers ? 'HandlerTaskInclude' : 'TaskInclude';
  if (isStatement(written, 'include_role')) return 'IncludeRole';
  return handlers ? 'Handler' : 'Task';
};

const plainTask = (fields: Fields, action: Action, holder: Holder, site: Site): Task => {
  const { findings } = site.build;
  const own = inside(site, fields, holder);
  const loop = loopOf(fields, findings);
  const register = registerOf(fields, site.build);
  const [name, async, poll, retries, delay] = [
    fields.text('name'),
    fields.located('async') ?? fields.located('async_val'),
    fields.located('poll'),
    fields.located('retries'),
    fields.located('delay'),
  ];
  checkStatement(action, site);
  return {
    ...blank(site, fields.at),
    ...own.shared,
    written: action.written,
    action: action.name,
    args: action.args,
    ...(name ? { name } : {}),
    ...(loop ? { loop } : {}),
    ...(register === undefined ? {} : { register }),
    ...conditions(fields),
    ...(async ? { async } : {}),
    ...(poll ? { poll } : {}),
    ...(retries ? { retries } : {}),
    ...(delay ? { delay } : {}),
    vars: own.outerVars.length > site.outerVars.length ? (own.outerVars.at(-1) ?? new Map()) : new Map(),
    notify: own.notify,
    listen: listenOf(fields, site.role),
  };
};

/** A task that says nothing yet. */
const blank = (site: Site, at: Source): Omit<Task, 'written' | 'action' | 'args'> => ({
  kind: 'task',
  at,
  ...NOTHING_SHARED,
  implicit: false,
  vars: new Map(),
  outerVars: site.outerVars,
  includeParams: site.includeParams,
  notify: [],
  listen: [],
  ...(site.role ? { role: site.role } : {}),
  folders: [...new Set([...(site.role ? lineageOf(site.role).map(({ path }) => path) : []).toReversed(), dirname(at.file)])],
  includedFrom: site.includedFrom,
  around: site.shared,
});

/** Marks the end of a role's tasks. */
export const roleComplete = (site: Site, at: Source): Task => ({
  ...blank(site, at),
  tags: ['always'],
  implicit: true,
  written: 'meta',
  action: 'meta',
  args: new Map([['_raw_params', { value: 'role_complete', at }]]),
});

const CONDITIONS = { changed_when: 'changedWhen', failed_when: 'failedWhen', until: 'until' } as const;
const conditions = (fields: Fields): Pick<Task, 'changedWhen' | 'failedWhen' | 'until'> =>
  Object.fromEntries(
    Object.entries(CONDITIONS).flatMap(([keyword, property]) => {
      const list: readonly Located[] = locatedList(fields.get(keyword));
      return list.length > 0 ? [[property, list]] : [];
    }),
  );

const registerOf = (fields: Fields, { findings }: Build): string | undefined => {
  const register = fields.located('register');
  if (register === undefined) return undefined;
  if (isIdentifier(asText(register.value))) return asText(register.value);
  findings.error('E_SYNTAX', register.at, `Invalid variable name in 'register' specified: '${spelled(register.value)}'`);
  return undefined;
};

const listenOf = (fields: Fields, role: Role | undefined): readonly string[] => {
  const topics = locatedList(fields.get('listen')).map(({ value }) => spelled(value));
  if (!role) return topics;
  const short = role.name.slice(role.name.lastIndexOf('.') + 1);
  return [...new Set(topics.flatMap(topic => [topic, `${role.name} : ${topic}`, `${short} : ${topic}`]))];
};

const checkStatement = (action: Action, site: Site): void => {
  if (isStatement(action.written, 'include_tasks')) taskFileOf(action, site);
  else if (isStatement(action.written, 'include_role')) roleNameOf(action, site);
  else if (isStatement(action.written, 'meta')) checkMeta(action, site);
};
const checkMeta = ({ args, at }: Action, { build, role, handlers }: Site): void => {
  if (asText(args.get('_raw_params')?.value) !== 'end_role') return;
  if (handlers) build.findings.error('E_SYNTAX', at, "Cannot execute 'end_role' from a handler");
  else if (!role) build.findings.error('E_SYNTAX', at, "Cannot execute 'end_role' from outside of a role");
};

/** Handlers are tasks; a block among them is taken apart. Lists are broken where a block stands. */
export const handlerLists = (node: YamlNode | undefined, site: Site): readonly (readonly Task[])[] =>
  handlersOf(taskList(node, 'handlers', { ...site, handlers: true }), site);

export const handlersOf = (nodes: readonly Node[], site: Site): readonly (readonly Task[])[] => {
  const lists: Task[][] = [[]];
  for (const handler of nodes) {
    if (handler.kind === 'task') lists.at(-1)?.push(handler);
    else
      lists.push(
        handler.block.flatMap(node => bareHandler(node, site)),
        [],
      );
  }
  return lists.filter(list => list.length > 0);
};
const bareHandler = (node: Node, { build }: Site): Task[] => {
  if (node.kind === 'task') return [node];
  build.findings.error('E_SYNTAX', node.at, 'Using a block as a handler is not supported.');
  return [];
};
