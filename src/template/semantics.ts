import type { SemanticsVersion } from '../model/semantics.ts';
import { evaluationError } from '../value/errors.ts';
import { truth, typeName } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import type { Value } from '../value/value.ts';
import { nativeResult, stored } from './native.ts';
import { plainText, playbookResult, textResult } from './result.ts';
import type { Concat } from './run.ts';
import { NATIVE_PLAYBOOK_SYNTAX, PLAYBOOK_SYNTAX, type Syntax } from './syntax.ts';

/**
 * Who takes a result. `value`: somebody who does something with it. `variable`: other templates, which may find more in it than a value can
 * hold. `fact`: a variable that is kept.
 */
export type Purpose = 'value' | 'variable' | 'fact';

/** All that tells one version's templates from the other's, but for filters, tests and lookups that changed; they ask whether it is `native`. */
export interface Semantics {
  /** Jinja's native types: values keep them, text stays text, and an undefined argument is what a filter or a method gives. */
  readonly native: boolean;
  /** Of playbook strings. */
  readonly syntax: Syntax;
  /** How the pieces of a playbook string become its result. */
  readonly ofText: Concat;
  /** The same for a template file. */
  readonly ofFile: Concat;
  readonly taken: Readonly<Record<Purpose, (result: Value) => Value>>;
  /** A template file's result as it is written. */
  written(result: Value): string;
  /** Does a condition with this value hold? */
  holds(value: Value): boolean;
}

const same = (value: Value): Value => value;

const classic: Semantics = {
  native: false,
  syntax: PLAYBOOK_SYNTAX,
  ofText: playbookResult,
  ofFile: textResult,
  taken: { value: plainText, variable: same, fact: same },
  written: str,
  holds: truth,
};

const native: Semantics = {
  native: true,
  syntax: NATIVE_PLAYBOOK_SYNTAX,
  ofText: nativeResult,
  ofFile: nativeResult,
  taken: { value: stored, variable: same, fact: stored },
  written: result => (result === null ? '' : str(stored(result))),
  holds(value) {
    if (typeof value === 'boolean') return value;
    const verdict = truth(value) ? 'True' : 'False';
    throw evaluationError(
      `Conditional result (${verdict}) was derived from value of type '${typeName(value)}'. Conditionals must have a boolean result.`,
    );
  },
};

export const semanticsOf: Readonly<Record<SemanticsVersion, Semantics>> = { '2.18': classic, '2.19': native };
