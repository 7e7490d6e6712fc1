import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Fields, Plain } from '../model/module.ts';
import { COLLECTORS, facts } from '../probes/facts.ts';
import { localFacts } from '../probes/facts/local.ts';
import { bool, int, list, path } from './args.ts';
import { defineModule } from './define.ts';

const args = z.strictObject({
  gather_subset: list
    .default(['all'])
    .describe('What to gather: names of collectors, `all`, `min`, or with `!` what to leave out. `!all` leaves `min`.'),
  gather_timeout: int.default(10).describe("Taken and ignored: the task's own timeout holds."),
  filter: list.default([]).describe('Globs: only facts with such names are given.'),
  fact_path: path.default('/etc/ansible/facts.d').describe("Folder on the host with the host's own facts, `*.fact`."),
});
type Args = z.output<typeof args>;

/** What Ansible gathers unless told `!min`. */
const MINIMAL =
  'apparmor caps cmdline date_time distribution dns env fips local lsb pkg_mgr platform python selinux service_mgr ssh_pub_keys user'.split(
    ' ',
  );
/** Facts that a collector stands on come with it. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  hardware: ['platform'],
  network: ['distribution', 'platform'],
  pkg_mgr: ['distribution'],
  service_mgr: ['distribution', 'platform'],
};
/** Names Ansible knows whose programs kplay does not run. */
const FOREIGN = ['facter', 'ohai'];

const idsOf: ReadonlyMap<string, readonly string[]> = new Map([['local', []], ...COLLECTORS.map(({ name, ids }) => [name, ids] as const)]);
const valid: ReadonlySet<string> = new Set([...idsOf].flatMap(([name, ids]) => [name, ...ids]).concat(FOREIGN));

/** Names of the collectors that gather_subset asks for: ansible-core's module_utils/facts/collector.py, get_collector_names(). */
const chosen = (subset: readonly string[]): readonly string[] => {
  const wanted = new Set<string>();
  const dropped = new Set<string>();
  const named = new Set<string>();
  const add = (set: Set<string>, names: Iterable<string>): void => {
    for (const name of names) set.add(name);
  };
  for (const entry of ['min', ...subset]) {
    const name = entry.replace(/^!/, '');
    if (entry === 'min') add(wanted, MINIMAL);
    else if (entry === 'all') add(wanted, valid);
    else if (entry === '!min') add(dropped, MINIMAL);
    else if (entry === '!all')
      add(
        dropped,
        [...valid].filter(known => !MINIMAL.includes(known)),
      );
    else if (entry.startsWith('!')) add(dropped, [name, ...(idsOf.get(name) ?? [])]);
    else if (!valid.has(name))
      throw new KplayError(
        'E_ARGS',
        `Bad subset '${name}' given to Ansible. gather_subset options allowed: all, ${[...valid].toSorted().join(', ')}`,
      );
    else named.add(name);
  }
  const kept = new Set([...named, ...[...wanted].filter(name => !dropped.has(name))]);
  const direct = [...idsOf].filter(([name, ids]) => kept.has(name) || ids.some(id => kept.has(id))).map(([name]) => name);
  const needed = new Set(direct.flatMap(name => [...(NEEDS[name] ?? []), name]));
  return [...idsOf.keys()].filter(name => needed.has(name));
};

/** Python's fnmatch. */
const globbed = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replace(/\[(!?)(\]?[^\]]*)\]|[*?]|[^]/g, (piece, not: string | undefined, set: string | undefined) => {
      if (piece === '*') return '[^]*';
      if (piece === '?') return '[^]';
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
      return piece.replace(/[\\^$.|+()[\]{}/-]/g, '\\$&');
    })}$`,
  );

/** With ansible_ in front: a filter may leave it out. */
const passes = (name: string, filters: readonly string[]): boolean =>
  filters.length === 0 ||
  filters.some(
    filter =>
      filter === '' || globbed(filter).test(name) || (!/^(ansible_|facter|ohai)/.test(filter) && globbed(`ansible_${filter}`).test(name)),
  );

const settings = {
  summary: 'Gather facts of the host.',
  reach: 'host',
  observe: ({ gather_subset, fact_path }: Args) =>
    chosen(gather_subset).map(name => (name === 'local' ? { kind: localFacts, subject: fact_path } : { kind: facts, subject: name })),
  analyze: () => [],
  act: () => [],
  result({ gather_subset, filter }: Args, seen: readonly Fields[]): Fields {
    const named = seen.flatMap(found =>
      Object.entries(found).map(([name, value]): [string, Plain] => [`ansible_${name.replaceAll('-', '_')}`, value]),
    );
    const all: readonly (readonly [string, Plain])[] = [...named, ['gather_subset', gather_subset], ['module_setup', true]];
    return { changed: false, ansible_facts: Object.fromEntries(all.filter(([name]) => passes(name, filter))) };
  },
} as const;

export const setup = defineModule<readonly Fields[]>()({ ...settings, name: 'setup', args });
export const gatherFacts = defineModule<readonly Fields[]>()({
  ...settings,
  name: 'gather_facts',
  args: args.extend({ parallel: bool.optional().describe('Taken and ignored: there is one module of facts.') }),
});
