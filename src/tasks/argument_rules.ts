import { equals } from '../value/compare.ts';
import { getKey, hasKey } from '../value/dict.ts';
import { iterate } from '../value/iterate.ts';
import { isDict, isText, truth } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import type { Dict, Value } from '../value/value.ts';

const namesIn = (term: Value): readonly Value[] => (isText(term) ? [term] : iterate(term));
const joined = (term: Value, by: string): string => iterate(term).map(str).join(by);
const count = (term: Value, given: Dict): number => namesIn(term).filter(name => hasKey(given, name)).length;
const isSet = (name: Value, given: Dict): boolean => (getKey(given, name) ?? null) !== null;

/** What a rule has against the options that are given: Ansible's message, of the first group that breaks it. */
type Rule = (groups: Value, given: Dict) => string | undefined;

export const exclusive: Rule = (groups, given) => {
  const broken = iterate(groups).filter(group => count(group, given) > 1);
  return broken.length === 0 ? undefined : `parameters are mutually exclusive: ${broken.map(group => joined(group, '|')).join(', ')}`;
};

const together: Rule = (groups, given) => {
  const broken = iterate(groups).find(group => {
    const there = iterate(group).map(name => count(name, given) > 0);
    return there.includes(true) && there.includes(false);
  });
  return broken === undefined ? undefined : `parameters are required together: ${joined(broken, ', ')}`;
};

const oneOf: Rule = (groups, given) => {
  const broken = iterate(groups).find(group => count(group, given) === 0);
  return broken === undefined ? undefined : `one of the following is required: ${joined(broken, ', ')}`;
};

/** Each is an option, a value, what that value requires, and whether one of those is enough. */
const requiredIf: Rule = (groups, given) => {
  for (const group of iterate(groups)) {
    const [option = null, value = null, required = [], any = false] = iterate(group);
    const actual = getKey(given, option);
    if (actual === undefined || !equals(actual, value)) continue;
    const names = iterate(required);
    const missing = names.filter(name => count(name, given) === 0);
    const isAnyEnough = truth(any);
    if (missing.length > 0 && (!isAnyEnough || missing.length === names.length))
      return `${str(option)} is ${str(value)} but ${isAnyEnough ? 'any' : 'all'} of the following are missing: ${missing.map(str).join(', ')}`;
  }
  return undefined;
};

const requiredBy: Rule = (groups, given) => {
  for (const [option, required] of isDict(groups) ? groups : []) {
    if (!isSet(option, given)) continue;
    const missing = namesIn(required).filter(name => !isSet(name, given));
    if (missing.length > 0) return `missing parameter(s) required by '${str(option)}': ${missing.map(str).join(', ')}`;
  }
  return undefined;
};

/** Those that are checked when types are, by the attribute that states them (module_utils/common/validation.py). */
export const RULES: Readonly<Record<string, Rule>> = {
  required_together: together,
  required_one_of: oneOf,
  required_if: requiredIf,
  required_by: requiredBy,
};
