import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';
import type { ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { KplayError } from '../model/errors.ts';
import type { Diagnostic } from '../model/errors.ts';
import type { Value } from '../value/value.ts';
import { unsafe } from '../value/unsafe.ts';
import { Vaulted } from '../value/vaulted.ts';
import type { Vault } from '../vault/vault.ts';
import { MappingNode, ScalarNode, SequenceNode, identity } from './node.ts';
import type { Entries, Locate, YamlNode } from './node.ts';
import { NotThat, jsonScalar, plainScalar, toBool, toFloat, toInt, toTimestamp } from './scalar.ts';

export interface Building {
  readonly locate: Locate;
  /** Every character of the file is JSON. */
  readonly json: boolean;
  readonly warn: (warning: Diagnostic) => void;
  readonly vault: Vault;
}

const CORE = 'tag:yaml.org,2002:';
const SCALAR_TAGS: Readonly<Record<string, (text: string) => Value>> = {
  '!': text => text,
  '!unsafe': unsafe,
  [`${CORE}str`]: text => text,
  [`${CORE}python/unicode`]: text => text,
  [`${CORE}int`]: toInt,
  [`${CORE}float`]: toFloat,
  [`${CORE}bool`]: toBool,
  [`${CORE}null`]: () => null,
  [`${CORE}timestamp`]: toTimestamp,
};
const VAULT_TAGS: readonly string[] = ['!vault', '!vault-encrypted'];
const COLLECTION_TAGS: Readonly<Record<'sequence' | 'mapping', readonly string[]>> = {
  sequence: ['!', '!unsafe', `${CORE}seq`],
  mapping: ['!', '!unsafe', `${CORE}map`, `${CORE}python/dict`],
};
const UNQUOTED_TEMPLATE = 'a value that starts with a template needs quotes: "{{ name }}"';

/** The parser's tree as nodes of Python values: tags, anchors, merges and duplicate keys as Ansible's loader treats them. */
export class NodeBuilder {
  readonly #anchors = new Map<string, YamlNode>();
  readonly #file: Building;
  constructor(file: Building) {
    this.#file = file;
  }

  /** `offset` places what is not there: the value of `key:`. */
  node(source: unknown, offset: number): YamlNode {
    if (isAlias(source)) return this.#alias(source.source, source.range?.[0] ?? offset);
    const at = (source as ParsedNode | null)?.range?.[0] ?? offset;
    const node = this.#fresh(source, at);
    const anchor = isScalar(source) || isMap(source) || isSeq(source) ? source.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #fresh(source: unknown, offset: number): YamlNode {
    if (isMap(source)) return this.#mapping(source, offset);
    if (isSeq(source)) return this.#sequence(source, offset);
    return new ScalarNode(this.#file.locate, offset, isScalar(source) ? this.#scalar(source, offset) : null);
  }

  #alias(name: string, offset: number): YamlNode {
    const node = this.#anchors.get(name);
    if (!node) throw this.#error(offset, `no anchor &${name} is complete before this alias`);
    return node;
  }

  #scalar(source: Scalar, offset: number): Value {
    const text = typeof source.value === 'string' ? source.value : (source.source ?? '');
    try {
      if (source.tag === undefined) return source.type === 'PLAIN' ? this.#plain(text) : text;
      if (VAULT_TAGS.includes(source.tag)) return this.#vaulted(text, offset);
      const construct = SCALAR_TAGS[source.tag];
      if (construct) return construct(text);
    } catch (error) {
      if (error instanceof NotThat) throw this.#error(offset, error.message);
      throw error;
    }
    throw this.#badTag(source.tag, 'scalar', offset);
  }
  #plain(text: string): Value {
    return this.#file.json ? jsonScalar(text) : plainScalar(text);
  }

  #vaulted(ciphertext: string, offset: number): Value {
    const { vault, locate } = this.#file;
    return new Vaulted(ciphertext, () => vault.decrypt(ciphertext, locate(offset)).toString());
  }

  #sequence(source: YAMLSeq, offset: number): YamlNode {
    const wrap = this.#wrap(source.tag, 'sequence', offset);
    // `[a: 1]` is a pair inside a sequence: a mapping of one key.
    const items = source.items.map(item => (isPair(item) ? this.#pairs([item], offset) : this.node(item, offset)));
    return new SequenceNode(this.#file.locate, offset, items, wrap);
  }

  #mapping(source: YAMLMap, offset: number): YamlNode {
    return this.#pairs(source.items, offset, this.#wrap(source.tag, 'mapping', offset));
  }
  #pairs(pairs: readonly { readonly key: unknown; readonly value: unknown }[], offset: number, wrap = (value: Value) => value): YamlNode {
    const merged: Entries = new Map();
    const own: Entries = new Map();
    for (const pair of pairs) {
      if (isPlain(pair.key, '<<')) {
        this.#merge(merged, this.node(pair.value, offset));
        continue;
      }
      const key = this.#key(pair.key, offset);
      const name = identity(key.value);
      if (own.has(name)) this.#warnDuplicate(key);
      own.set(name, { key, value: this.node(pair.value, endOf(pair.key) ?? offset) });
    }
    for (const [name, entry] of own) merged.set(name, entry);
    return new MappingNode(this.#file.locate, offset, merged, wrap);
  }

  #key(source: unknown, offset: number): YamlNode {
    if (isPlain(source, '=')) return new ScalarNode(this.#file.locate, (source as Scalar.Parsed).range[0], '=');
    const key = this.node(source, offset);
    if (key.kind === 'scalar') return key;
    const { at } = key;
    const what = `a ${key.kind} cannot be a key`;
    throw key.kind === 'mapping' ? new KplayError('E_YAML', what, { at, hint: UNQUOTED_TEMPLATE }) : new KplayError('E_YAML', what, { at });
  }
  #warnDuplicate({ at, value }: YamlNode): void {
    if (this.#file.json) return;
    this.#file.warn({
      severity: 'warning',
      code: 'E_YAML',
      message: `the key ${JSON.stringify(value)} is there twice; the last one counts`,
      at,
    });
  }

  /** Of several mappings to merge, the first counts. */
  #merge(into: Entries, from: YamlNode): void {
    const mappings = from.kind === 'sequence' ? from.items().toReversed() : [from];
    for (const mapping of mappings) {
      if (mapping.kind !== 'mapping') throw new KplayError('E_YAML', `<< merges mappings, not a ${mapping.kind}`, { at: mapping.at });
      for (const entry of mapping.entries()) into.set(identity(entry.key.value), entry);
    }
  }

  #wrap(tag: string | undefined, kind: 'sequence' | 'mapping', offset: number): (value: Value) => Value {
    if (tag !== undefined && !COLLECTION_TAGS[kind].includes(tag)) throw this.#badTag(tag, kind, offset);
    return tag === '!unsafe' ? unsafe : value => value;
  }
  #badTag(tag: string, kind: YamlNode['kind'], offset: number): KplayError {
    const short = tag.startsWith(CORE) ? `!!${tag.slice(CORE.length)}` : tag;
    return this.#error(offset, `a ${kind} cannot have the tag ${short} here`);
  }
  #error(offset: number, message: string): KplayError {
    return new KplayError('E_YAML', message, { at: this.#file.locate(offset) });
  }
}

const isPlain = (node: unknown, text: string): boolean =>
  isScalar(node) && node.type === 'PLAIN' && node.tag === undefined && node.value === text;
const endOf = (node: unknown): number | undefined => (isScalar(node) ? node.range?.[1] : undefined);
