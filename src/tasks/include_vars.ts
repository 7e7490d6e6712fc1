import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { ActionContext, Fields } from '../model/module.ts';
import { bool, int, list, optional, str } from './args.ts';
import { defineAction } from './define.ts';
import { isVaultedFile } from './source.ts';

const args = z.strictObject({
  file: optional(str).describe('A file of variables, looked for in vars/ of the role and beside the playbook.'),
  dir: optional(str).describe('A folder; all of its files are read, in alphabetical order.'),
  name: optional(str).describe('Put the variables into a dictionary of this name.'),
  depth: int.default(0).describe('How deep to look into `dir`; 0 is all the way.'),
  files_matching: optional(str).describe('Read only files of `dir` whose name matches this regular expression.'),
  ignore_files: list.default([]).describe('Names in `dir` to leave out.'),
  extensions: list.default(['yaml', 'yml', 'json']).describe('Extensions that count as files of variables in `dir`.'),
  ignore_unknown_extensions: bool.default(false).describe('Pass over other extensions instead of failing.'),
});
type Args = z.output<typeof args>;

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/include_vars_module.html */
export const includeVars = defineAction({
  name: 'include_vars',
  summary: 'Read variables from files, for this host and the rest of the run.',
  args,
  freeForm: 'file',
  facts: 'include_vars',
  async run(given, context) {
    if ((given.file === undefined) === (given.dir === undefined))
      throw new KplayError('E_ARGS', 'include_vars takes either a file or a dir');
    const files = given.file !== undefined ? [context.find(given.file, 'vars')] : filesIn(context.find(given.dir!, 'vars'), given, 1);
    const facts = Object.assign({}, ...files.map(file => read(file, context))) as Fields;
    const encrypted = await Promise.all(files.map(isVaultedFile));
    return {
      ansible_facts: given.name === undefined ? facts : { [given.name]: facts },
      ansible_included_var_files: files,
      ...(encrypted.includes(true) && { _ansible_no_log: true }),
    };
  },
});

const read = (file: string, context: ActionContext): Fields => {
  if (!existsSync(file)) throw new KplayError('E_FILE', `Could not find or access '${file}' on the controller`);
  return context.readVars(file);
};

const filesIn = (dir: string, given: Args, depth: number): readonly string[] => {
  if (!statSync(dir).isDirectory()) throw new KplayError('E_FILE', `${dir} is not a directory`);
  return readdirSync(dir)
    .sort()
    .flatMap((name): readonly string[] => {
      const path = join(dir, name);
      if (given.ignore_files.includes(name)) return [];
      if (statSync(path).isDirectory()) return given.depth === 0 || depth < given.depth ? filesIn(path, given, depth + 1) : [];
      if (given.files_matching !== undefined && !new RegExp(given.files_matching).test(basename(path))) return [];
      if (given.extensions.includes(extname(path).slice(1))) return [path];
      if (given.ignore_unknown_extensions || given.files_matching !== undefined) return [];
      throw new KplayError('E_FILE', `${path} does not have a valid extension: ${given.extensions.join(', ')}`);
    });
};
