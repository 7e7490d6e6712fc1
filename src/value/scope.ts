import type { Value } from './value.ts';

/** Names as one template evaluation sees them, already templated themselves. `undefined` = no such name. */
export interface Scope {
  lookup(name: string): Value | undefined;
  names(): Iterable<string>;
  /** The name's own definition is a template. Ansible keeps a number's type through a sole `{{ name }}` only when it is not. */
  derived?(name: string): boolean;
  /** Text which a look at hearsay had a part in is nobody's program. */
  readonly hearsay?: Tally;
}

/** Counts the looks at what a host or a lookup plugin said, or at what was made of that. Scopes that see each other share it. */
export class Tally {
  looks = 0;
}

/** Notes that hearsay had a part in what is being evaluated. */
export const hear = ({ hearsay }: Scope): void => {
  if (hearsay) hearsay.looks += 1;
};

export interface Overheard<T> {
  readonly value: T;
  /** A host or a lookup plugin had a part in it. */
  readonly hearsay: boolean;
}
export const overheard = <T>(scope: Scope, evaluate: () => T): Overheard<T> => {
  const heard = listening(scope);
  return { value: evaluate(), hearsay: heard() };
};
/** Tells whether hearsay had a part in what was evaluated since. */
export const listening = ({ hearsay }: Scope): (() => boolean) => {
  const before = hearsay?.looks;
  return () => hearsay?.looks !== before;
};
