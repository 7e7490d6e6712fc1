import type { TemplateOptions } from '../model/module.ts';
import type { Templar } from '../template/templar.ts';
import type { Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { overlay } from './overlay.ts';

/** The templar as the engine uses it: in a task's turn, or ahead of it, where what is impure is not evaluated. */
export interface Templating {
  resolve(value: Value, scope: Scope): Value;
  /** For a variable, which other templates look into. */
  variable(value: Value, scope: Scope): Value;
  /** For a variable that is kept. */
  fact(value: Value, scope: Scope): Value;
  condition(expression: Value, scope: Scope): boolean;
  renderFile(path: string, scope: Scope, folders: readonly string[], options: TemplateOptions): string;
  /** A lookup plugin by name, as `with_<name>` runs it. */
  lookup(name: string, terms: readonly Value[], scope: Scope): Value;
}

export const templating = (templar: Templar, speculative: boolean): Templating => ({
  resolve: (value, scope) => templar.resolve(value, scope, { speculative }),
  variable: (value, scope) => templar.resolve(value, scope, { speculative, as: 'variable' }),
  fact: (value, scope) => templar.resolve(value, scope, { speculative, as: 'fact' }),
  condition: (expression, scope) => templar.condition(expression, scope, { speculative }),
  renderFile: (path, scope, folders, options) => templar.renderFile(path, scope, folders, { ...options, speculative }),
  lookup: (name, terms, scope) => {
    const asked = new Map<string, Value>([
      ['_lookup', name],
      ['_terms', [...terms]],
    ]);
    return templar.resolve('{{ query(_lookup, *_terms) }}', overlay(scope, asked), { speculative });
  },
});
