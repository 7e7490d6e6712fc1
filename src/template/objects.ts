import { type Named, NO_NAMES } from '../value/call.ts';
import { equals } from '../value/compare.ts';
import { evaluationError } from '../value/errors.ts';
import { str } from '../value/repr.ts';
import { Iterated } from '../value/kinds.ts';
import { PyObject, Tuple, Undefined, type Value } from '../value/value.ts';

/** `namespace()`: attributes that a template may set from inside a loop. */
export class Namespace extends PyObject {
  override readonly typeName = 'Namespace';
  readonly values: Map<string, Value>;
  constructor(values: Map<string, Value>) {
    super();
    this.values = values;
  }
  override attribute(name: string): Value | undefined {
    return this.values.get(name);
  }
}

/** `loop` inside a for statement. */
export class Loop extends PyObject {
  override readonly typeName = 'LoopContext';
  readonly #items: readonly Value[];
  readonly #depth: number;
  readonly #recurse: ((items: Value) => Value) | undefined;
  #last: Value[] | undefined;
  /** The turn, from 0; moved on by the for statement. */
  at = 0;
  constructor(items: readonly Value[], depth: number, recurse?: (items: Value) => Value) {
    super();
    this.#items = items;
    this.#depth = depth;
    this.#recurse = recurse;
  }

  override attribute(name: string): Value | undefined {
    const { length } = this.#items;
    switch (name) {
      case 'index':
        return this.at + 1;
      case 'index0':
        return this.at;
      case 'revindex':
        return length - this.at;
      case 'revindex0':
        return length - this.at - 1;
      case 'first':
        return this.at === 0;
      case 'last':
        return this.at === length - 1;
      case 'length':
        return length;
      case 'depth':
        return this.#depth + 1;
      case 'depth0':
        return this.#depth;
      case 'previtem':
        return this.#neighbour(-1, 'there is no previous item');
      case 'nextitem':
        return this.#neighbour(1, 'there is no next item');
      case 'cycle':
        return new Callable('cycle', args => this.#cycle(args));
      case 'changed':
        return new Callable('changed', args => this.#changed(args));
      default:
        return undefined;
    }
  }
  override call(args: readonly Value[]): Value {
    if (!this.#recurse) throw evaluationError("The loop must have the 'recursive' marker to be called recursively.");
    return this.#recurse(args[0] ?? null);
  }

  #neighbour(step: number, otherwise: string): Value {
    const item = this.#items[this.at + step];
    return item === undefined ? new Undefined(otherwise) : item;
  }
  #cycle(args: readonly Value[]): Value {
    const item = args[this.at % args.length];
    if (item === undefined) throw evaluationError('no items for cycling given');
    return item;
  }
  #changed(args: readonly Value[]): boolean {
    const values = [...args];
    const changed = this.#last === undefined || !equals(this.#last, values);
    this.#last = values;
    return changed;
  }
}

/** A function that templates can call. */
export class Callable extends PyObject {
  override readonly typeName = 'function';
  readonly label: string;
  readonly #run: (args: readonly Value[], named: Named) => Value;
  constructor(label: string, run: (args: readonly Value[], named: Named) => Value) {
    super();
    this.label = label;
    this.#run = run;
  }
  override call(args: readonly Value[], named: Named = NO_NAMES): Value {
    return this.#run(args, named);
  }
}

/** What `{% import %}` binds: the names a template set at its top. */
export class TemplateModule extends PyObject {
  override readonly typeName = 'TemplateModule';
  readonly #names: ReadonlyMap<string, Value>;
  constructor(names: ReadonlyMap<string, Value>) {
    super();
    this.#names = names;
  }
  override attribute(name: string): Value | undefined {
    return name.startsWith('_') ? undefined : this.#names.get(name);
  }
}

/** `cycler(…)`. */
export class Cycler extends PyObject {
  override readonly typeName = 'Cycler';
  readonly #items: readonly Value[];
  #at = 0;
  constructor(items: readonly Value[]) {
    super();
    if (items.length === 0) throw evaluationError('at least one item has to be provided');
    this.#items = items;
  }
  get #current(): Value {
    return this.#items[this.#at] ?? null;
  }
  override attribute(name: string): Value | undefined {
    switch (name) {
      case 'current':
        return this.#current;
      case 'next':
        return new Callable('next', () => {
          const value = this.#current;
          this.#at = (this.#at + 1) % this.#items.length;
          return value;
        });
      case 'reset':
        return new Callable('reset', () => {
          this.#at = 0;
          return null;
        });
      default:
        return undefined;
    }
  }
}

const MAX_RANGE = 10_000_000;
/** Python's range(…). */
export const range = (args: readonly Value[]): Value => {
  const numbers = args.map(value => {
    if (value instanceof Undefined || typeof value !== 'number')
      throw evaluationError(`'${str(value)}' cannot be interpreted as an integer`);
    return value;
  });
  if (numbers.length < 1 || numbers.length > 3) throw evaluationError(`range expected 1 to 3 arguments, got ${numbers.length}`);
  const [start, stop] = numbers.length === 1 ? [0, numbers[0] ?? 0] : [numbers[0] ?? 0, numbers[1] ?? 0];
  const step = numbers[2] ?? 1;
  if (step === 0) throw evaluationError('range() arg 3 must not be zero');
  const size = Math.max(0, Math.ceil((stop - start) / step));
  if (size > MAX_RANGE) throw evaluationError(`Range too big. The maximum size is ${MAX_RANGE}.`);
  const label = `range(${start}, ${stop}${step === 1 ? '' : `, ${step}`})`;
  return Iterated.holding(
    'range',
    Array.from({ length: size }, (_, at) => start + at * step),
    label,
  );
};

export const tupleOf = (...items: readonly Value[]): Tuple => Tuple.holding(items);
