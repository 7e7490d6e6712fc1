import type { Value } from './value.ts';

/** Names as one template evaluation sees them, already templated themselves. `undefined` = no such name. */
export interface Scope {
  lookup(name: string): Value | undefined;
  names(): Iterable<string>;
}
