import type { Value } from './value.ts';

/** Names as one template evaluation sees them, already templated themselves. `undefined` = no such name. */
export interface Scope {
  lookup(name: string): Value | undefined;
  names(): Iterable<string>;
  /** The name's own definition is a template. Ansible keeps a number's type through a sole `{{ name }}` only when it is not. */
  derived?(name: string): boolean;
  /** How many lookups so far gave what a host said, or what was made of that. Text which such a lookup had a part in is nobody's program. */
  hearsay?(): number;
}

export interface Overheard<T> {
  readonly value: T;
  /** A host had a part in it. */
  readonly hearsay: boolean;
}
export const overheard = <T>(scope: Scope, evaluate: () => T): Overheard<T> => {
  const before = scope.hearsay?.();
  const value = evaluate();
  return { value, hearsay: scope.hearsay?.() !== before };
};
