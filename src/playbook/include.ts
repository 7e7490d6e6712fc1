import type { Diagnostic } from '../model/errors.ts';
import type { Value } from '../value/value.ts';
import { Hearsay } from '../vars/parts.ts';
import { Build } from './build.ts';
import type { PlayDraft, Site } from './build.ts';
import { Fields, asText, isTrue, nodeOf } from './fields.ts';
import { folderPart, importedTasks } from './imports.ts';
import type { CompileOptions } from './options.ts';
import { compileRole } from './roles.ts';
import type { FromFiles } from './rolefiles.ts';
import { handlersOf, inside } from './tasks.ts';
import type { Node, Play, RawVars, Role, Task } from './types.ts';

/** An include_tasks or include_role whose turn has come, for one loop item. */
export interface Include {
  readonly task: Task;
  readonly play: Play;
  /** The include is itself a handler. */
  readonly handler: boolean;
  /** The include's arguments, rendered, without those that were omitted. */
  readonly args: ReadonlyMap<string, Value>;
  /** include_tasks: the file, as `findIncludedTasks` found it. */
  readonly file?: string;
  /** Loop variables of this item, as values. */
  readonly vars: RawVars;
}
export interface Included {
  readonly nodes: readonly Node[];
  /** To append to the play's. */
  readonly handlers: readonly (readonly Task[])[];
  /** To append to the play's; only public ones show their variables to the play. */
  readonly roles: readonly Role[];
  readonly role?: Role;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The tasks that an include brings. They inherit what is around the include and what its `apply` says, not its own `when`, tags or loop;
 * its vars and the loop's are include parameters. Errors are in the diagnostics: Ansible ends the run with them.
 */
export const compileInclude = (include: Include, options: CompileOptions, outer?: Build): Included => {
  const { task, play, handler, args } = include;
  const build = new Build({ ...options, modulePath: play.modulePath }, outer);
  const draft: PlayDraft = { folder: play.folder, vars: play.vars, roles: [...play.roles], handlers: [] };
  const params: RawVars = new (include.vars instanceof Hearsay ? Hearsay : Map)([...task.vars, ...include.vars]);
  const around: Site = {
    build,
    play: draft,
    shared: task.around,
    notify: task.notify,
    outerVars: [...task.outerVars, params],
    includeParams: [...task.includeParams, params],
    ...(task.role ? { role: task.role } : {}),
    includedFrom: task.includedFrom,
    handlers: handler,
    chain: [],
    dependents: [],
  };
  const apply = task.args.get('apply');
  const site = apply && apply.value instanceof Map ? inside(around, new Fields(nodeOf(apply.value, apply.at)), 'Block') : around;
  const brought = include.file === undefined ? fromRole(include, params, site) : fromFile(include.file, nameOf(args, 'file'), site, task);
  return {
    ...brought,
    handlers: [...brought.handlers, ...draft.handlers],
    roles: [...draft.roles.slice(play.roles.length), ...(brought.role ? [brought.role] : [])],
    diagnostics: build.findings.all(),
  };
};
type Brought = Pick<Included, 'nodes' | 'handlers' | 'role'>;

const nameOf = (args: ReadonlyMap<string, Value>, key: string): string => asText(args.get('_raw_params')) ?? asText(args.get(key)) ?? '';

const fromFile = (file: string, name: string, site: Site, { at }: Task): Brought => {
  const nodes = importedTasks(file, { ...site, includedFrom: [folderPart(name), ...site.includedFrom], chain: [file] }, at);
  // An included handler file holds handlers: blocks among them are taken apart.
  return { nodes: site.handlers ? handlersOf(nodes, site).flat() : nodes, handlers: [] };
};

const FROM = { tasks_from: 'tasks', vars_from: 'vars', defaults_from: 'defaults', handlers_from: 'handlers' } as const;

const fromRole = ({ task, args }: Include, entryVars: RawVars, site: Site): Brought => {
  const from: { -readonly [K in keyof FromFiles]: FromFiles[K] } = {};
  for (const [key, part] of Object.entries(FROM)) {
    const name = asText(args.get(key));
    if (name !== undefined) from[part] = name;
  }
  const compiled = compileRole(
    {
      name: asText(args.get('name')) ?? asText(args.get('role')) ?? '',
      at: task.args.get('name')?.at ?? task.at,
      params: new Map(),
      entryVars,
      own: { when: [], tags: [] },
      from,
      fromInclude: true,
      public: isTrue(args.get('public'), false),
      allowDuplicates: isTrue(args.get('allow_duplicates'), true),
      validate: isTrue(args.get('rolespec_validate'), true),
    },
    site,
  );
  return compiled ?? { nodes: [], handlers: [] };
};
