import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';
import { Unsafe } from '../value/unsafe.ts';
import type { YamlNode } from '../yaml/node.ts';
import type { Located } from './types.ts';

/** A text, whether templates in it may be evaluated or not. */
export const asText = (value: Value | undefined): string | undefined => {
  if (typeof value === 'string') return value;
  return value instanceof Unsafe ? value.text : undefined;
};
/** May evaluating this text give something else than the text? */
export const isTemplate = (value: Value | undefined): boolean => typeof value === 'string' && /\{[{%#]/.test(value);
/** Does a template stand anywhere in this value? */
export const holdsTemplate = (value: Value): boolean => {
  if (Array.isArray(value)) return value.some(holdsTemplate);
  if (value instanceof Map) return [...value].some(([key, item]) => isTemplate(key) || holdsTemplate(item));
  return isTemplate(value);
};

export const located = ({ value, at }: YamlNode): Located => ({ value, at });
/** A list as its items, anything else as a list of one; null as none. */
export const locatedList = (node: YamlNode | undefined): readonly Located[] => {
  if (node === undefined || node.value === null) return [];
  return node.kind === 'sequence' ? node.items().map(located) : [located(node)];
};

/** The entries of a mapping, by keyword. */
export class Fields {
  readonly at: Source;
  readonly node: YamlNode;
  readonly #entries = new Map<string, { readonly at: Source; readonly node: YamlNode }>();
  constructor(node: YamlNode) {
    this.at = node.at;
    this.node = node;
    for (const { key, value } of node.entries()) this.#entries.set(asText(key.value) ?? String(key.value), { at: key.at, node: value });
  }
  names(): readonly string[] {
    return [...this.#entries.keys()];
  }
  has(name: string): boolean {
    return this.#entries.has(name);
  }
  get(name: string): YamlNode | undefined {
    return this.#entries.get(name)?.node;
  }
  /** Where the keyword itself stands. */
  keyAt(name: string): Source {
    return this.#entries.get(name)?.at ?? this.at;
  }
  /** Undefined when it is not there or null: Ansible takes a null keyword for one that is not set. */
  located(name: string): Located | undefined {
    const node = this.get(name);
    return node === undefined || node.value === null ? undefined : located(node);
  }
  text(name: string): Located<string> | undefined {
    const found = this.located(name);
    if (found === undefined) return undefined;
    const { value, at } = found;
    return { value: asText(value) ?? spelled(value), at };
  }
}

/** A scalar as Python prints it. */
export const spelled = (value: Value): string => {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return asText(value) ?? (value instanceof Object && 'value' in value ? String(value.value) : String(value));
};

/** Ansible's word for a boolean; a template or anything else counts as `preset`. */
export const isTrue = (value: Value | undefined, preset: boolean): boolean => {
  const word = value === undefined || value === null ? '' : spelled(value).toLowerCase();
  if (['yes', 'y', 'on', 'true', 't', '1'].includes(word)) return true;
  return ['no', 'n', 'off', 'false', 'f', '0'].includes(word) ? false : preset;
};

/** A value of another origin than a file (an argument such as `apply:`), as a node of which every part stands at one place. */
export const nodeOf = (value: Value, at: Source): YamlNode => {
  const list = Array.isArray(value) ? value.map(item => nodeOf(item, at)) : [];
  const pairs = value instanceof Map ? [...value].map(([key, item]) => ({ key: nodeOf(key, at), value: nodeOf(item, at) })) : [];
  const kind = value instanceof Map ? 'mapping' : Array.isArray(value) ? 'sequence' : 'scalar';
  return { kind, at, value, items: () => list, entries: () => pairs, get: key => pairs.find(pair => pair.key.value === key)?.value };
};
