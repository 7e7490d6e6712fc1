import type { TemplateOptions } from '../model/module.ts';
import type { Source } from '../model/source.ts';
import type { Difference } from '../template/difference.ts';
import type { Templar } from '../template/templar.ts';
import type { Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';

/** The templar as the engine uses it: in a task's turn, or ahead of it, where what is impure is not evaluated. `at`: where it is written. */
export interface Templating {
  resolve(value: Value, scope: Scope, at?: Source): Value;
  /** For a variable, which other templates look into. */
  variable(value: Value, scope: Scope): Value;
  /** For a variable that is kept. */
  fact(value: Value, scope: Scope, at?: Source): Value;
  condition(expression: Value, scope: Scope, at?: Source): boolean;
  renderFile(path: string, scope: Scope, folders: readonly string[], options: TemplateOptions): string;
  /** A lookup plugin by name, as `with_<name>` runs it. */
  lookup(name: string, terms: readonly Value[], scope: Scope): readonly Value[];
}

/** `differ` is told of results that would be others in the other semantics. */
export const templating = (templar: Templar, speculative: boolean, differ?: (difference: Difference) => void): Templating => {
  // Variables are evaluated where something that has a place asks for them.
  let place: Source | undefined;
  const onDifference = differ && ((difference: Difference): void => differ(place ? { at: place, ...difference } : difference));
  const options = { speculative, onDifference };
  const placed = <T>(at: Source | undefined, evaluate: () => T): T => {
    const outer = place;
    place = at ?? outer;
    try {
      return evaluate();
    } finally {
      place = outer;
    }
  };
  return {
    resolve: (value, scope, at) => placed(at, () => templar.resolve(value, scope, options)),
    variable: (value, scope) => templar.resolve(value, scope, { ...options, as: 'variable' }),
    fact: (value, scope, at) => placed(at, () => templar.resolve(value, scope, { ...options, as: 'fact' })),
    condition: (expression, scope, at) => placed(at, () => templar.condition(expression, scope, options)),
    renderFile: (path, scope, folders, settings) => templar.renderFile(path, scope, folders, { ...settings, ...options }),
    lookup: (name, terms, scope) => templar.lookup(name, terms, scope, { speculative }),
  };
};
