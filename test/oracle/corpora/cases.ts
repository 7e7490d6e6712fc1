import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spelled } from '../../../src/playbook/fields.ts';
import type { Plain } from '../../../src/model/module.ts';
import { toPlain } from '../../../src/value/plain.ts';
import type { YamlNode } from '../../../src/yaml/node.ts';
import { type Project, isYaml, yamlOf } from './projects.ts';

/** A template: a playbook's string, a condition, or a template file by its path; of a looped task with what it loops over. */
export interface Case {
  readonly mode: 's' | 'w' | 't';
  readonly source: string;
  readonly loop?: Plain;
  readonly loopVar?: string;
}
/** Templates that see the same variables: those of a role, or those of no role. */
export interface Scope {
  /** Files of variables, from low to high. */
  readonly defaults: readonly string[];
  readonly vars: readonly string[];
  readonly searchPath: readonly string[];
  readonly cases: readonly Case[];
}

export const scopesOf = ({ folder, files, extraVars }: Project): readonly Scope[] => {
  const roles = [...new Set(files.map(roleOf))].filter(role => role !== undefined);
  const own = (role: string, kind: string): readonly string[] => varsFiles(join(role, kind, 'main'));
  return [undefined, ...roles].map(role => {
    const ordered = role === undefined ? roles : [...roles.filter(other => other !== role), role];
    return {
      defaults: ordered.flatMap(one => own(one, 'defaults')),
      vars: [...ordered.flatMap(one => own(one, 'vars')), ...extraVars],
      searchPath: [...(role === undefined ? [] : [join(role, 'templates'), role]), folder],
      cases: distinct(files.filter(file => roleOf(file) === role).flatMap(casesIn)),
    };
  });
};

/** The folder of the role that a file belongs to. */
const roleOf = (file: string): string | undefined =>
  /^(.*\/roles\/.*?)\/(?:tasks|handlers|defaults|vars|meta|templates|files|molecule)\//.exec(file)?.[1];

/** `main.yml`, or all that is in a folder `main`. */
const varsFiles = (main: string): readonly string[] => {
  const path = [main, `${main}.yml`, `${main}.yaml`].find(existsSync);
  if (path === undefined) return [];
  const inside = (folder: string): readonly string[] =>
    readdirSync(folder).toSorted().map(name => join(folder, name)).flatMap(one => (statSync(one).isDirectory() ? inside(one) : [one])); // prettier-ignore
  return statSync(path).isDirectory() ? inside(path).filter(isYaml) : [path];
};

const casesIn = (file: string): readonly Case[] => {
  if (file.endsWith('.j2')) return [{ mode: 't', source: file }];
  const root = isYaml(file) && !/\/(?:files|templates)\//.test(dirname(file) + '/') ? yamlOf(file) : undefined;
  return root ? stringsIn(root, {}) : [];
};

const CONDITIONS = ['when', 'until', 'failed_when', 'changed_when', 'that'];
type Loop = Pick<Case, 'loop' | 'loopVar'>;

const stringsIn = (node: YamlNode, loop: Loop): readonly Case[] => {
  const inner = { ...loop, ...loopOf(node) };
  return [
    ...(typeof node.value === 'string' && /\{[{%]/.test(node.value) ? [{ mode: 's' as const, source: node.value, ...loop }] : []),
    ...node.items().flatMap(item => stringsIn(item, loop)),
    ...node.entries().flatMap(({ key, value }) => {
      const name = spelled(key.value);
      if (!CONDITIONS.includes(name)) return stringsIn(value, /^(?:loop|with_\w+)$/.test(name) ? loop : inner);
      const conditions = value.kind === 'sequence' ? value.items() : [value];
      return conditions.map(({ value: one }) => one).filter(one => typeof one === 'string').map(source => ({ mode: 'w' as const, source, ...inner })); // prettier-ignore
    }),
  ];
};
const loopOf = (node: YamlNode): Loop => {
  if (node.kind !== 'mapping') return {};
  const items = node.get('loop') ?? node.get('with_items');
  if (items?.value === undefined || items.value === null) return {};
  const control = node.get('loop_control');
  const named = control?.kind === 'mapping' ? control.get('loop_var')?.value : undefined;
  return { loop: toPlain(items.value), loopVar: named === undefined ? 'item' : spelled(named) };
};

const distinct = (cases: readonly Case[]): readonly Case[] => [...new Map(cases.map(one => [JSON.stringify(one), one])).values()];
