import type { Source } from '../model/source.ts';
import { Float } from '../value/value.ts';
import type { Value } from '../value/value.ts';
import { Unsafe } from '../value/unsafe.ts';

export interface YamlEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** A piece of a YAML file that knows where it was written. */
export interface YamlNode {
  readonly kind: 'scalar' | 'sequence' | 'mapping';
  readonly at: Source;
  /** The whole subtree as Python values, made when first asked for; shared, so not to be changed. */
  readonly value: Value;
  /** A sequence's items; none for anything else. */
  items(): readonly YamlNode[];
  /** A mapping's entries, `<<` merged in and of equal keys the last; none for anything else. */
  entries(): readonly YamlEntry[];
  /** A mapping's value by key. */
  get(key: Value): YamlNode | undefined;
}

/** Offsets into a text, as places. */
export type Locate = (offset: number) => Source;

abstract class Located {
  readonly #locate: Locate;
  readonly #offset: number;
  constructor(locate: Locate, offset: number) {
    this.#locate = locate;
    this.#offset = offset;
  }
  get at(): Source {
    return this.#locate(this.#offset);
  }
  items(): readonly YamlNode[] {
    return [];
  }
  entries(): readonly YamlEntry[] {
    return [];
  }
  get(_key: Value): YamlNode | undefined {
    return undefined;
  }
}

export class ScalarNode extends Located implements YamlNode {
  readonly kind = 'scalar';
  readonly value: Value;
  constructor(locate: Locate, offset: number, value: Value) {
    super(locate, offset);
    this.value = value;
  }
}

type Wrap = (value: Value) => Value;

export class SequenceNode extends Located implements YamlNode {
  readonly kind = 'sequence';
  readonly #items: readonly YamlNode[];
  readonly #wrap: Wrap;
  #value: Value | undefined;
  constructor(locate: Locate, offset: number, items: readonly YamlNode[], wrap: Wrap) {
    super(locate, offset);
    this.#items = items;
    this.#wrap = wrap;
  }
  get value(): Value {
    return (this.#value ??= this.#wrap(this.#items.map(item => item.value)));
  }
  override items(): readonly YamlNode[] {
    return this.#items;
  }
}

/** Entries by key, Python's way: 1, 1.0 and true are one key. */
export type Entries = Map<unknown, YamlEntry>;
export const identity = (key: Value): unknown => {
  if (typeof key === 'boolean') return Number(key);
  if (key instanceof Float) return key.value;
  return key instanceof Unsafe ? key.text : key;
};

export class MappingNode extends Located implements YamlNode {
  readonly kind = 'mapping';
  readonly #entries: Entries;
  readonly #wrap: Wrap;
  #value: Value | undefined;
  constructor(locate: Locate, offset: number, entries: Entries, wrap: Wrap) {
    super(locate, offset);
    this.#entries = entries;
    this.#wrap = wrap;
  }
  get value(): Value {
    return (this.#value ??= this.#wrap(new Map([...this.#entries.values()].map(({ key, value }) => [key.value, value.value]))));
  }
  override entries(): readonly YamlEntry[] {
    return [...this.#entries.values()];
  }
  override get(key: Value): YamlNode | undefined {
    return this.#entries.get(identity(key))?.value;
  }
}
