import { withoutCollection } from '../../model/builtin.ts';
import { KplayError } from '../../model/errors.ts';
import type { Named } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { isText, MarkedText, textOf, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { hear } from '../../value/scope.ts';
import { Undefined, type Value } from '../../value/value.ts';
import { firstUndefined } from '../native.ts';
import type { Run } from '../run.ts';
import type { Lookup } from './define.ts';
import { fileLookups } from './file.ts';
import { listLookups } from './list.ts';
import { password } from './password.ts';
import { url } from './url.ts';

const lookups: ReadonlyMap<string, Lookup> = new Map(Object.entries({ ...fileLookups, ...listLookups, password, url }));
export const lookupNames = (): Iterable<string> => lookups.keys();
/** Lookups whose answer may differ from one moment to the next. */
const IMPURE: ReadonlySet<string> = new Set(['password', 'pipe', 'lines', 'url', 'random_choice']);
export const isImpureLookup = (name: string): boolean => IMPURE.has(withoutCollection(name));

const OPTIONS = ['wantlist', 'errors', 'allow_unsafe'];

/** A lookup's answers as a list: what `with_<name>` loops over. */
export const lookupList = (name: string, terms: readonly Value[], named: Named, run: Run): readonly Value[] => {
  const find = lookups.get(withoutCollection(name));
  if (!find) throw evaluationError(`lookup plugin (${name}) not found`);
  for (const term of terms) if (term instanceof Undefined && !term.lenient) throw new KplayError('E_UNDEFINED', term.message);
  return find(terms, named, run);
};

/** These take an undefined argument for what it is. */
const SEE_UNDEFINED: ReadonlySet<string> = new Set(['env', 'first_found']);

/** Terms are templates once more (listify_lookup_plugin_terms, until 2.18), but never what a host may have put together. */
const templated = (terms: readonly Value[], run: Run): readonly Value[] =>
  run.native || run.heard() ? terms : terms.map(term => run.services.render(term, run));

/** lookup(name, …): answers joined by commas when they are text, the sole one as it is, a list with `wantlist`. */
export const lookup = (name: string, terms: readonly Value[], named: Named, run: Run): Value => {
  const missing = run.native && !SEE_UNDEFINED.has(withoutCollection(name)) ? firstUndefined(terms, named) : undefined;
  if (missing) return missing;
  const wantList = truth(named.get('wantlist') ?? false);
  const errors = str(named.get('errors') ?? 'strict');
  const rest = new Map([...named].filter(([option]) => !OPTIONS.includes(option)));
  let found: readonly Value[];
  try {
    found = lookupList(name, templated(terms, run), rest, run);
  } catch (error) {
    const ignored = error instanceof KplayError && error.code !== 'E_UNDEFINED' && (errors === 'ignore' || errors === 'warn');
    if (!ignored) throw error;
    return wantList ? [] : null;
  }
  const isTrusted = truth(named.get('allow_unsafe') ?? false);
  // 2.18 leaves the answers that it is told to trust alone altogether.
  if (found.length === 0 || (isTrusted && !run.native)) return [...found];
  if (!isTrusted) hear(run.scope);
  if (wantList) return [...found];
  if (found.every(isText)) {
    const text = found.map(textOf).join(',');
    return found[0] instanceof MarkedText ? new MarkedText(text) : text;
  }
  const [only] = found;
  return found.length === 1 && only !== undefined ? only : [...found];
};
