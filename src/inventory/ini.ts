import { KplayError } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import { literal } from '../value/literal.ts';
import type { Value } from '../value/value.ts';
import { expandHosts } from './hostname.ts';
import type { Inventory, Origin } from './inventory.ts';
import { placed } from './placed.ts';
import { shellWords } from './shlex.ts';

type Entry =
  | { readonly kind: 'section'; readonly state: State; readonly at: Source; readonly group: string }
  | {
      readonly kind: 'hosts';
      readonly at: Source;
      readonly group: string;
      readonly names: readonly string[];
      readonly port?: number;
      readonly vars: ReadonlyMap<string, Value>;
    }
  | { readonly kind: 'var'; readonly at: Source; readonly group: string; readonly name: string; readonly value: Value }
  | { readonly kind: 'child'; readonly at: Source; readonly group: string; readonly child: string };
const STATES = ['hosts', 'vars', 'children'] as const;
type State = (typeof STATES)[number];

const SECTION = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
// Where Python's str.splitlines breaks, but for the file, group and record separators.
const LINE_END = /\r\n|[\n\r\v\f\x85\u2028\u2029]/;

const refuse = (message: string, hint?: string): KplayError => new KplayError('E_INVENTORY', message, hint === undefined ? {} : { hint });

/** A value as Python reads it: `1`, `True`, `[1, 2]` are values, `true`, `0644` and everything else texts. */
const iniValue = (text: string): Value => {
  const value = literal(text);
  return value === undefined ? text : value;
};

const assignment = (text: string): readonly [string, string] => {
  const split = text.indexOf('=');
  if (split < 0) throw refuse(`key=value was expected, not "${text}"`, 'a value with spaces needs quotes');
  return [text.slice(0, split), text.slice(split + 1)];
};

const section = (line: string, at: Source): Entry | undefined => {
  const match = SECTION.exec(line);
  if (match) {
    const state = STATES.find(known => known === (match[2] ?? 'hosts'));
    if (!state) throw refuse(`a section can be of hosts, vars or children, not of ${match[2] ?? ''}`);
    return { kind: 'section', at, group: match[1] ?? '', state };
  }
  if (line.startsWith('[') && line.endsWith(']'))
    throw refuse(`"${line}" is no section`, 'a section is [group], [group:vars] or [group:children], without spaces');
  return undefined;
};

const hostLine = (line: string, group: string, at: Source): Entry => {
  const [pattern = '', ...words] = shellWords(line);
  const expanded = expandHosts(pattern);
  if (pattern.trim().endsWith(':') && expanded.port === undefined) throw refuse(`"${pattern}" ends in ":", which is kept for a port`);
  if (expanded.names.includes('---')) throw refuse('"---" is no host: this looks like YAML');
  const vars = new Map(words.map(assignment).map(([name, value]) => [name, iniValue(value)]));
  return { kind: 'hosts', at, group, vars, ...expanded };
};
const varLine = (line: string, group: string, at: Source): Entry => {
  const [name, value] = assignment(line);
  return { kind: 'var', at, group, name: name.trim(), value: iniValue(value.trim()) };
};
const childLine = (line: string, group: string, at: Source): Entry => {
  const child = GROUP_NAME.exec(line)?.[1];
  if (child === undefined) throw refuse(`a group's name was expected, not "${line}"`);
  return { kind: 'child', at, group, child };
};
const READERS = { hosts: hostLine, vars: varLine, children: childLine } as const;

/** An INI inventory's lines. Throws E_INVENTORY with the place. */
export const parseIni = (text: string, file: string): readonly Entry[] => {
  let group = 'ungrouped';
  let state: State = 'hosts';
  return text.split(LINE_END).flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return [];
    const at: Source = { file, line: index + 1, col: raw.length - raw.trimStart().length + 1 };
    return placed(at, () => {
      const header = section(line, at);
      if (header?.kind !== 'section') return [READERS[state](line, group, at)];
      ({ group, state } = header);
      return [header];
    });
  });
};

/** Groups that have been named but not declared yet: by `[x:vars]`, or as children. */
type Pending = Map<string, { readonly at: Source; readonly kind: 'vars' | 'children'; readonly parents: string[] }>;

/** Brings an INI inventory's entries into an inventory. Groups may be used before they are declared, if they are at all. */
export const populateFromIni = (inventory: Inventory, entries: readonly Entry[], origin: Origin): void => {
  const pending: Pending = new Map();
  for (const entry of entries) placed(entry.at, () => populate(inventory, entry, pending, origin));
  for (const [name, { at, kind, parents }] of pending) {
    const where = kind === 'vars' ? `[${name}:vars] sets variables of` : `[${parents.at(-1) ?? ''}:children] names`;
    throw new KplayError('E_INVENTORY', `${where} a group "${name}" that is not declared`, { at, hint: `declare it with [${name}]` });
  }
};

const populate = (inventory: Inventory, entry: Entry, pending: Pending, origin: Origin): void => {
  switch (entry.kind) {
    case 'section':
      declare(inventory, entry.group, entry.state, entry.at, pending);
      break;
    case 'hosts':
      for (const name of entry.names) {
        inventory.addHost(name, { group: entry.group, origin, ...(entry.port === undefined ? {} : { port: entry.port }) });
        for (const [variable, value] of entry.vars) inventory.set(name, variable, value);
      }
      break;
    case 'var':
      inventory.set(entry.group, entry.name, entry.value);
      break;
    case 'child':
      addOrAwaitChild(inventory, entry.group, entry.child, entry.at, pending);
  }
};

const declare = (inventory: Inventory, group: string, state: State, at: Source, pending: Pending): void => {
  if (!inventory.groups.has(group)) {
    if (state === 'vars' && !pending.has(group)) pending.set(group, { at, kind: 'vars', parents: [] });
    inventory.addGroup(group);
  }
  if (state === 'vars') return;
  if (pending.get(group)?.kind === 'children') adoptPending(inventory, group, pending);
  else pending.delete(group);
};
const addOrAwaitChild = (inventory: Inventory, parent: string, child: string, at: Source, pending: Pending): void => {
  const awaited = pending.get(child);
  if (inventory.groups.has(child)) inventory.addChild(parent, child);
  else if (awaited) awaited.parents.push(parent);
  else pending.set(child, { at, kind: 'children', parents: [parent] });
};
const adoptPending = (inventory: Inventory, group: string, pending: Pending): void => {
  for (const parent of pending.get(group)?.parents ?? []) {
    inventory.addChild(parent, group);
    if (pending.get(parent)?.kind === 'children') adoptPending(inventory, parent, pending);
  }
  pending.delete(group);
};
