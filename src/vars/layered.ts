import { KplayError } from '../model/errors.ts';
import { isText } from '../value/kinds.ts';
import { type Scope, Tally } from '../value/scope.ts';
import { Unsafe } from '../value/unsafe.ts';
import { PyObject, Undefined } from '../value/value.ts';
import type { Value } from '../value/value.ts';

export type Vars = ReadonlyMap<string, Value>;

export interface Layer {
  readonly vars: Vars;
  /** Values that are not templated again: registers, facts, set_fact. Those that are known to be no hearsay are. */
  readonly final: boolean;
  /** Names whose values a host or a lookup plugin said, or that were made of such. */
  readonly hearsay?: (name: string) => boolean;
}

/** A value with the templates in it evaluated: the template room's `Templar.resolve`, marked text kept. */
export type Resolve = (value: Value, scope: Scope) => Value;

/** Layers of variables seen as one. */
export interface Layered extends Scope {
  /**
   * The same names with others on top of everything, magic too; templates further down see them (a loop's item). Those that are hearsay are
   * final.
   */
  over(vars: Vars, hearsay: (name: string) => boolean): Layered;
  /** `hostvars[host]`: text with undefined names in it is given as it is written. */
  lenient(): Scope;
  readonly hearsay: Tally;
}

/**
 * Variables by precedence, each templated when it is first asked for, with all the others in sight. Layers go from low to high; `magic`
 * names beat them all. A variable that needs itself is E_TEMPLATE and names the circle.
 */
export const layered = (layers: readonly Layer[], resolve: Resolve, magic: Scope, hearsay = new Tally()): Layered =>
  new LayeredScope(layers.toReversed(), resolve, magic, [], hearsay);

/** What text with an undefined name in it stands for: itself. */
export const asFarAsDefined = (value: Value, scope: Scope, resolve: Resolve): Value => {
  if (Array.isArray(value)) return value.map(item => asFarAsDefined(item, scope, resolve));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, asFarAsDefined(item, scope, resolve)]));
  try {
    return resolve(value, scope);
  } catch (error) {
    if (error instanceof KplayError && error.code === 'E_UNDEFINED') return value;
    throw error;
  }
};

const holds = (value: Value, such: (item: Value) => boolean): boolean => {
  if (Array.isArray(value)) return value.some(item => holds(item, such));
  return value instanceof Map ? [...value.values()].some(item => holds(item, such)) : such(value);
};
/** Numbers, booleans and None are no program, whoever said them. */
const mayBeProgram = (item: Value): boolean => isText(item) || item instanceof PyObject;
const isUnsafe = (item: Value): boolean => item instanceof Unsafe;

interface Definition {
  readonly value: Value;
  readonly final: boolean;
  readonly hearsay: boolean;
}

class LayeredScope implements Layered {
  /** From high to low. */
  readonly #layers: readonly Layer[];
  readonly #resolve: Resolve;
  readonly #magic: Scope;
  /** From high to low. */
  readonly #tops: readonly Layer[];
  readonly #known = new Map<string, Value>();
  /** Of those, the ones that are hearsay. */
  readonly #heard = new Set<string>();
  readonly hearsay: Tally;
  /** Names being templated right now, outermost first. */
  readonly #open = new Set<string>();

  constructor(layers: readonly Layer[], resolve: Resolve, magic: Scope, tops: readonly Layer[], hearsay: Tally) {
    this.#layers = layers;
    this.#resolve = resolve;
    this.#magic = magic;
    this.#tops = tops;
    this.hearsay = hearsay;
  }

  over(vars: Vars, hearsay: (name: string) => boolean): Layered {
    return new LayeredScope(this.#layers, this.#resolve, this.#magic, [{ vars, final: true, hearsay }, ...this.#tops], this.hearsay);
  }
  lenient(): Scope {
    return {
      lookup: name => {
        const value = this.lookup(name);
        return value instanceof Undefined ? asFarAsDefined(this.#definition(name)!.value, this, this.#resolve) : value;
      },
      names: () => this.names(),
      hearsay: this.hearsay,
    };
  }

  lookup(name: string): Value | undefined {
    const known = this.#known.get(name);
    // None is known, too.
    const value = known === undefined ? this.#learn(name) : known;
    if (this.#heard.has(name)) this.hearsay.looks += 1;
    return value;
  }

  names(): Iterable<string> {
    const names = new Set(this.#magic.names());
    for (const { vars } of [...this.#tops, ...this.#layers]) for (const name of vars.keys()) names.add(name);
    return names;
  }

  derived(name: string): boolean {
    const { value, final } = this.#definition(name) ?? { final: true };
    return !final && typeof value === 'string' && /\{[{%#]/.test(value);
  }

  #learn(name: string): Value | undefined {
    const found = this.#definition(name);
    if (found === undefined) return undefined;
    const before = this.hearsay.looks;
    const value = found.final ? found.value : this.#evaluate(name, found.value);
    this.#known.set(name, value);
    if (holds(value, found.hearsay || this.hearsay.looks > before ? mayBeProgram : isUnsafe)) this.#heard.add(name);
    return value;
  }
  #definition(name: string): Definition | undefined {
    const top = definedIn(this.#tops, name);
    if (top) return top;
    const ready = name === 'vars' ? new VarsView(this) : this.#magic.lookup(name);
    return ready === undefined ? definedIn(this.#layers, name) : { value: ready, final: true, hearsay: false };
  }

  #evaluate(name: string, value: Value): Value {
    if (this.#open.has(name)) {
      const open = [...this.#open];
      const circle = [...open.slice(open.indexOf(name)), name].join(' → ');
      throw new KplayError('E_TEMPLATE', `the variable ${name} needs itself: ${circle}`);
    }
    this.#open.add(name);
    try {
      return this.#resolve(value, this);
    } catch (error) {
      // Ansible hands on an undefined value, so that `default` and `is defined` may still look at it.
      if (error instanceof KplayError && error.code === 'E_UNDEFINED') return new Undefined(error.message);
      throw error;
    } finally {
      this.#open.delete(name);
    }
  }
}

const definedIn = (layers: readonly Layer[], name: string): Definition | undefined => {
  for (const { vars, final, hearsay } of layers) {
    const value = vars.get(name);
    if (value !== undefined) return { value, final: final && hearsay?.(name) !== false, hearsay: hearsay?.(name) ?? false };
  }
  return undefined;
};

/** A scope as a dict: the magic variable `vars`, and what `hostvars[host]` gives. */
export class VarsView extends PyObject {
  override readonly typeName = 'dict';
  readonly #scope: Scope;
  constructor(scope: Scope) {
    super();
    this.#scope = scope;
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.#scope.lookup(key) : undefined;
  }
  override keys(): readonly Value[] {
    return [...this.#scope.names()];
  }
}
