import { evaluationError } from '../../value/errors.ts';
import { isDict, isList, isSequence, isText, textOf, typeName } from '../../value/kinds.ts';
import { pythonRegex } from '../../value/python-regex.ts';
import { str } from '../../value/repr.ts';
import type { Dict, Value } from '../../value/value.ts';
import type { Filter } from '../run.ts';
import { type Filters, takes } from './define.ts';

type Match = (key: string) => boolean;
/** How a key is compared with one target. */
const matcher = (how: string, target: string): Match => {
  switch (how) {
    case 'equal':
      return key => key === target;
    case 'starts_with':
      return key => key.startsWith(target);
    case 'ends_with':
      return key => key.endsWith(target);
    case 'regex': {
      const { source, flags } = pythonRegex(target);
      return key => new RegExp(source, `${flags}y`).test(key);
    }
    default:
      throw evaluationError(`The matching_parameter must be one of equal, starts_with, ends_with, regex. matching_parameter=${how}`);
  }
};

const dictsOf = (input: Value): readonly (readonly [string, Value][])[] => {
  if (!isSequence(input)) throw evaluationError(`First argument must be a list. ${str(input)} is ${typeName(input)}`);
  return input.map(item => {
    if (!isDict(item)) throw evaluationError(`The data items must be dictionaries. ${str(item)} is ${typeName(item)}`);
    return [...item].map(([key, value]): [string, Value] => {
      if (isText(key)) return [textOf(key), value];
      throw evaluationError(`Top level keys must be strings. keys: ${str(key)}`);
    });
  });
};
const textOfTarget = (target: Value): string => {
  if (isText(target)) return textOf(target);
  throw evaluationError(`The target items must be strings. ${str(target)} is ${typeName(target)}`);
};
const targetsOf = (target: Value, how: string): string[] => {
  const targets = isSequence(target) ? target : [target];
  if (targets.length === 0 || target === '') throw evaluationError("The target can't be empty.");
  if (how === 'regex' && targets.length > 1)
    throw evaluationError('Single item is required in the target list if matching_parameter=regex.');
  return targets.map(textOfTarget);
};

const selected = (keep: boolean): Filter =>
  takes(['target', 'matching_parameter'], (input, [target = null, how = 'equal']) => {
    const dicts = dictsOf(input);
    const matches = targetsOf(target, str(how)).map(one => matcher(str(how), one));
    return dicts.map((pairs): Dict => new Map(pairs.filter(([key]) => matches.some(match => match(key)) === keep)));
  });
const replaced: Filter = takes(['target', 'matching_parameter'], (input, [target = null, how = 'equal']) => {
  const dicts = dictsOf(input);
  if (!isList(target) || target.length === 0) throw evaluationError('The target must be a list of dictionaries.');
  const changes = target.map(change => {
    const [before, after] = isDict(change) ? [change.get('before'), change.get('after')] : [];
    if (before === undefined || after === undefined)
      throw evaluationError('All dictionaries in target must include attributes: after, before.');
    return { match: matcher(str(how), textOfTarget(before)), after: textOfTarget(after) };
  });
  return dicts.map((pairs): Dict => new Map(pairs.map(([key, value]) => [changes.find(({ match }) => match(key))?.after ?? key, value])));
});

/** Keys of each dict of a list. */
export const keyFilters: Filters = { keep_keys: selected(true), remove_keys: selected(false), replace_keys: replaced };
