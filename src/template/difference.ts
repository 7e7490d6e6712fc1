import { KplayError } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import { typeName } from '../value/kinds.ts';
import { repr } from '../value/repr.ts';
import type { Value } from '../value/value.ts';
import { type Semantics, semanticsOf } from './semantics.ts';

/** A result that is another one in the other semantics. */
export interface Difference {
  /** `a str in ansible-core 2.18, an int in 2.19`. Types alone: a value may be a secret. */
  readonly message: string;
  /** The template, unless it is a file. */
  readonly text?: string;
  readonly at?: Source;
}
export type OnDifference = (difference: Difference) => void;

const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
/** What becomes of it, and what tells it from another of its kind. */
const outcome = (make: () => Value): readonly [kind: string, value: string] => {
  try {
    const value = make();
    return [typeName(value), repr(value)];
  } catch (error) {
    if (error instanceof KplayError) return ['error', ''];
    throw error;
  }
};
const told = (make: (semantics: Semantics) => Value): string | undefined => {
  const [[before, old], [after, recent]] = [outcome(() => make(semanticsOf['2.18'])), outcome(() => make(semanticsOf['2.19']))];
  if (before === after && old === recent) return undefined;
  if (before === after) return `another ${after} in ansible-core 2.19 than in 2.18`;
  return `${article(before)} in ansible-core 2.18, ${article(after)} in 2.19`;
};
/** How the results of the same pieces differ; `ended` gives a result the newlines of its template. */
export const differenceOf = (pieces: readonly Value[], isFile: boolean, ended: (result: Value) => Value): string | undefined =>
  told(({ ofText, ofFile, taken, written }) => (isFile ? written(ended(ofFile(pieces))) : taken.value(ended(ofText(pieces)))));
/** The same of a condition's value. */
export const verdictsOf = (value: Value): string | undefined => told(({ holds }) => holds(value));
