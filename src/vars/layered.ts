import { KplayError } from '../model/errors.ts';
import type { Scope } from '../value/scope.ts';
import { PyObject, Undefined } from '../value/value.ts';
import type { Value } from '../value/value.ts';

export type Vars = ReadonlyMap<string, Value>;

export interface Layer {
  readonly vars: Vars;
  /** Values that are not templated again: registers, facts, set_fact, loop items. */
  readonly final: boolean;
  /** Names whose values a host said, or that were made of such. */
  readonly hearsay?: (name: string) => boolean;
}

/** A value with the templates in it evaluated: the template room's `Templar.resolve`, marked text kept. */
export type Resolve = (value: Value, scope: Scope) => Value;

/** Layers of variables seen as one. */
export interface Layered extends Scope {
  /**
   * The same names with final ones on top of everything, magic too; templates further down see them (a loop's item). `hearsay`: they are of
   * what a host said.
   */
  over(vars: Vars, hearsay: boolean): Layered;
  hearsay(): number;
}

/**
 * Variables by precedence, each templated when it is first asked for, with all the others in sight. Layers go from low to high; `magic`
 * names beat them all. A variable that needs itself is E_TEMPLATE and names the circle.
 */
export const layered = (layers: readonly Layer[], resolve: Resolve, magic: Scope): Layered =>
  new LayeredScope(layers.toReversed(), resolve, magic, []);

interface Top {
  readonly vars: Vars;
  readonly hearsay: boolean;
}
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
  readonly #tops: readonly Top[];
  readonly #known = new Map<string, Value>();
  /** Of those, the ones that a host had a part in. */
  readonly #heard = new Set<string>();
  #hearsay = 0;
  /** Names being templated right now, outermost first. */
  readonly #open = new Set<string>();

  constructor(layers: readonly Layer[], resolve: Resolve, magic: Scope, tops: readonly Top[]) {
    this.#layers = layers;
    this.#resolve = resolve;
    this.#magic = magic;
    this.#tops = tops;
  }

  over(vars: Vars, hearsay: boolean): Layered {
    return new LayeredScope(this.#layers, this.#resolve, this.#magic, [{ vars, hearsay }, ...this.#tops]);
  }

  lookup(name: string): Value | undefined {
    const known = this.#known.get(name);
    // None is known, too.
    const value = known === undefined ? this.#learn(name) : known;
    if (this.#heard.has(name)) this.#hearsay += 1;
    return value;
  }
  hearsay(): number {
    return this.#hearsay;
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
    const before = this.#hearsay;
    const value = found.final ? found.value : this.#evaluate(name, found.value);
    this.#known.set(name, value);
    if (found.hearsay || this.#hearsay > before) this.#heard.add(name);
    return value;
  }
  #definition(name: string): Definition | undefined {
    const top = this.#tops.find(({ vars }) => vars.has(name));
    const ready = top ? top.vars.get(name) : name === 'vars' ? new VarsView(this) : this.#magic.lookup(name);
    if (ready !== undefined) return { value: ready, final: true, hearsay: top?.hearsay ?? name === 'hostvars' };
    for (const { vars, final, hearsay } of this.#layers) {
      const value = vars.get(name);
      if (value !== undefined) return { value, final, hearsay: hearsay?.(name) ?? false };
    }
    return undefined;
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
