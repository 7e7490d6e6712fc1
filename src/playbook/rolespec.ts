import type { Value } from '../value/value.ts';
import type { Site } from './build.ts';
import { nodeOf, spelled } from './fields.ts';
import type { Fields } from './fields.ts';
import { roleYaml } from './rolefiles.ts';
import type { RoleSource } from './rolefiles.ts';
import { taskList } from './tasks.ts';
import type { Node, RawVars } from './types.ts';

/**
 * The task that Ansible puts before those of a role with an argument spec (meta/argument_specs.yml, or `argument_specs` in meta/main.yml),
 * for the entry point in use.
 */
export const argumentCheck = (source: RoleSource, params: RawVars, meta: Fields | undefined, site: Site): readonly Node[] => {
  const files = site.build.options.files;
  const own = ['yml', 'yaml', 'json'].some(extension => files.exists(`${source.path}/meta/argument_specs.${extension}`));
  const specs = own ? roleYaml(source, 'meta', site.build, 'argument_specs')?.get('argument_specs') : meta?.get('argument_specs');
  const entryPoint = source.from.tasks ?? 'main';
  const spec = specs?.get(entryPoint);
  if (!spec || spec.kind !== 'mapping' || spec.entries().length === 0) return [];
  const title = spec.get('short_description');
  const context = { type: 'role', name: source.name, argument_spec_name: entryPoint, path: source.path };
  const task = new Map<Value, Value>([
    ['name', `Validating arguments against arg spec '${entryPoint}'${title ? ` - ${spelled(title.value)}` : ''}`],
    [
      'ansible.builtin.validate_argument_spec',
      new Map<Value, Value>([
        ['argument_spec', spec.get('options')?.value ?? new Map()],
        ['provided_arguments', new Map(params)],
        ['validate_args_context', new Map<Value, Value>(Object.entries(context))],
      ]),
    ],
    ['tags', ['always']],
  ]);
  return taskList(nodeOf([task], spec.at), 'the argument spec', site);
};
