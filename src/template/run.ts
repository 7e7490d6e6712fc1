import { listening, type Scope } from '../value/scope.ts';
import type { Named } from '../value/call.ts';
import { Undefined, type Value } from '../value/value.ts';
import { Speculation, type TemplateHost } from './host.ts';
import type { OnDifference } from './difference.ts';
import type { Template } from './execute.ts';
import type { Semantics } from './semantics.ts';
import type { Syntax } from './syntax.ts';

export type Filter = (input: Value, args: readonly Value[], named: Named, run: Run) => Value;
export type Test = (input: Value, args: readonly Value[], named: Named, run: Run) => boolean;

/** What an evaluation asks of its Templar. */
export interface Services {
  readonly semantics: Semantics;
  readonly host: TemplateHost;
  filter(name: string): Filter | undefined;
  test(name: string): Test | undefined;
  global(name: string, run: Run): Value | undefined;
  /** Undefined when there is no such file on the search path. */
  load(name: string, run: Run): Template | undefined;
  /** A template file's result in the same scope, with more names. */
  renderFile(path: string, run: Run, names: Named): Value;
  /** What a value with templates in it comes to, in the same scope. */
  render(value: Value, run: Run): Value;
}

/** How a template's pieces become its result. */
export type Concat = (pieces: readonly Value[]) => Value;

/** One evaluation: what it may see and reach. */
export class Run {
  readonly services: Services;
  readonly scope: Scope;
  readonly concat: Concat;
  readonly syntax: Syntax;
  readonly searchPath: readonly string[];
  readonly speculative: boolean;
  readonly onDifference: OnDifference | undefined;
  /** A host had a part in what was evaluated so far. */
  readonly heard: () => boolean;
  /** Of the statement being run, for messages. */
  place: { readonly file: string | undefined; readonly line: number } = { file: undefined, line: 1 };
  constructor(services: Services, scope: Scope, { concat, syntax, searchPath, speculative, onDifference }: RunOptions) {
    this.services = services;
    this.scope = scope;
    this.concat = concat;
    this.syntax = syntax;
    this.searchPath = searchPath;
    this.speculative = speculative;
    this.onDifference = onDifference;
    this.heard = listening(scope);
  }
  get native(): boolean {
    return this.services.semantics.native;
  }
  get host(): TemplateHost {
    return this.services.host;
  }
  /** To be called before anything whose answer differs from one evaluation to the next. */
  impure(what: string): void {
    if (this.speculative) throw new Speculation(what);
  }
}
export interface RunOptions {
  readonly concat: Concat;
  readonly syntax: Syntax;
  readonly searchPath: readonly string[];
  readonly speculative: boolean;
  readonly onDifference?: OnDifference | undefined;
}

const copied = (value: Value): Value => {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copied(item)]));
  return Array.isArray(value) && value.constructor === Array ? value.map(copied) : value;
};

export type Block = (frame: Frame, out: Value[]) => void;

/** One template being rendered in a run: the page itself, a file it includes, a file it imports. */
export class Instance {
  readonly run: Run;
  readonly template: Template;
  /** Where the includer's own names are. */
  readonly #outer: Frame | undefined;
  readonly #seesScope: boolean;
  readonly #resolved = new Map<string, Value>();
  /** Definitions of each block, the youngest template's first. */
  readonly blocks = new Map<string, Block[]>();
  /** Where the page's top sets its names; a layout that it extends sees them too. */
  top: Frame | undefined;
  /** Set by `{% extends %}`: whose layout follows. */
  parent: Template | undefined;

  constructor(run: Run, template: Template, { outer, seesScope = true }: { outer?: Frame; seesScope?: boolean } = {}) {
    this.run = run;
    this.template = template;
    this.#outer = outer;
    this.#seesScope = seesScope;
  }

  /** A name that no frame of this template holds. Looked up once per rendering. */
  resolve(name: string): Value {
    const set = this.top?.names.get(name);
    if (set !== undefined) return set;
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const value = this.#find(name);
    this.#resolved.set(name, value);
    return value;
  }
  #find(name: string): Value {
    const local = this.#outer?.find(name);
    if (local !== undefined) return local;
    const value = this.#seesScope ? this.run.scope.lookup(name) : undefined;
    // What a template appends to or updates is its own: variables outlive it.
    if (value !== undefined) return this.template.mutates ? copied(value) : value;
    const global = this.run.services.global(name, this.run);
    return global === undefined ? new Undefined(`'${name}' is undefined`) : global;
  }
}

/** Names that statements set: one frame for each loop turn, macro call or block. */
export class Frame {
  readonly instance: Instance;
  readonly names = new Map<string, Value>();
  readonly #parent: Frame | undefined;
  constructor(instance: Instance, parent?: Frame) {
    this.instance = instance;
    this.#parent = parent;
  }
  /** Set in this frame or one around it; undefined when it is not. */
  own(name: string): Value | undefined {
    const value = this.names.get(name);
    return value === undefined ? this.#parent?.own(name) : value;
  }
  /** As an included template sees it: frames first, then whatever the includer's includer holds. */
  find(name: string): Value | undefined {
    const value = this.lookup(name);
    return value instanceof Undefined ? undefined : value;
  }
  lookup(name: string): Value {
    const value = this.own(name);
    return value === undefined ? this.instance.resolve(name) : value;
  }
  inner(): Frame {
    return new Frame(this.instance, this);
  }
  /** The frame of the page's top. */
  top(): Frame {
    return this.#parent ? this.#parent.top() : this;
  }
}
