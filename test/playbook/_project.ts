import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { KplayError } from '../../src/model/errors.ts';
import type { Diagnostic } from '../../src/model/errors.ts';
import type { Action, Task as AnyTask } from '../../src/model/module.ts';
import { diskFiles } from '../../src/playbook/options.ts';
import type { CompileOptions, Inspector } from '../../src/playbook/options.ts';
import { compilePlaybook } from '../../src/playbook/playbook.ts';
import type { Node, Play, Playbook, Task } from '../../src/playbook/types.ts';
import { catalog } from '../../src/tasks/index.ts';

/** Files by path, in a folder of their own. */
export const project = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-playbook-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

const action = (name: string, args: z.ZodObject, more: Partial<Action> = {}): AnyTask => ({
  kind: 'action',
  name,
  summary: name,
  args,
  run: () => ({}),
  ...more,
});
const text = z.string();
const flag = z.union([z.boolean(), z.string().regex(/^(?:yes|no|true|false|on|off)$/i)]);
export const testCatalog = catalog([
  action('debug', z.strictObject({ msg: text.optional(), var: text.optional(), verbosity: z.coerce.number().int().optional() }), {
    raw: ['var'],
  }),
  action(
    'copy',
    z.strictObject({
      src: text.optional(),
      content: text.optional(),
      dest: text,
      mode: z.union([text, z.number()]).optional(),
      force: flag.optional(),
    }),
  ),
  action('template', z.strictObject({ src: text, dest: text, mode: z.union([text, z.number()]).optional() })),
  action('file', z.strictObject({ path: text, state: z.enum(['file', 'directory', 'absent', 'touch', 'link', 'hard']).optional() }), {
    aliases: { dest: 'path', name: 'path' },
  }),
  action(
    'command',
    z.strictObject({ _raw_params: text.optional(), argv: z.array(text).optional(), chdir: text.optional(), creates: text.optional() }),
    {
      freeForm: '_raw_params',
    },
  ),
  action('shell', z.strictObject({ _raw_params: text.optional(), chdir: text.optional() }), { freeForm: '_raw_params' }),
  action('script', z.strictObject({ _raw_params: text.optional(), chdir: text.optional() }), { freeForm: '_raw_params' }),
  action('set_fact', z.object({ cacheable: flag.optional() }), { open: true, facts: 'set_fact' }),
  action(
    'include_vars',
    z.strictObject({ file: text.optional(), dir: text.optional(), name: text.optional(), _raw_params: text.optional() }),
    {
      freeForm: '_raw_params',
      facts: 'include_vars',
    },
  ),
  action('fail', z.strictObject({ msg: text.optional() })),
  action('assert', z.strictObject({ that: z.unknown(), msg: text.optional() }), { raw: ['that'] }),
  action('ping', z.strictObject({ data: text.optional() })),
  action('setup', z.strictObject({ gather_subset: z.unknown().optional() })),
  action('docker_container', z.strictObject({ name: text }), { collections: ['community.docker'] }),
]);

/** A look at templates just good enough for these tests: plain names, `| default`, unbalanced braces. */
export const testInspector: Inspector = {
  inspect: (source, kind) => {
    if (source.split('{{').length !== source.split('}}').length)
      throw new KplayError('E_SYNTAX', "unexpected end of template, expected '}}'");
    const inner = kind === 'condition' ? [source] : [...source.matchAll(/\{\{(.*?)\}\}/gs)].map(([, found = '']) => found);
    if (inner.some(each => /[-+*]\s*$/.test(each))) throw new KplayError('E_SYNTAX', 'an expression ends too soon');
    const names = inner.flatMap(each => each.match(/(?<![\w.'"])[a-z_]\w*(?!\w*['"(])/gi) ?? []).filter(name => !WORDS.has(name));
    const certain = inner.some(each => /\||\bif\b|\bor\b|\band\b|\bdefined\b/.test(each)) ? [] : names;
    return { names, certain, impure: /\blookup\b/.test(source) };
  },
};
const WORDS = new Set('if else and or not in is true false none defined default int bool list join'.split(' '));

const render: CompileOptions['render'] = (source, vars) =>
  source.replaceAll(/\{\{ *(\w+) *\}\}/g, (_all, name: string) => {
    const value = vars.get(name);
    if (value === undefined) throw new KplayError('E_UNDEFINED', `'${name}' is undefined`);
    return String(value);
  });

export const testOptions: CompileOptions = {
  catalog: testCatalog,
  inspector: testInspector,
  rolesPath: [],
  files: diskFiles,
  defined: name => ['inventory_hostname', 'groups', 'hostvars', 'ansible_facts', 'omit', 'playbook_dir'].includes(name),
  render,
};

export interface Compilation {
  readonly folder: string;
  readonly playbook: Playbook;
  readonly diagnostics: readonly Diagnostic[];
}
/** Compiles `site.yml` of a project. */
export const compile = (files: Readonly<Record<string, string>> | string, options: Partial<CompileOptions> = {}): Compilation => {
  const folder = project(typeof files === 'string' ? { 'site.yml': files } : files);
  return { folder, ...compilePlaybook(join(folder, 'site.yml'), { ...testOptions, ...options }) };
};
/** Compiles what must be right. */
export const compiled = (
  files: Readonly<Record<string, string>> | string,
  options: Partial<CompileOptions> = {},
): Playbook & { folder: string } => {
  const { playbook, diagnostics, folder } = compile(files, options);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message, at }) => `${at.line}:${at.col} ${message}`).join('\n'));
  return { ...playbook, folder };
};

export const tasksIn = (nodes: readonly Node[]): readonly Task[] =>
  nodes.flatMap(node => (node.kind === 'task' ? [node] : tasksIn([...node.block, ...node.rescue, ...node.always])));
/** A play's tasks in the order written, without what the compiler put in. */
export const tasksOf = (play: Play | undefined): readonly Task[] =>
  (play?.sections ?? []).flatMap(({ nodes }) => tasksIn(nodes)).filter(({ implicit }) => !implicit);
/** Tasks of a playbook's first play, given only its list of tasks. */
export const tasksFrom = (tasks: string): readonly Task[] =>
  tasksOf(compiled(`- hosts: all\n  tasks:\n${tasks.replaceAll(/^/gm, '    ')}\n`).plays[0]);
export const names = (tasks: readonly Task[]): readonly string[] => tasks.map(({ name, action: module }) => name?.value ?? module);
/** `code line:col message` of each finding. */
export const told = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ severity, at, message }) => `${severity === 'error' ? '' : 'warning '}${at.line}:${at.col} ${message}`);
