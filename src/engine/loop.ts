import { KplayError } from '../model/errors.ts';
import type { Loop } from '../playbook/types.ts';
import { hear, type Scope } from '../value/scope.ts';
import { str } from '../value/repr.ts';
import { Undefined, type Value } from '../value/value.ts';
import { asFarAsDefined } from '../vars/layered.ts';
import type { Templating } from './templating.ts';

/** The items of `loop:` or `with_*`. A `loop` must be a list; `with_items` flattens one level; other styles are lookups. */
export const itemsOf = (loop: Loop, scope: Scope, templar: Templating): readonly Value[] => {
  const at = loop.items.at;
  // Of names with an undefined variable in them no file is found, and the next name is tried.
  const terms =
    loop.style === 'first_found' ? asFarAsDefined(loop.items.value, scope, templar.resolve) : templar.resolve(loop.items.value, scope, at);
  if (terms instanceof Undefined) throw new KplayError('E_UNDEFINED', terms.message, { at });
  if (loop.style === 'loop') {
    if (!Array.isArray(terms))
      throw new KplayError(
        'E_ARGS',
        `Invalid data passed to 'loop', it requires a list, got this instead: ${String(terms)}. Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup invocation or use q/query instead of lookup.`,
        { at },
      );
    return terms;
  }
  hear(scope);
  if (loop.style === 'list' && terms instanceof Map) throw new KplayError('E_ARGS', 'with_list expects a list', { at });
  const list = Array.isArray(terms) ? terms : [terms];
  if (loop.style === 'items' || loop.style === 'list') return loop.style === 'items' ? list.flat(1) : list;
  return templar.lookup(loop.style, list, scope);
};

/** A loop whose variables have their names: these may be templates. */
export const withNames = (loop: Loop, scope: Scope, templar: Templating): Loop => ({
  ...loop,
  loopVar: String(templar.resolve(loop.loopVar, scope)),
  ...(loop.indexVar !== undefined && { indexVar: String(templar.resolve(loop.indexVar, scope)) }),
});

/** What is shown for an item of a task with no_log: Ansible's words (CallbackBase._get_item_label). */
export const HIDDEN_ITEM = 'None';
export const HIDDEN_INCLUDED_ITEM = '(censored due to no_log)';
/** What is shown for an item. */
export const labelOf = (loop: Loop, item: Value, scope: Scope, templar: Templating): string =>
  str(loop.label ? templar.resolve(loop.label.value, scope) : (scope.lookup(loop.loopVar) ?? item));

/** Names that a loop gives its items: `item`, the index, and `ansible_loop` when `extended`. */
export const itemVars = (loop: Loop, items: readonly Value[], index: number): Map<string, Value> => {
  const vars = new Map<string, Value>([
    [loop.loopVar, items[index]!],
    ['ansible_loop_var', loop.loopVar],
  ]);
  if (loop.indexVar !== undefined) vars.set(loop.indexVar, index).set('ansible_index_var', loop.indexVar);
  if (loop.extended) vars.set('ansible_loop', extended(items, index, loop.allItems));
  return vars;
};
const extended = (items: readonly Value[], index: number, allItems: boolean): Value => {
  const about = new Map<Value, Value>([
    ['index', index + 1],
    ['index0', index],
    ['first', index === 0],
    ['last', index + 1 === items.length],
    ['length', items.length],
    ['revindex', items.length - index],
    ['revindex0', items.length - index - 1],
  ]);
  if (allItems) about.set('allitems', [...items]);
  if (index > 0) about.set('previtem', items[index - 1]!);
  if (index + 1 < items.length) about.set('nextitem', items[index + 1]!);
  return about;
};
