import { readFileSync } from 'node:fs';
import { KplayError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Host } from './group.ts';
import { parseAddress } from './hostname.ts';
import type { Inventory } from './inventory.ts';

export interface Selected {
  readonly hosts: readonly Host[];
  /** Parts of the pattern that name nothing; Ansible ignores them with a warning. */
  readonly warnings: readonly string[];
}

/**
 * A pattern's parts: `a,b[1:2],!c`, or the older `a:b:!c` where the whole is no host name, address or range.
 */
export const splitPattern = (pattern: string): string[] => {
  const parts = pattern.includes(',')
    ? pattern.split(',')
    : parseAddress(pattern)
      ? [pattern]
      : pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g);
  return (parts ?? []).map(part => part.trim()).filter(part => part !== '');
};

/** A `--limit`, its `@file` parts read: one pattern a line. An empty limit is no limit. Throws E_FILE. */
export const readLimit = (limit: string): string[] =>
  splitPattern(limit).flatMap(part => {
    if (!part.startsWith('@')) return [part];
    try {
      return readFileSync(part.slice(1), 'utf8')
        .split(/\r?\n/)
        .map(line => line.trim());
    } catch (cause) {
      throw new KplayError('E_FILE', `the limit file ${part.slice(1)} cannot be read`, { cause });
    }
  });

/** Unions first, then `&`, then `!`, in whatever order they are written; with neither of the first, of all hosts. */
const inOrder = (parts: readonly string[]): string[] => {
  const given = parts.filter(part => part !== '');
  const plain = given.filter(part => !/^[!&]/.test(part));
  return [
    ...(plain.length > 0 ? plain : ['all']),
    ...given.filter(part => part.startsWith('&')),
    ...given.filter(part => part.startsWith('!')),
  ];
};

export const select = (inventory: Inventory, pattern: string | readonly string[], limit: readonly string[]): Selected => {
  const matching = new Matching(inventory);
  const parts = typeof pattern === 'string' ? splitPattern(pattern) : pattern.flatMap(splitPattern);
  const hosts = matching.all(parts);
  const kept = limit.length === 0 ? undefined : matching.all(limit);
  return { hosts: [...hosts].filter(host => kept?.has(host) ?? true), warnings: [...matching.warnings] };
};

class Matching {
  readonly warnings = new Set<string>();
  readonly #inventory: Inventory;
  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  all(parts: readonly string[]): Set<Host> {
    let hosts = new Set<Host>();
    for (const part of inOrder(parts)) {
      const host = this.#inventory.hosts.get(part);
      if (host) hosts.add(host);
      else if (part.startsWith('!')) hosts = hosts.difference(new Set(this.#one(part.slice(1))));
      else if (part.startsWith('&')) hosts = common(hosts, new Set(this.#one(part.slice(1))));
      else hosts = hosts.union(new Set(this.#one(part)));
    }
    return hosts;
  }

  /** A name, glob or `~regex`, with or without a subscript. */
  #one(part: string): readonly Host[] {
    if (part === '') throw new KplayError('E_INVENTORY', 'a pattern is missing after "!" or "&"');
    const subscript = part.startsWith('~') ? null : /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/s.exec(part);
    if (!subscript) return this.#named(part);
    const [, name = '', index, first, last] = subscript;
    const hosts = this.#named(name);
    if (index !== undefined) return at(hosts, Number(index), part);
    if (last === '') return hosts.slice(Number(first));
    // `[3:0]` is Ansible's `[3]`: an end of 0 counts as none.
    return Number(last) === 0 ? at(hosts, Number(first), part) : hosts.slice(Number(first), Number(last) + 1);
  }

  /** A host may come several times, through groups and by name, and a subscript counts it so. */
  #named(name: string): readonly Host[] {
    const { groups, hosts } = this.#inventory;
    const matches = matcher(name);
    const matchingGroups = [...groups.values()].filter(group => matches(group.name));
    const found = matchingGroups.flatMap(group => [...this.#inventory.hostsOf(group)]);
    if (matchingGroups.length === 0 || /^~|[.?*[]/.test(name)) found.push(...[...hosts.values()].filter(host => matches(host.name)));
    if (found.length === 0) {
      const local = this.#inventory.host(name);
      if (local) found.push(local);
      else if (matchingGroups.length === 0 && name !== 'all') this.#warn(name);
    }
    return found;
  }

  #warn(name: string): void {
    const similar = nearest(name, [...this.#inventory.groups.keys(), ...this.#inventory.hosts.keys()]);
    const hint = similar === undefined ? '' : ` (did you mean "${similar}"?)`;
    this.warnings.add(`Could not match supplied host pattern, ignoring: ${name}${hint}`);
  }
}

/** Set.intersection takes the order of the smaller set; this keeps the first's. */
const common = (hosts: ReadonlySet<Host>, others: ReadonlySet<Host>): Set<Host> => new Set([...hosts].filter(host => others.has(host)));

/** One host by position; none of an empty list, however far. */
const at = (hosts: readonly Host[], index: number, part: string): readonly Host[] => {
  const host = hosts.at(index);
  if (host) return [host];
  if (hosts.length === 0) return [];
  throw new KplayError('E_INVENTORY', `no host is at the position that the pattern "${part}" asks for`, {
    hint: `it has ${hosts.length} hosts to choose from, counted from 0`,
  });
};

/** Names a word, glob or `~regex` fits. A regex needs to fit the start of a name only. */
const matcher = (pattern: string): ((name: string) => boolean) => {
  if (!pattern.startsWith('~')) {
    if (!/[*?[]/.test(pattern)) return name => name === pattern;
    const glob = new RegExp(`^(?:${globSource(pattern)})$`, 'su');
    return name => glob.test(name);
  }
  const regex = pythonRegex(pattern.slice(1));
  return name => regex.test(name);
};

const globSource = (glob: string): string =>
  glob.replace(/\[(!?)(\]?[^\]]*)\]|[\s\S]/gu, (char, negated?: string, set?: string) => {
    if (set !== undefined && set !== '') return `[${negated === '!' ? '^' : ''}${set.replace(/[\\[\]^&~|]/g, '\\$&')}]`;
    if (char === '*') return '.*';
    return char === '?' ? '.' : char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });

/** Python's spellings that JavaScript lacks: `(?P<name>`, `\A`, `\Z`, and flags at the start. */
const pythonRegex = (source: string): RegExp => {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(source) ?? [];
  const translated = rest
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll('\\Z', '$');
  try {
    return new RegExp(`^(?:${translated})`, flags);
  } catch (cause) {
    throw new KplayError('E_INVENTORY', `"~${source}" is no regular expression`, { cause });
  }
};
